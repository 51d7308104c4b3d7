import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { wasabiConfig } from '../../../src/sources/wasabi/config.ts'
import { createWasabiWebhookHandler } from '../../../src/sources/wasabi/webhook.ts'
import { requestOf, testWebhookHandlers, wasabiInfo } from '../../support/ingestion-fixture.ts'

const example = readFileSync(new URL('../../fixtures/wasabi/documented-example.json.txt', import.meta.url))
const strict = testWebhookHandlers[1]!
const lenient = createWasabiWebhookHandler({
  source: wasabiInfo,
  config: wasabiConfig.parse({ token: 'wasabi-token-of-the-tests' }),
  lenient: true,
})
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
  const result = reduce(text, null, webhookHandler)
  if (result.outcome !== 'APPLIED') throw new Error(result.why)
  return result.ticket
}

describe('Wasabi', () => {
  test('rejects the documented example as printed, and says where (WASABI-03)', () => {
    // The first no-break space stands at the beginning of the second line, behind one blank.
    expect(() => decode(example)).toThrow(/line 2, column 2/)
  })

  test('repairs the documented example when lenient, and maps every field (WASABI-03, WASABI-08)', () => {
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

  test('flags times without an offset, which count as UTC (WASABI-04)', () => {
    expect(reduce(example, null, lenient)).toMatchObject({ state: { assumedUtc: ['createdAt', 'updatedAt', 'resolvedAt'] } })
  })

  test('never overwrites with an older snapshot; of two with the same time the later arrival counts (WASABI-02, WEBHOOK-07, DECISION-26)', () => {
    const known = ticketOf(envelope({ status: 'RESOLVED' }))
    expect(reduce(envelope({ updatedAt: '2024-02-06T12:44:59Z' }), known)).toMatchObject({
      outcome: 'UNCHANGED',
      why: 'SUPERSEDED',
    })
    expect(reduce(envelope({ status: 'RESOLVED' }), known)).toMatchObject({ outcome: 'UNCHANGED', why: 'DUPLICATE' })
    expect(reduce(envelope({ status: 'IN_PROGRESS' }), known)).toMatchObject({ outcome: 'APPLIED', kind: 'STATUS_CHANGED' })
  })

  test('of two snapshots with the same time the one that arrived later counts, also when the other is replayed', () => {
    const stored = ticketOf(envelope({ status: 'RESOLVED' }))
    const replay = (late: boolean, receivedAt: string) =>
      strict.reduce(decode(envelope({ status: 'OPEN' })), { receivedAt, late, ticket: stored, state: null })
    expect(replay(true, '2024-06-01T11:59:59.000Z')).toMatchObject({ outcome: 'UNCHANGED', why: 'SUPERSEDED' })
    expect(replay(true, '2024-06-01T12:00:01.000Z')).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'OPEN' } })
    // Clocks of replicas may differ: an event that was not a dead letter counts in the order of arrival.
    expect(replay(false, '2024-06-01T11:59:59.000Z')).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'OPEN' } })
  })

  test.each([
    [{ updatedAt: 'yesterday' }, /`body.updatedAt` is not an ISO 8601 time/],
    [{ ticketId: 12 }, /`body.ticketId` is not a text/],
    [{ reason: { type: 'CANCELLATION' } }, /subscriptionContractIds/],
  ])('rejects %j and names the field', (fields, problem) => {
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
  ])('splits %s into its records', (_name, text, count) => {
    expect(strict.split(requestOf('wasabi', text))).toHaveLength(count)
  })

  test('accepts only a request with the right token (WEBHOOK-01)', () => {
    expect(strict.authorise(requestOf('wasabi', '[]'))).toBe(true)
    expect(strict.authorise(requestOf('wasabi', '[]', { headers: { authorization: 'Bearer other' } }))).toBe(false)
    expect(strict.authorise(requestOf('wasabi', '[]', { headers: { authorization: 'wasabi-token-of-the-tests' } }))).toBe(false)
  })
})
