import { describe, expect, it } from 'vitest'
import { wasabiConfig } from '../../../src/sources/wasabi/config.ts'
import { createWasabiWebhookHandler } from '../../../src/sources/wasabi/webhook.ts'
import type { ReduceContext } from '../../../src/sources/webhook-handler.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

const source = toSourceInfo('wasabi', { system: 'wasabi' })
const config = wasabiConfig.parse({ token: 'wasabi-token-of-the-tests' })
const handler = createWasabiWebhookHandler({ source, config })
const receivedAt = '2024-06-01T12:00:00.000Z'
const body = {
  ...{ ticketId: '1', customerId: '2', status: 'OPEN' },
  ...{ createdAt: '2024-02-06T10:00:00Z', updatedAt: '2024-02-06T12:45:00Z' },
}
const textOf = (fields: object = {}) =>
  JSON.stringify({ eventType: 'CUSTOMER_CARE_TICKET', eventAction: 'UPDATED', version: 1, body: { ...body, ...fields } })
const reduce = (fields: object = {}, context: Partial<ReduceContext> = {}) =>
  handler.reduce(handler.decode({ raw: Buffer.from(textOf(fields)), eventId: null }), {
    ...{ receivedAt, ticket: null, state: null },
    ...context,
  })
function stored(fields: object = {}) {
  const result = reduce(fields)
  if (result.outcome !== 'APPLIED') throw new Error(result.why)
  return { ticket: result.ticket, state: result.state }
}

describe('the webhook of Wasabi', () => {
  it('answers for each of its events, which repeat themselves', () => {
    expect(handler).toMatchObject({ source, duplicateWindowMs: null, answersPerItem: true, recordKey: 'eventType' })
    const decoded = handler.decode({ raw: Buffer.from(textOf()), eventId: null })
    expect(decoded).toMatchObject({ tenant: '', externalId: '1', echoOf: null, payload: { status: 'OPEN' } })
  })

  it('is authorised by its token', () => {
    const authorise = (authorization?: unknown) =>
      handler.authorise({ rawBody: Buffer.from(''), contentType: '', headers: { authorization } as never, query: {} })
    const token = config.token
    for (const header of [`Bearer ${token}`, `bearer  ${token} `, `BEARER ${token}`]) expect(authorise(header)).toBe(true)
    const others = [
      undefined,
      token,
      `Bearer ${token}x`,
      `Bearer x${token}`,
      `xBearer ${token}`,
      `Bearer${token}`,
      `Bearer ${token} x`,
    ]
    for (const header of [...others, [`Bearer ${token}`]]) expect(authorise(header)).toBe(false)
  })

  it('has lines where its type says so, and is looked at otherwise', () => {
    const split = (text: string, contentType: string) =>
      handler
        .split({ rawBody: Buffer.from(text), contentType, headers: {}, query: {} })
        .map(({ raw, eventId }) => [raw.toString(), eventId])
    const pretty = JSON.stringify(JSON.parse(textOf()), null, 1)
    expect(split(pretty, 'application/json')).toEqual([[pretty, null]])
    for (const type of ['application/x-ndjson', 'application/NDJSON', 'application/jsonl'])
      expect(split(pretty, type).length).toBe(pretty.split('\n').length)
    expect(split(`${textOf()}\n${textOf()}`, 'application/json')).toEqual([
      [textOf(), null],
      [textOf(), null],
    ])
  })

  it('repairs records only where it is lenient (WASABI-03)', () => {
    const lenient = createWasabiWebhookHandler({ source, config, lenient: true })
    const raw = Buffer.from(textOf().replace('}}', ',}}'))
    expect(lenient.decode({ raw, eventId: null }).externalId).toBe('1')
    expect(() => handler.decode({ raw, eventId: null })).toThrow(/Not JSON/)
  })

  it('creates a ticket by its first snapshot, also by one that says UPDATED, and tells what a later one changed', () => {
    expect(reduce()).toMatchObject({
      ...{ outcome: 'APPLIED', kind: 'CREATED', actor: null, note: null, state: null, unknown: [] },
      ticket: { tenant: '', freshness: { observedAt: receivedAt } },
    })
    expect(reduce({ status: 'RESOLVED' }, stored())).toMatchObject({ outcome: 'APPLIED', kind: 'STATUS_CHANGED' })
    expect(reduce({ tags: ['a'] }, stored())).toMatchObject({ outcome: 'APPLIED', kind: 'UPDATED' })
    expect(reduce({ status: 'ASLEEP' })).toMatchObject({ unknown: ['status'] })
  })

  it('WASABI-02: shows the latest snapshot', () => {
    const before = stored()
    const older = reduce({ updatedAt: '2024-02-06T12:44:59Z', status: 'RESOLVED' }, { ...before, state: { assumedUtc: ['x'] } })
    expect(older).toEqual({ outcome: 'UNCHANGED', why: 'SUPERSEDED', state: { assumedUtc: ['x'] } })
    const same = reduce({}, { ...before, state: { assumedUtc: ['x'] } })
    expect(same).toEqual({ outcome: 'UNCHANGED', why: 'DUPLICATE', state: { assumedUtc: ['x'] } })
    expect(reduce({ updatedAt: '2024-02-06T12:45:01Z', status: 'RESOLVED' }, before)).toMatchObject({ outcome: 'APPLIED' })
  })

  it('WASABI-04: notes the times that were read as UTC', () => {
    expect(reduce({ createdAt: '2024-02-06T10:00:00', updatedAt: '2024-02-06T12:45:00' })).toMatchObject({
      note: 'times without an offset, read as UTC: createdAt, updatedAt',
      state: { assumedUtc: ['createdAt', 'updatedAt'] },
    })
  })
})
