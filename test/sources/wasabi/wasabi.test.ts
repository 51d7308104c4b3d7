import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { wasabiConfig } from '../../../src/sources/wasabi/config.ts'
import { toWasabiEnvelope } from '../../../src/sources/wasabi/envelope.ts'
import { createWasabiWebhookHandler } from '../../../src/sources/wasabi/webhook.ts'
import { requestOf, testWebhookHandlers, wasabiInfo } from '../../support/ingestion-fixture.ts'

const schema = JSON.parse(
  readFileSync(new URL('../../../src/sources/wasabi/customer-care-ticket.schema.json', import.meta.url), 'utf8'),
)
const example = readFileSync(new URL('../../fixtures/wasabi/documented-example.json.txt', import.meta.url))
const strict = testWebhookHandlers[1]!
const lenient = createWasabiWebhookHandler({ source: wasabiInfo, config: wasabiConfig.parse({ token: 't' }), lenient: true })
const receivedAt = '2024-06-01T12:00:00.000Z'
const body = {
  ticketId: '1',
  customerId: '2',
  status: 'OPEN',
  createdAt: '2024-02-06T10:00:00Z',
  updatedAt: '2024-02-06T12:45:00Z',
}
const envelope = (fields: object) =>
  JSON.stringify({ eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'UPDATED', version: 1.0, body: { ...body, ...fields } })
const decode = (text: string | Buffer, webhookHandler = strict) =>
  webhookHandler.decode({ raw: Buffer.from(text), eventId: null })

function reduce(text: string | Buffer, ticket: Ticket | null = null, webhookHandler = strict) {
  return webhookHandler.reduce(decode(text, webhookHandler), { receivedAt, ticket, state: null })
}
function ticketOf(text: string | Buffer, webhookHandler = strict): Ticket {
  const reduction = reduce(text, null, webhookHandler)
  if (reduction.outcome !== 'APPLIED') throw new Error(reduction.why)
  return reduction.ticket
}

describe('Wasabi', () => {
  test('refuses the documented example as printed, and says where (trap 3)', () => {
    // The first no-break space stands at the beginning of the second line, behind one blank.
    expect(() => decode(example)).toThrow(/line 2, column 2/)
  })

  test('mends the documented example when lenient, and puts every field in its place', () => {
    expect(ticketOf(example, lenient)).toMatchObject({
      externalId: '12345678',
      customer: { externalId: '12345678' },
      status: 'OPEN',
      sourceStatus: 'OPEN',
      title: 'Wrong product',
      reason: { kind: 'ORDER', code: 'WRONG_PRODUCT', label: 'Wrong product', orders: [] },
      origin: 'zendesk',
      channel: 'OTHER',
      resolvedAt: '2024-02-07T12:45:00.000Z',
      firstReplyTimeInMinutes: 12,
      createdAt: '2024-02-06T10:00:00.000Z',
      updatedAt: '2024-02-06T12:45:00.000Z',
    })
  })

  test('flags times without an offset, which count as UTC (trap 4)', () => {
    expect(reduce(example, null, lenient)).toMatchObject({ state: { assumedUtc: ['createdAt', 'updatedAt', 'resolvedAt'] } })
  })

  test('never overwrites with an older snapshot; of two with one time the later arrival counts (trap 2, W7)', () => {
    const known = ticketOf(envelope({ status: 'RESOLVED' }))
    expect(reduce(envelope({ updatedAt: '2024-02-06T12:44:59Z' }), known)).toMatchObject({
      outcome: 'UNCHANGED',
      why: 'SUPERSEDED',
    })
    expect(reduce(envelope({ status: 'RESOLVED' }), known)).toMatchObject({ outcome: 'UNCHANGED', why: 'DUPLICATE' })
    expect(reduce(envelope({ status: 'IN_PROGRESS' }), known)).toMatchObject({ outcome: 'APPLIED', kind: 'STATUS_CHANGED' })
  })

  test.each([
    [
      { type: 'LATE_DELIVERY', orderIds: ['7'] },
      { kind: 'ORDER', label: 'Late delivery', orders: [{ externalId: '7' }] },
    ],
    [
      { type: 'CANCELLATION', subscriptionContractIds: [] },
      { kind: 'CANCELLATION', subscriptionContractIds: [] },
    ],
    [{ type: 'SUBJECT_ACCESS_REQUEST' }, { kind: 'SUBJECT_ACCESS_REQUEST', subtype: null }],
    [
      { type: 'GHOSTS', who: 'x' },
      { kind: 'GENERAL', code: 'GHOSTS', label: 'Ghosts' },
    ],
  ])('gives the reason %j its shape (trap 5)', (reason, expected) => {
    expect(ticketOf(envelope({ reason })).reason).toMatchObject(expected)
  })

  test.each([
    ['email', 'EMAIL'],
    ['web form', 'WEB'],
    ['zendesk', 'OTHER'],
    ['pigeon', 'UNKNOWN'],
  ])('normalises the origin %s to %s and keeps the text (trap 6)', (ticketOrigin, channel) => {
    expect(ticketOf(envelope({ ticketOrigin }))).toMatchObject({ channel, origin: ticketOrigin })
  })

  test('of two snapshots with the same time the one that arrived later counts, also when the other is replayed', () => {
    const kept = ticketOf(envelope({ status: 'RESOLVED' }))
    const replay = (late: boolean, receivedAt: string) =>
      strict.reduce(decode(envelope({ status: 'OPEN' })), { receivedAt, late, ticket: kept, state: null })
    expect(replay(true, '2024-06-01T11:59:59.000Z')).toMatchObject({ outcome: 'UNCHANGED', why: 'SUPERSEDED' })
    expect(replay(true, '2024-06-01T12:00:01.000Z')).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'OPEN' } })
    // Clocks of replicas may differ: what was not held counts in the order in which it came.
    expect(replay(false, '2024-06-01T11:59:59.000Z')).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'OPEN' } })
  })

  test('takes a fractional first reply time (trap 7) and an unknown status as UNKNOWN', () => {
    const ticket = ticketOf(envelope({ firstReplyTimeInMinutes: 0.5, status: 'ASLEEP' }))
    expect(ticket).toMatchObject({ firstReplyTimeInMinutes: 0.5, status: 'UNKNOWN', sourceStatus: 'ASLEEP' })
  })

  test.each([
    [{ updatedAt: 'yesterday' }, /`body.updatedAt` is not an ISO 8601 time/],
    [{ ticketId: 12 }, /`body.ticketId` is not a text/],
    [{ reason: { type: 'CANCELLATION' } }, /subscriptionContractIds/],
  ])('refuses %j with its place', (fields, problem) => {
    expect(() => decode(envelope(fields))).toThrow(problem)
  })

  test.each([
    ['one envelope', envelope({}), 1],
    ['an array', `[${envelope({})}, ${envelope({})}]`, 2],
    ['NDJSON', `${envelope({})}\n\n${envelope({})}\n`, 2],
    ['a container', `{ "tickets": [${envelope({})},\n${envelope({})}] }`, 2],
    ['an empty array', '[]', 0],
    ['a pretty-printed envelope', JSON.stringify(JSON.parse(envelope({})), null, 2), 1],
    ['NDJSON with a broken line', `${envelope({})}\n{"broken\n${envelope({})}`, 3],
    ['rubbish', 'hello', 1],
  ])('cuts %s into its records', (_name, text, count) => {
    expect(strict.split(requestOf('wasabi', text))).toHaveLength(count)
  })

  test('lets nobody in without the right token', () => {
    expect(strict.authorise(requestOf('wasabi', '[]'))).toBe(true)
    expect(strict.authorise(requestOf('wasabi', '[]', { headers: { authorization: 'Bearer other' } }))).toBe(false)
    expect(strict.authorise(requestOf('wasabi', '[]', { headers: { authorization: 'wasabi-token' } }))).toBe(false)
  })

  test('writes envelopes that are valid against the published schema', () => {
    const ajv = new Ajv({ strict: false })
    addFormats.default(ajv)
    const validate = ajv.compile(schema)
    const full = ticketOf(envelope({ reason: { type: 'CANCELLATION', subscriptionContractIds: ['c'] }, tags: ['t'] }))
    const tickets: Ticket[] = [
      full,
      { ...full, reason: null, customer: null, createdAt: null, updatedAt: null, status: 'ESCALATED' },
    ]
    for (const ticket of tickets) {
      for (const action of ['CREATED', 'UPDATED'] as const) {
        expect(validate(toWasabiEnvelope(ticket, action)), JSON.stringify(validate.errors)).toBe(true)
      }
    }
    expect(toWasabiEnvelope(full, 'UPDATED').body).toMatchObject({
      ticketId: '1',
      customerId: '2',
      reason: { type: 'CANCELLATION' },
    })
    expect(toWasabiEnvelope(tickets[1]!, 'UPDATED').body).toMatchObject({
      status: 'IN_PROGRESS',
      customerId: 'unknown',
      updatedAt: receivedAt,
    })
  })
})
