import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { toUnknownTicket } from '../../src/sources/mapped-ticket.ts'
import { toEchoFingerprint } from '../../src/sources/rbi/decode.ts'
import { storeTicket } from '../fixtures/rbi/store-ticket.ts'
import { openTestStore } from '../support/databases.ts'
import {
  createIngestionFixture,
  createTestClock,
  findTestSource,
  rbiInfo,
  vccEvent,
  wasabiEvent,
} from '../support/ingestion-fixture.ts'

const clock = createTestClock()
let store: Store
let fixture: ReturnType<typeof createIngestionFixture>

beforeAll(async () => {
  store = await openTestStore({ findSource: findTestSource, clock })
  fixture = createIngestionFixture(store, clock)
}, 120_000)
afterAll(() => store.close())

async function countRbiTickets(): Promise<number> {
  const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
  return (await store.tickets.list('rbi', { filter: {}, order, position: null, limit: 1 })).totalCount ?? 0
}

describe('reducing events into tickets', () => {
  test('the same VCC body is a duplicate within a minute, and a new event after it (WEBHOOK-03)', async () => {
    const titled = (title: string) => vccEvent('update', 50, { title })
    await fixture.send('vcc', titled('one'))
    await fixture.send('vcc', titled('two'))
    await fixture.send('vcc', titled('one'))
    expect((await fixture.ticket('vcc', '1-50'))?.title).toBe('two')
    clock.advance(60_000)
    await fixture.send('vcc', titled('one'))
    expect((await fixture.ticket('vcc', '1-50'))?.title).toBe('one')
  })

  test('another body under a used event id becomes a dead letter and leaves the ticket alone (WEBHOOK-04)', async () => {
    const headers = { 'webhook-id': 'msg_1' }
    const body = (comments: string) =>
      JSON.stringify({ ...storeTicket, timestamp: '2024-03-02T00:00:00Z', data: { ...storeTicket.data, comments } })
    await fixture.send('rbi', body('first'), { headers })
    await fixture.send('rbi', body('first'), { headers })
    await fixture.send('rbi', body('forged'), { headers })
    expect(await fixture.ticket('rbi', 'partner-77')).toMatchObject({ description: 'first' })
    expect((await fixture.listDeadLetters()).map(({ problem }) => problem)).toEqual([
      'An earlier event has the same event id and a different body. Send each new event with an id of its own.',
    ])
  })

  test('two event ids that differ behind their first 256 characters are two events', async () => {
    const body = (id: string) => JSON.stringify({ ...storeTicket, data: { ...storeTicket.data, id } })
    for (const end of ['1', '2'])
      await fixture.send('rbi', body(`long-id-${end}`), { headers: { 'webhook-id': 'm'.repeat(300) + end } })
    expect((await fixture.ticket('rbi', 'long-id-2'))?.externalId).toBe('long-id-2')
  })

  test('an event about our own ticket is an echo: by its id, or for ten minutes by its content', async () => {
    const own: Ticket = {
      ...toUnknownTicket('own-1', { source: rbiInfo, tenant: 'plk-eu', observedAt: '2024-06-01T12:00:00.000Z' }, {}),
      createdAt: new Date(clock()).toISOString(),
    }
    const submission = toEchoFingerprint({
      category: 'order',
      subcategory: 'late',
      comments: 'where is it',
      store: { id: '9' },
      order: null,
    })
    await store.transaction((tx) => tx.saveTickets([{ ticket: own, state: null, submission }]))
    const data = { category: 'order', subcategory: 'late', comments: 'where is it', store: { id: '9' } }
    const send = (fields: object) =>
      fixture.send('rbi', JSON.stringify({ type: 'STORE_SUPPORT_TICKET_EVENT', data: { ...data, ...fields } }))
    const before = await countRbiTickets()
    await send({ id: 'own-1' })
    await send({})
    expect(await countRbiTickets()).toBe(before)
    clock.advance(10 * 60_000 + 1)
    await send({ note: 'later' })
    expect(await countRbiTickets()).toBe(before + 1)
  })

  test('the tickets end equal however their events are shuffled, repeated, dropped and sent again', async () => {
    let run = 0
    const plan = fc.record({
      order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
      repeats: fc.array(fc.nat(5), { maxLength: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(plan, async ({ order, repeats }) => {
        run += 1
        const id = 10_000 + run
        const events: [string, string][] = [
          ['vcc', vccEvent('add', id, { title: 'added', description: 'd', status: 'park' })],
          ['vcc', vccEvent('update', id, { title: 'updated' })],
          ['vcc', vccEvent('update', id, { status: 'closed', subStatus: 'successful' })],
          ['wasabi', wasabiEvent(`p${run}`, { status: 'OPEN', updatedAt: '2024-01-02T00:00:00Z' })],
          ['wasabi', wasabiEvent(`p${run}`, { status: 'IN_PROGRESS', updatedAt: '2024-01-03T00:00:00Z' })],
          ['wasabi', wasabiEvent(`p${run}`, { status: 'RESOLVED', updatedAt: '2024-01-04T00:00:00Z' })],
        ]
        // Some events arrive, some of them twice; then the sender sends all of them again.
        for (const index of [...order.slice(0, 4), ...repeats, ...order])
          await fixture.send(...(events[index] as [string, string]))
        expect(await fixture.ticket('vcc', `1-${id}`)).toMatchObject({
          title: 'updated',
          description: 'd',
          status: 'CLOSED',
          resolution: { status: 'successful' },
        })
        expect(await fixture.ticket('wasabi', `p${run}`)).toMatchObject({
          status: 'RESOLVED',
          updatedAt: '2024-01-04T00:00:00.000Z',
        })
      }),
      { numRuns: 15 },
    )
  })
})
