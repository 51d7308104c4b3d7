import { describe, expect, it } from 'vitest'
import { repairRecord, toWasabiEvent } from '../../../src/sources/wasabi/decode.ts'
import { EventProblem } from '../../../src/sources/webhook-handler.ts'

// Records as the "Customer Care Tickets Import Schema" describes them (customer-care-ticket.schema.json).

const body = {
  ...{ ticketId: '1', customerId: '2', status: 'OPEN' },
  ...{ createdAt: '2024-02-06T10:00:00Z', updatedAt: '2024-02-06T12:45:00+01:00' },
}
const envelope = { eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'UPDATED', version: 1, body }
const of = (changes: object) => toWasabiEvent({ ...envelope, body: { ...body, ...changes } })

describe('an event of Wasabi', () => {
  it('has what its body tells', () => {
    const more = { reason: { type: 'LATE_DELIVERY', orderIds: ['7', 8], subtype: 'x' }, ticketOrigin: 'zendesk', tags: ['a', 7] }
    const times = { resolvedAt: '2024-02-07T12:45:00Z', firstReplyTimeInMinutes: 0.5 }
    const whole = { ...body, ...more, ...times }
    expect(toWasabiEvent({ ...envelope, eventAction: 'CREATED', body: whole })).toEqual({
      ...{ action: 'CREATED', ticketId: '1', customerId: '2', status: 'OPEN', ticketOrigin: 'zendesk', tags: ['a'] },
      reason: { type: 'LATE_DELIVERY', orderIds: ['7'], subscriptionContractIds: null, subtype: 'x' },
      ...{ resolvedAt: '2024-02-07T12:45:00.000Z', firstReplyTimeInMinutes: 0.5 },
      ...{ createdAt: '2024-02-06T10:00:00.000Z', updatedAt: '2024-02-06T11:45:00.000Z', assumedUtc: [], record: whole },
    })
  })

  it('needs its ids, its status and two times only', () => {
    const nothing = { reason: null, ticketOrigin: null, resolvedAt: null, firstReplyTimeInMinutes: null, tags: null }
    expect(of({})).toMatchObject({ action: 'UPDATED', ...nothing })
    expect(of({ reason: null, resolvedAt: null, tags: 'a' })).toMatchObject(nothing)
  })

  it('WASABI-04: names the times without an offset, which are read as UTC', () => {
    expect(of({ createdAt: '2024-02-06T10:00:00', resolvedAt: '2024-02-07T10:00:00' })).toMatchObject({
      ...{ createdAt: '2024-02-06T10:00:00.000Z', assumedUtc: ['createdAt', 'resolvedAt'] },
    })
    expect(of({ updatedAt: '2024-02-06T10:00:00' }).assumedUtc).toEqual(['updatedAt'])
  })

  it('WASABI-05: has a cancellation with its contracts, which may be none', () => {
    const reason = { type: 'CANCELLATION', subscriptionContractIds: [] }
    expect(of({ reason }).reason).toEqual({ ...reason, orderIds: null, subtype: null })
    expect(of({ reason: { type: 'OTHER' } }).reason).toMatchObject({ subscriptionContractIds: null })
  })

  it.each<[string, unknown, string]>([
    ['a list', [], 'The record is not a JSON object.'],
    ['another type', { ...envelope, eventType: 'ORDER' }, '`eventType` is not CUSTOMER_CARE_TICKET.'],
    ['another action', { ...envelope, eventAction: 'DELETED' }, '`eventAction` is neither CREATED nor UPDATED.'],
    ['another version', { ...envelope, version: '1' }, '`version` is not 1.'],
    ['no body', { ...envelope, body: null }, '`body` is not an object.'],
    ...['ticketId', 'customerId', 'status'].flatMap((field): [string, unknown, string][] => [
      [`a number as ${field}`, { ...envelope, body: { ...body, [field]: 1 } }, `\`body.${field}\` is not a text.`],
      [`no ${field}`, { ...envelope, body: { ...body, [field]: undefined } }, `\`body.${field}\` is not a text.`],
    ]),
    ...['createdAt', 'updatedAt'].map((field): [string, unknown, string] => [
      ...([`no ${field}`, { ...envelope, body: { ...body, [field]: null } }, `\`body.${field}\` is missing.`] as const),
    ]),
    ...['createdAt', 'updatedAt', 'resolvedAt'].map((field): [string, unknown, string] => [
      `a number as ${field}`,
      { ...envelope, body: { ...body, [field]: 1 } },
      `\`body.${field}\` is not an ISO 8601 time.`,
    ]),
    ['a text as reason', { ...envelope, body: { ...body, reason: 'x' } }, '`body.reason` is not an object.'],
    ['a reason without a type', { ...envelope, body: { ...body, reason: {} } }, '`body.reason.type` is not a text.'],
    [
      'a cancellation without contracts',
      { ...envelope, body: { ...body, reason: { type: 'CANCELLATION' } } },
      '`body.reason.subscriptionContractIds` is missing (it may be empty).',
    ],
  ])('is refused with %s', (_name, value, problem) => {
    let thrown: unknown
    try {
      toWasabiEvent(value)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toEqual(new EventProblem(problem))
  })
})

describe('WASABI-03: a record that is repaired', () => {
  it.each([
    ['a comma before a bracket', '{"a":[1,2,],"b":{"c":1, },\n}', '{"a":[1,2],"b":{"c":1 }\n}'],
    ['a comma behind a no-break space', '{"a":1,\u00a0\u202f\u2007}', '{"a":1   }'],
    ['commas and blanks behind it', '{"a":1},\n ,', '{"a":1}'],
    ['no-break spaces and a byte order mark', '\ufeff{\u00a0"a"\u202f:\u20071}', ' { "a" : 1}'],
    ['nothing wrong', '{"a":[1,2],"b":"x"}', '{"a":[1,2],"b":"x"}'],
  ])('has %s', (_name, text, repaired) => {
    expect(repairRecord(text)).toBe(repaired)
  })

  it('keeps its texts as they are', () => {
    const texts = ['a,}', ',]', '\u00a0', 'quote \\", }', 'end \\\\', 'two\nlines,\n}', '']
    for (const text of texts) expect(repairRecord(`{"${text}":"${text}"}`)).toBe(`{"${text}":"${text}"}`)
    expect(repairRecord('["a\\\\",]')).toBe('["a\\\\"]')
  })
})
