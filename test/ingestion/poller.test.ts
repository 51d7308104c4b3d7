import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createChangeRecorder } from '../../src/changes/change-log.ts'
import type { Store } from '../../src/db/open-store.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { Change } from '../../src/domain/events.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import type { Ticket } from '../../src/domain/ticket.ts'
import { withFields } from '../../src/domain/ticket-view.ts'
import { recordObservations } from '../../src/ingestion/observed-changes.ts'
import { createPoller, type Poller } from '../../src/ingestion/poller.ts'
import type { ChangesRequest, SourceInfo } from '../../src/sources/source.ts'
import { countingMetrics, someCall } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../support/memory-source.ts'
import { toAgent, toMessage, toSourceInfo } from '../support/memory-ticket.ts'

const intervalMs = 10_000
const infos = new Map<string, SourceInfo>()
const clock = createTestClock()
let store: Store
let pollers: Poller[] = []
/** The end of the change log when the test began. */
let startSeq = 0

beforeAll(async () => {
  store = await openTestStore({ findSource: (key) => infos.get(key) ?? null, clock })
})
afterAll(() => store.close())
beforeEach(async () => {
  startSeq = (await store.changeLog.bounds()).head
})
afterEach(async () => {
  await Promise.all(pollers.map((poller) => poller.stop()))
  pollers = []
})

function sourceWith(count: number, options: MemorySourceOptions = {}): MemorySource {
  const key = `source-${infos.size}`
  const source = createMemorySource(key, { paginationStyle: 'offset', ...options })
  infos.set(key, source.info)
  for (let i = 0; i < count; i++) source.put(`t-${i}`)
  return source
}

/** The poller of one replica, with a number of subscribers that a test can set. */
function pollerOf(source: MemorySource, holder = 'one') {
  const listeners = new Set<() => void>()
  const changes = {
    subscribers: 1,
    subscriberCount: () => changes.subscribers,
    onSubscribed(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    notifySubscribed() {
      for (const listener of listeners) listener()
    },
  }
  const metrics = countingMetrics()
  const recorder = createChangeRecorder(store)
  const poller = createPoller({
    sources: [source],
    store,
    checkpoints: store.events,
    leases: store.leases,
    changes,
    metrics,
    logger: noLogger,
    clock,
    holder,
    intervalMsOf: () => intervalMs,
    graceMs: 0,
  })
  pollers.push(poller)
  /** Advances the clock by an interval and polls. */
  const nextPoll = async () => {
    clock.advance(intervalMs)
    await poller.tick()
  }
  return { poller, changes, metrics, nextPoll, recorder }
}

async function recordedChanges(): Promise<readonly Change[]> {
  return (await store.changeLog.read(startSeq, 1000)).changes.map(({ change }) => change)
}
const recorded = async () => (await recordedChanges()).map(({ kind, ticket }) => [kind, ticket.externalId])

describe('the poller of pulled sources', () => {
  test('starts without changes, then records new and changed tickets, oldest update first', async () => {
    const source = sourceWith(3)
    const { poller, nextPoll } = pollerOf(source)
    await poller.tick()
    expect(await recorded()).toEqual([])
    source.touch('t-1', { title: 'Another title' })
    source.touch('t-0', { status: 'CLOSED' })
    source.touch('t-2', { status: 'PENDING' })
    source.put('t-3')
    await nextPoll()
    expect(await recorded()).toEqual([
      ['UPDATED', 't-1'],
      ['CLOSED', 't-0'],
      ['STATUS_CHANGED', 't-2'],
      ['CREATED', 't-3'],
    ])
    const [first] = await recordedChanges()
    expect(first!.before?.externalId).toBe('t-1')
    expect(first!.event.changes).toEqual([{ field: 'title', before: null, after: 'Another title' }])
    await nextPoll()
    expect(await recorded()).toHaveLength(4)
  })

  test('reads one page when little has changed', async () => {
    const source = sourceWith(500)
    const { poller, nextPoll } = pollerOf(source)
    await poller.tick()
    await nextPoll()
    await nextPoll()
    expect(source.calls.list.map(({ position, limit }) => [position, limit])).toEqual([
      [null, 100],
      [null, 100],
      [null, 100],
    ])
  })

  test('reads further pages while it finds changes', async () => {
    const source = sourceWith(30, { maxPageSize: 5 })
    const { poller, nextPoll } = pollerOf(source)
    await poller.tick()
    for (let i = 0; i < 12; i++) source.touch(`t-${i}`)
    await nextPoll()
    expect((await recorded()).map(([, id]) => id)).toEqual(Array.from({ length: 12 }, (_, i) => `t-${i}`))
    // The first poll needs two pages for five seconds before the latest update, and so does the end of the second poll.
    expect(source.calls.list).toHaveLength(2 + 4)
  })

  test('finds a change that keeps the update time, as OneView makes them', async () => {
    const source = sourceWith(2)
    const { poller, nextPoll } = pollerOf(source)
    await poller.tick()
    const { updatedAt } = source.tickets()[0]!
    source.touch('t-0', { queue: 'chat-sg-en', updatedAt })
    await nextPoll()
    expect(await recorded()).toEqual([['TRANSFERRED', 't-0']])
  })

  test('does not record our own writes again, although the list has fewer fields than the answer of the write', async () => {
    const source = sourceWith(2, { lazyFields: ['resolvedAt', 'messages'] })
    const { poller, nextPoll, recorder } = pollerOf(source)
    await poller.tick()
    source.touch('t-0', { status: 'CLOSED', resolvedAt: '2024-06-01T12:00:00.000Z', messages: [] })
    const ticket = source.tickets().find(({ externalId }) => externalId === 't-0')!
    await recorder.record({
      kind: 'CLOSED',
      ticket,
      before: null,
      at: '2024-06-01T12:00:00.000Z',
      actor: null,
      summary: 'Closed',
    })
    await nextPoll()
    expect(await recorded()).toEqual([['CLOSED', 't-0']])
    source.touch('t-0', { status: 'OPEN' })
    await nextPoll()
    expect(await recorded()).toEqual([
      ['CLOSED', 't-0'],
      ['STATUS_CHANGED', 't-0'],
    ])
  })

  test('DECISION-35: compares with what a list shows, and names the kind, the target and the message of a change', async () => {
    const source = sourceWith(3, { lazyFields: ['resolvedAt', 'resolution'] })
    const { poller, nextPoll, recorder } = pollerOf(source)
    await poller.tick()
    const message = toMessage(source.info, 't-1', '1')
    source.touch('t-0', { status: 'RESOLVED', resolvedAt: '2024-06-01T12:00:00.000Z' })
    const ticket = source.tickets().find(({ externalId }) => externalId === 't-0')!
    const own = {
      kind: 'STATUS_CHANGED',
      ticket,
      before: null,
      at: '2024-06-01T12:00:00.000Z',
      actor: null,
      summary: 'Own',
    } as const
    await recorder.record(own)
    source.touch('t-0', { assignee: toAgent(source.info, 'ann') })
    source.touch('t-1', { messages: [] })
    await nextPoll()
    source.touch('t-1', { messages: [message] })
    source.touch('t-2', { queue: 'chat-sg-en' })
    await nextPoll()
    expect((await recordedChanges()).map(({ event: { kind, summary, changes } }) => [kind, summary, changes])).toEqual([
      ['STATUS_CHANGED', 'Own', null],
      ['REASSIGNED', 'Reassigned to ann', [{ field: 'assignee', before: null, after: 'ann' }]],
      ['UPDATED', 'Updated', []],
      ['MESSAGE', 'New message', [{ field: 'message', before: null, after: message.id }]],
      ['TRANSFERRED', 'Transferred to chat-sg-en', [{ field: 'queue', before: null, after: 'chat-sg-en' }]],
    ])
  })

  test('calls no source while there are no subscribers, and continues after a short pause', async () => {
    const source = sourceWith(2)
    const { poller, nextPoll, changes } = pollerOf(source)
    changes.subscribers = 0
    await poller.tick()
    expect(source.calls.list).toEqual([])
    changes.subscribers = 1
    await poller.tick()
    changes.subscribers = 0
    source.touch('t-0')
    await nextPoll()
    expect(source.calls.list).toHaveLength(1)
    changes.subscribers = 1
    await poller.tick()
    expect(await recorded()).toEqual([['UPDATED', 't-0']])
  })

  test('starts afresh after a pause of more than a day, and does not record what happened meanwhile', async () => {
    const source = sourceWith(2)
    const { poller, nextPoll, changes } = pollerOf(source)
    await poller.tick()
    changes.subscribers = 0
    clock.advance(25 * 3_600_000)
    source.touch('t-0')
    changes.subscribers = 1
    await poller.tick()
    source.touch('t-1')
    await nextPoll()
    expect(await recorded()).toEqual([['UPDATED', 't-1']])
  })

  test('polls on one replica; when that one stops another continues, without a missing or repeated change', async () => {
    const source = sourceWith(5)
    const [one, two] = [pollerOf(source, 'one'), pollerOf(source, 'two')]
    await one.poller.tick()
    await two.poller.tick()
    source.touch('t-0')
    clock.advance(intervalMs)
    await one.poller.tick()
    await two.poller.tick()
    expect(await recorded()).toEqual([['UPDATED', 't-0']])
    // The first replica is killed; its lease expires.
    source.touch('t-1')
    await two.nextPoll()
    expect(await recorded()).toHaveLength(1)
    await two.nextPoll()
    await two.nextPoll()
    expect(await recorded()).toEqual([
      ['UPDATED', 't-0'],
      ['UPDATED', 't-1'],
    ])
  })

  test('releases the lease when its subscribers have left', async () => {
    const source = sourceWith(1)
    const [one, two] = [pollerOf(source, 'one'), pollerOf(source, 'two')]
    await two.poller.tick()
    await one.poller.tick()
    await one.nextPoll()
    one.changes.subscribers = 0
    await one.nextPoll()
    source.touch('t-0')
    await two.poller.tick()
    expect(await recorded()).toEqual([['UPDATED', 't-0']])
  })

  test('counts a poll that fails, and records the missed changes when the source works again', async () => {
    const source = sourceWith(1)
    const { poller, nextPoll, metrics } = pollerOf(source)
    await poller.tick()
    source.touch('t-0')
    source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    await nextPoll()
    expect(metrics.total('polls_total', { outcome: 'failed' })).toBe(1)
    source.broken = null
    await nextPoll()
    expect(await recorded()).toEqual([['UPDATED', 't-0']])
  })

  test('does not poll sources that send their events', async () => {
    const source = sourceWith(1, { info: { mode: 'EVENT_FED' } })
    await pollerOf(source).poller.tick()
    expect(source.calls.list).toEqual([])
  })

  test.each([
    ['the first subscriber comes', false],
    ['it starts with subscribers', true],
  ])('polls by itself once %s, and runs no timer without subscribers', async (_when, early) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const source = sourceWith(1)
    const { poller, changes } = pollerOf(source)
    changes.subscribers = early ? 1 : 0
    poller.start()
    expect(vi.getTimerCount()).toBe(early ? 1 : 0)
    changes.subscribers = 1
    changes.notifySubscribed()
    changes.notifySubscribed()
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(250)
    vi.useRealTimers()
    await expect.poll(() => source.calls.list.length).toBe(1)
    changes.subscribers = 0
    await poller.stop()
  })

  test('releases its lease and stops its timer when the last subscriber has left', async () => {
    const source = sourceWith(1)
    const [setTimer, clearTimer] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')]
    onTestFinished(() => void vi.restoreAllMocks())
    const { poller, changes, nextPoll } = pollerOf(source)
    const isFree = () => store.leases.acquire(`poll:${source.info.key}`, 'another', 1)
    poller.start()
    const timer = setTimer.mock.results.at(-1)?.value
    await poller.tick()
    await nextPoll()
    expect(await isFree()).toBe(false)
    expect(clearTimer).not.toHaveBeenCalledWith(timer)
    changes.subscribers = 0
    await nextPoll()
    expect(await isFree()).toBe(true)
    expect(clearTimer).toHaveBeenCalledWith(timer)
  })
})

describe('POLL the watermark of a pulled source', () => {
  test('POLL-01 is stored: another process continues there, and knows the tickets before their changes', async () => {
    const source = sourceWith(3)
    const one = pollerOf(source, 'one')
    await one.poller.tick()
    await one.nextPoll()
    // The process is killed: it neither releases its lease nor polls again.
    source.touch('t-1', { status: 'PENDING' })
    source.touch('t-2', { status: 'CLOSED' })
    clock.advance(2 * 3_600_000)
    const two = pollerOf(source, 'two')
    await two.poller.tick()
    expect((await recordedChanges()).map(({ kind, ticket, before }) => [kind, ticket.externalId, before?.status])).toEqual([
      ['STATUS_CHANGED', 't-1', 'OPEN'],
      ['CLOSED', 't-2', 'OPEN'],
    ])
    await two.nextPoll()
    expect(await recorded()).toHaveLength(2)
  })

  test('POLL-02 moves only after the changes are recorded: a process that dies in between leaves them to the next poll', async () => {
    const source = sourceWith(2)
    const one = pollerOf(source, 'one')
    await one.poller.tick()
    source.touch('t-0')
    source.touch('t-1')
    const { transaction } = store
    // The store fails at the record of the changes, after the list was read.
    let calls = 0
    vi.spyOn(store, 'transaction').mockImplementation((work) => {
      calls += 1
      if (calls === 2) return Promise.reject(new DeskgraphError('STORAGE_UNAVAILABLE', 'It is down.'))
      return transaction(work)
    })
    onTestFinished(() => void vi.restoreAllMocks())
    await one.nextPoll()
    expect([calls, one.metrics.total('polls_total', { outcome: 'failed' }), await recorded()]).toEqual([2, 1, []])
    await one.nextPoll()
    expect(await recorded()).toEqual([
      ['UPDATED', 't-0'],
      ['UPDATED', 't-1'],
    ])
  })

  test('POLL-03 finds a change that the list shows minutes late, once', async () => {
    const hidden = new Set<string>()
    const source = sourceWith(4, {
      methods: { listLagMs: 300_000 },
    })
    const { listTickets } = source
    source.listTickets = async (request, call) => {
      const slice = await listTickets(request, call)
      const shown = slice.tickets.flatMap((ticket, index) => (hidden.has(ticket.externalId) ? [] : [index]))
      return { ...slice, tickets: shown.map((i) => slice.tickets[i]!), positions: shown.map((i) => slice.positions[i]!) }
    }
    const { poller, nextPoll } = pollerOf(source)
    await poller.tick()
    hidden.add('t-0').add('new')
    source.touch('t-0', { status: 'CLOSED' })
    source.put('new')
    source.touch('t-1')
    source.touch('t-2')
    await nextPoll()
    expect((await recorded()).map(([, id]) => id)).toEqual(['t-1', 't-2'])
    hidden.clear()
    await nextPoll()
    await nextPoll()
    expect((await recorded()).slice(2)).toEqual([
      ['CLOSED', 't-0'],
      ['CREATED', 'new'],
    ])
  })

  test('POLL-04 does not follow a ticket with a time in the future', async () => {
    const source = sourceWith(2)
    const { poller, nextPoll } = pollerOf(source)
    await poller.tick()
    source.put('wrong-clock', { updatedAt: '2199-01-01T00:00:00.000Z' })
    await nextPoll()
    source.touch('t-0')
    await nextPoll()
    expect((await recorded()).map(([, id]) => id)).toEqual(['wrong-clock', 't-0'])
  })

  test('POLL-05 a change that a webhook has recorded is not recorded again, and a list brings no removed ticket back', async () => {
    const source = sourceWith(3)
    const { poller, nextPoll } = pollerOf(source)
    await poller.tick()
    source.touch('t-0', { status: 'CLOSED' })
    const [ticket] = await source.loadTickets([refOf(source, 't-0')], someCall())
    const deps = { store, clock }
    const options = { newSince: '2024-06-01T00:00:00.000Z', readById: true }
    await recordObservations(deps, source, [{ ref: refOf(source, 't-0'), ticket: ticket as Ticket }], options)
    await recordObservations(deps, source, [{ ref: refOf(source, 't-1'), ticket: null, told: true }], options)
    await nextPoll()
    await nextPoll()
    expect(await recorded()).toEqual([
      ['CLOSED', 't-0'],
      ['DELETED', 't-1'],
    ])
    // A single read shows that it is there again.
    const [restored] = await source.loadTickets([refOf(source, 't-1')], someCall())
    const { freshness } = restored as Ticket
    const again = withFields(restored as Ticket, { freshness: { ...freshness, observedAt: '2024-12-01T00:00:00.000Z' } })
    await recordObservations(deps, source, [{ ref: refOf(source, 't-1'), ticket: again }], options)
    expect((await recorded()).at(-1)).toEqual(['UPDATED', 't-1'])
  })

  test('POLL-06 an export of the source tells what its list does not, and its cursor is stored after the record', async () => {
    const requests: ChangesRequest[] = []
    const source = sourceWith(3)
    source.changesSince = async (request) => {
      requests.push(request)
      if (request.cursor === null) return { tickets: [], removed: [refOf(source, 't-0')], cursor: 'c-1', end: false }
      const archived = source.tickets().filter(({ externalId }) => externalId === 't-1')
      return { tickets: requests.length > 2 ? archived : [], removed: [], cursor: 'c-2', end: true }
    }
    const { nextPoll } = pollerOf(source)
    await nextPoll()
    expect(requests).toEqual([])
    await nextPoll()
    expect(requests.map(({ cursor }) => cursor)).toEqual([null, 'c-1'])
    expect(await recorded()).toEqual([['DELETED', 't-0']])
    await nextPoll()
    expect(requests).toHaveLength(2)
    source.touch('t-1', { status: 'CLOSED' })
    source.listTickets = async () => ({ tickets: [], positions: [], end: true, totalCount: null, dropped: 0 })
    clock.advance(60_000)
    const other = pollerOf(source, 'other')
    await other.poller.tick()
    expect(requests.map(({ cursor }) => cursor)).toEqual([null, 'c-1', 'c-2'])
    expect((await recorded()).at(-1)).toEqual(['CLOSED', 't-1'])
  })

  test('POLL-07 asks only for what was updated since, where the source applies that filter', async () => {
    const info = toSourceInfo('filtering', {})
    const source = createMemorySource(
      { ...info, filters: [...new Set([...info.filters, 'UPDATED' as const])] },
      { paginationStyle: 'offset' },
    )
    infos.set('filtering', source.info)
    source.put('t-0', { updatedAt: '2024-05-01T10:00:00.000Z' })
    const { poller, nextPoll } = pollerOf(source)
    await poller.tick()
    await nextPoll()
    // Five seconds of overlap, and one because the condition is exclusive.
    expect(source.calls.list.map(({ filter }) => filter)).toEqual([{}, { updatedAfter: '2024-05-01T09:59:54.000Z' }])
  })

  test('POLL-08 of two reads with one update time, the one that arrived later is the state', async () => {
    const source = sourceWith(1)
    const { poller } = pollerOf(source)
    await poller.tick()
    const [ticket] = await source.loadTickets([refOf(source, 't-0')], someCall())
    const seen = (title: string, observedAt: string) => {
      const { freshness } = ticket as Ticket
      return withFields(ticket as Ticket, { title, freshness: { ...freshness, observedAt } })
    }
    const record = (one: Ticket) =>
      recordObservations({ store, clock }, source, [{ ref: refOf(source, 't-0'), ticket: one }], {
        newSince: '2024-06-01T00:00:00.000Z',
        readById: true,
      })
    expect(await record(seen('second', '2024-06-01T12:00:02.000Z'))).toEqual(['CHANGED'])
    expect(await record(seen('first', '2024-06-01T12:00:01.000Z'))).toEqual(['UNCHANGED'])
    expect(await record(seen('third', '2024-06-01T12:00:03.000Z'))).toEqual(['CHANGED'])
  })

  test('the age of the last complete poll is a gauge', async () => {
    const source = sourceWith(1)
    const { poller, nextPoll, metrics, changes } = pollerOf(source)
    const set = vi.spyOn(metrics, 'set')
    await poller.measure()
    await poller.tick()
    clock.advance(30_000)
    await poller.measure()
    await nextPoll()
    await poller.measure()
    changes.subscribers = 0
    await poller.measure()
    expect(set.mock.calls.map(([name, value]) => [name, value])).toEqual(
      [0, 30, 0, 0].map((value) => ['poll_lag_seconds', value]),
    )
  })
})

function refOf(source: MemorySource, externalId: string) {
  return { kind: 'ticket' as const, sourceKey: source.info.key, tenant: '', externalId }
}
