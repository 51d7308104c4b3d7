import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { submissionFingerprint } from '../../src/domain/submission.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { importEvents } from '../../src/ingestion/file-import.ts'
import { toUnknownTicket } from '../../src/sources/event-fed-ticket.ts'
import { storeTicket } from '../fixtures/rbi/store-ticket.ts'
import { vccAdd } from '../fixtures/vcc/samples.ts'
import { countingMetrics } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import {
  createIngestionFixture,
  createTestClock,
  findTestSource,
  rbiInfo,
  testWebhookHandlers,
} from '../support/ingestion-fixture.ts'

const clock = createTestClock()
let store: Store
let desk: ReturnType<typeof createIngestionFixture>

beforeAll(async () => {
  store = await openTestStore({ findSource: findTestSource, clock })
  desk = createIngestionFixture(store, clock)
}, 120_000)
afterAll(() => store.close())

const envelope = (ticketId: string, fields: object = {}) =>
  JSON.stringify({
    eventType: 'CUSTOMER_CARE_TICKET',
    eventAction: 'UPDATED',
    version: 1,
    body: {
      ticketId,
      customerId: 'c',
      status: 'OPEN',
      createdAt: '2024-01-01T00:00:00Z',
      updatedAt: '2024-01-02T00:00:00Z',
      ...fields,
    },
  })
const vccEvent = (action: string, ticketId: number, fields: object = {}) =>
  JSON.stringify({ action, ticket: { ticketId, projectId: 1, ticketNo: 'n', projectName: 'p', ...fields } })

describe('the intake of events', () => {
  test('keeps nothing of what is not authorised (W1), and knows no other source (W13)', async () => {
    await expect(desk.send('vcc', vccAdd, { query: { 'secret-key': 'no' } })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(desk.send('vcc', vccAdd, { contentType: 'text/plain' })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
    })
    await expect(desk.send('vcc', vccAdd, { contentType: 'application/json; charset=latin1' })).rejects.toMatchObject({
      code: 'UNSUPPORTED_MEDIA_TYPE',
    })
    expect(await desk.send('oneview', '{}')).toMatchObject({ status: 404 })
    expect(await desk.ticket('vcc', '130-21')).toBeNull()
    expect(await desk.held()).toEqual([])
  })

  test('takes the same VCC body again within a minute as one event, after a minute as a new one', async () => {
    const titled = (title: string) => vccEvent('update', 50, { title })
    await desk.send('vcc', titled('one'))
    await desk.send('vcc', titled('two'))
    await desk.send('vcc', titled('one'))
    expect((await desk.ticket('vcc', '1-50'))?.title).toBe('two')
    clock.advance(60_000)
    await desk.send('vcc', titled('one'))
    expect((await desk.ticket('vcc', '1-50'))?.title).toBe('one')
  })

  test('answers Wasabi per item, keeps the good ones and quarantines the others', async () => {
    const answer = await desk.send('wasabi', `[${envelope('w1')}, ${envelope('w2', { updatedAt: 'soon' })}, ${envelope('w1')}]`)
    expect(answer).toEqual({
      status: 202,
      body: {
        results: [
          { index: 0, outcome: 'KEPT' },
          { index: 1, outcome: 'QUARANTINED', problem: '`body.updatedAt` is not an ISO 8601 time.' },
          { index: 2, outcome: 'UNCHANGED' },
        ],
      },
    })
    expect(await desk.ticket('wasabi', 'w1')).toMatchObject({ status: 'OPEN' })
  })

  test('acknowledges what it cannot understand, keeps every byte, and lets it be replayed or discarded (W6)', async () => {
    const before = (await desk.held()).length
    expect(await desk.send('vcc', Buffer.from([0xff, 0xfe, 0x00]))).toMatchObject({ status: 200 })
    expect(await desk.send('vcc', '{"action":"merge","ticket":{"ticketId":1,"projectId":1}}')).toMatchObject({ status: 200 })
    const [merge, bytes] = (await desk.held()).slice(0, 2)
    expect(await desk.held()).toHaveLength(before + 2)
    expect(bytes).toMatchObject({ problem: 'The body is not UTF-8.', state: 'HELD' })
    expect(merge).toMatchObject({ body: { action: 'merge' }, state: 'HELD' })
    expect(await desk.deadLetters.replay(merge?.id ?? '')).toMatchObject({ state: 'HELD' })
    expect(await desk.deadLetters.discard(merge?.id ?? '', 'not ours')).toMatchObject({ state: 'DISCARDED' })
    expect(await desk.deadLetters.discard('nonsense', 'x')).toBeNull()
  })

  test('applies a replayed event once it can be understood', async () => {
    const raw = Buffer.from(vccEvent('add', 60, { title: 'held' }))
    const held = {
      sourceKey: 'vcc',
      eventId: null,
      raw,
      problem: 'an older version did not know it',
      receivedAt: '2024-06-01T12:00:00.000Z',
    }
    await store.events.insert([], [held])
    const [event] = await desk.held()
    expect(await desk.deadLetters.replay(event?.id ?? '')).toMatchObject({ state: 'REPLAYED' })
    await desk.ingestion.idle()
    expect(await desk.ticket('vcc', '1-60')).toMatchObject({ title: 'held' })
  })

  test('counts a replayed event as of when it first arrived: what came after it is not undone', async () => {
    const firstAt = new Date(clock()).toISOString()
    const hold = async (raw: string): Promise<string> => {
      await store.events.insert(
        [],
        [{ sourceKey: 'vcc', eventId: null, raw: Buffer.from(raw), problem: 'not known', receivedAt: firstAt }],
      )
      return (await desk.held())[0]!.id
    }
    const held = await hold(vccEvent('update', 61, { title: 'older', description: 'said once' }))
    clock.advance(120_000)
    await desk.send('vcc', vccEvent('update', 61, { title: 'newer' }))
    const updatedAt = (await desk.ticket('vcc', '1-61'))?.updatedAt
    expect(await desk.deadLetters.replay(held)).toMatchObject({ state: 'REPLAYED' })
    await desk.ingestion.idle()
    expect(await desk.ticket('vcc', '1-61')).toMatchObject({ title: 'newer', description: 'said once', updatedAt })
    const deleted = await hold(vccEvent('delete', 61))
    await desk.deadLetters.replay(deleted)
    await desk.ingestion.idle()
    expect(await desk.ticket('vcc', '1-61')).toMatchObject({ title: 'newer', deletedAt: firstAt, updatedAt })
  })

  test('counts the words that the model has none for, once an event (house rule 3)', async () => {
    const metrics = countingMetrics()
    const counting = createIngestionFixture(store, clock, metrics)
    const unknown = (source: string, field?: string) => metrics.total('unknown_values_total', { source, ...(field && { field }) })
    await counting.send('vcc', vccEvent('add', 70, { status: 'melted', subStatus: 'waiting4moon' }))
    await counting.send('vcc', vccEvent('update', 70, { title: 'its status is not said again' }))
    await counting.send('vcc', vccEvent('update', 70, { status: 'park', subStatus: 'waiting4agent', description: null }))
    expect([unknown('vcc', 'status'), unknown('vcc', 'subStatus'), unknown('vcc')]).toEqual([1, 1, 2])
    const odd = { status: 'ASLEEP', ticketOrigin: 'pigeon', reason: { type: 'GHOSTS' } }
    await counting.send('wasabi', envelope('u1', odd))
    await counting.send('wasabi', envelope('u1', odd))
    await counting.send('wasabi', envelope('u2', { ticketOrigin: 'zendesk', reason: { type: 'LATE_DELIVERY' } }))
    await counting.send('wasabi', envelope('u3', { reason: { type: 'CANCELLATION', subscriptionContractIds: [] } }))
    expect(['status', 'channel', 'reason'].map((field) => unknown('wasabi', field))).toEqual([1, 1, 1])
    expect(unknown('wasabi')).toBe(3)
    const raised = (id: string, source: string) =>
      JSON.stringify({ ...storeTicket, data: { ...storeTicket.data, id, source }, timestamp: '2024-03-02T00:00:00Z' })
    await counting.send('rbi', raised('unknown-1', 'drone'))
    await counting.send('rbi', raised('unknown-2', 'app'))
    expect([unknown('rbi', 'channel'), unknown('rbi')]).toEqual([1, 1])
  })

  test('quarantines another body under an event id that was used, and leaves the ticket alone (W4)', async () => {
    const headers = { 'webhook-id': 'msg_1' }
    const body = (comments: string) =>
      JSON.stringify({ ...storeTicket, timestamp: '2024-03-02T00:00:00Z', data: { ...storeTicket.data, comments } })
    await desk.send('rbi', body('first'), { headers })
    await desk.send('rbi', body('first'), { headers })
    await desk.send('rbi', body('forged'), { headers })
    expect(await desk.ticket('rbi', 'partner-77')).toMatchObject({ description: 'first' })
    expect((await desk.held())[0]?.problem).toContain('same event id')
  })

  test('recognises the echo of our own ticket, by its id or within ten minutes by what it says', async () => {
    const own: Ticket = {
      ...toUnknownTicket('own-1', { source: rbiInfo, tenant: 'plk-eu', observedAt: '2024-06-01T12:00:00.000Z' }, {}),
      createdAt: new Date(clock()).toISOString(),
    }
    const words = { category: 'order', subcategory: 'late', comments: 'where is it', storeId: '9', orderId: null }
    await store.transaction((tx) => tx.saveTickets([{ ticket: own, state: null, submission: submissionFingerprint(words) }]))
    const data = { category: 'order', subcategory: 'late', comments: 'where is it', store: { id: '9' } }
    const count = async () =>
      (
        await store.tickets.list('rbi', {
          filter: {},
          order: { field: 'UPDATED_AT', direction: 'DESC' },
          position: null,
          limit: 1,
        })
      ).totalCount
    const before = await count()
    await desk.send('rbi', JSON.stringify({ type: 'STORE_SUPPORT_TICKET_EVENT', data: { ...data, id: 'own-1' } }))
    await desk.send('rbi', JSON.stringify({ type: 'STORE_SUPPORT_TICKET_EVENT', data }))
    expect(await count()).toBe(before)
    clock.advance(10 * 60_000 + 1)
    await desk.send('rbi', JSON.stringify({ type: 'STORE_SUPPORT_TICKET_EVENT', data: { ...data, note: 'later' } }))
    expect(await count()).toBe((before ?? 0) + 1)
  })

  test('ends in the same tickets however events are shuffled, repeated, dropped and sent again', async () => {
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
          ['wasabi', envelope(`p${run}`, { status: 'OPEN', updatedAt: '2024-01-02T00:00:00Z' })],
          ['wasabi', envelope(`p${run}`, { status: 'IN_PROGRESS', updatedAt: '2024-01-03T00:00:00Z' })],
          ['wasabi', envelope(`p${run}`, { status: 'RESOLVED', updatedAt: '2024-01-04T00:00:00Z' })],
        ]
        // First a part arrives, some of it twice; then the sender sends everything again.
        for (const index of [...order.slice(0, 4), ...repeats, ...order]) await desk.send(...(events[index] as [string, string]))
        expect(await desk.ticket('vcc', `1-${id}`)).toMatchObject({
          title: 'updated',
          description: 'd',
          status: 'CLOSED',
          resolution: { status: 'successful' },
        })
        expect(await desk.ticket('wasabi', `p${run}`)).toMatchObject({
          status: 'RESOLVED',
          updatedAt: '2024-01-04T00:00:00.000Z',
        })
      }),
      { numRuns: 15 },
    )
  })
})

describe('the import of files', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deskgraph-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const importText = async (name: string, text: string) => {
    const path = join(folder, name)
    await writeFile(path, text)
    return importEvents({ events: store.events, webhookHandler: testWebhookHandlers[1]!, clock }, path)
  }

  test('counts kept, unchanged and quarantined records, and finds nothing new the second time', async () => {
    const text = `${envelope('i1')}\n${envelope('i2')}\nnot json\n${envelope('i1')}\n`
    expect(await importText('a.ndjson', text)).toEqual({ kept: 2, unchanged: 1, quarantined: 1 })
    expect(await importText('a.ndjson', text)).toEqual({ kept: 0, unchanged: 3, quarantined: 1 })
  })

  test('reads a list over many lines', async () => {
    const pretty = JSON.stringify(
      [1, 2, 3].map((index) => JSON.parse(envelope(`l${index}`))),
      null,
      2,
    )
    expect(await importText('list.json', pretty)).toEqual({ kept: 3, unchanged: 0, quarantined: 0 })
  })

  test('goes on where it stopped, and counts every record once', async () => {
    const path = join(folder, 'big.ndjson')
    await writeFile(path, Array.from({ length: 1_000 }, (_, index) => envelope(`r${index}`)).join('\n'))
    const deps = { events: store.events, webhookHandler: testWebhookHandlers[1]!, clock }
    let batches = 0
    const crash = () => {
      batches += 1
      if (batches === 2) throw new Error('killed')
    }
    await expect(importEvents({ ...deps, onProgress: crash }, path)).rejects.toThrow('killed')
    const offsets: number[] = []
    const counts = await importEvents({ ...deps, onProgress: ({ kept }) => void offsets.push(kept) }, path)
    expect(offsets).toEqual([600, 800, 1_000])
    expect(counts).toEqual({ kept: 1_000, unchanged: 0, quarantined: 0 })
  })
})
