import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createChangeRecorder } from '../../src/changes/change-log.ts'
import type { Store } from '../../src/db/open-store.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { Change } from '../../src/domain/events.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { createPoller, type Poller } from '../../src/ingestion/poller.ts'
import type { SourceInfo } from '../../src/sources/source.ts'
import { countingMetrics } from '../support/call.ts'
import { openTestStore } from '../support/databases.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../support/memory-source.ts'

const intervalMs = 10_000
const infos = new Map<string, SourceInfo>()
const clock = createTestClock()
let store: Store
let pollers: Poller[] = []
let began = 0

beforeAll(async () => {
  store = await openTestStore({ findSource: (key) => infos.get(key) ?? null, clock })
})
afterAll(() => store.close())
beforeEach(async () => {
  began = (await store.changeLog.bounds()).head
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

/** A poller of one replica; `subscribers` can be set. */
function pollerOf(source: MemorySource, holder = 'one') {
  const listeners = new Set<() => void>()
  const feed = {
    subscribers: 1,
    subscriberCount: () => feed.subscribers,
    onSubscribed(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell() {
      for (const listener of listeners) listener()
    },
  }
  const metrics = countingMetrics()
  const recorder = createChangeRecorder(store)
  const poller = createPoller({
    ...{
      sources: [source],
      recorder,
      changeLog: store.changeLog,
      leases: store.leases,
      feed,
      metrics,
      logger: noLogger,
      clock,
      holder,
    },
    intervalMsOf: () => intervalMs,
    graceMs: 0,
  })
  pollers.push(poller)
  /** Lets an interval pass and polls. */
  const next = async () => {
    clock.advance(intervalMs)
    await poller.tick()
  }
  return { poller, feed, metrics, next, recorder }
}

async function journalled(): Promise<readonly Change[]> {
  return (await store.changeLog.read(began, 1000)).changes.map(({ change }) => change)
}
const shown = async () => (await journalled()).map(({ kind, ticket }) => [kind, ticket.externalId])

describe('the poller of pulled sources', () => {
  it('begins without news, then reports what is new and what has changed, oldest first', async () => {
    const source = sourceWith(3)
    const { poller, next } = pollerOf(source)
    await poller.tick()
    expect(await shown()).toEqual([])
    source.touch('t-1', { title: 'Another title' })
    source.touch('t-0', { status: 'CLOSED' })
    source.touch('t-2', { status: 'PENDING' })
    source.put('t-3')
    await next()
    expect(await shown()).toEqual([
      ['UPDATED', 't-1'],
      ['CLOSED', 't-0'],
      ['STATUS_CHANGED', 't-2'],
      ['CREATED', 't-3'],
    ])
    const [first] = await journalled()
    expect(first!.before?.externalId).toBe('t-1')
    expect(first!.event.changes).toEqual([{ field: 'title', before: null, after: 'Another title' }])
    await next()
    expect(await shown()).toHaveLength(4)
  })

  it('asks for one page where little has changed', async () => {
    const source = sourceWith(500)
    const { poller, next } = pollerOf(source)
    await poller.tick()
    await next()
    await next()
    expect(source.calls.list.map(({ position, limit }) => [position, limit])).toEqual([
      [null, 100],
      [null, 100],
      [null, 100],
    ])
  })

  it('reads on while there is news', async () => {
    const source = sourceWith(30, { maxPageSize: 5 })
    const { poller, next } = pollerOf(source)
    await poller.tick()
    for (let i = 0; i < 12; i++) source.touch(`t-${i}`)
    await next()
    expect((await shown()).map(([, id]) => id)).toEqual(Array.from({ length: 12 }, (_, i) => `t-${i}`))
    expect(source.calls.list).toHaveLength(1 + 3)
  })

  it('sees a change that leaves the time of the update as it was, as OneView does', async () => {
    const source = sourceWith(2)
    const { poller, next } = pollerOf(source)
    await poller.tick()
    const { updatedAt } = source.tickets()[0]!
    source.touch('t-0', { queue: 'chat-sg-en', updatedAt })
    await next()
    expect(await shown()).toEqual([['UPDATED', 't-0']])
  })

  it('does not report our own writes again, also where the list shows less than the answer did', async () => {
    const source = sourceWith(2, { lazyFields: ['resolvedAt', 'messages'] })
    const { poller, next, recorder } = pollerOf(source)
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
    await next()
    expect(await shown()).toEqual([['CLOSED', 't-0']])
    source.touch('t-0', { status: 'OPEN' })
    await next()
    expect(await shown()).toEqual([
      ['CLOSED', 't-0'],
      ['STATUS_CHANGED', 't-0'],
    ])
  })

  it('calls nobody while nobody subscribes, and goes on where it was after a short pause', async () => {
    const source = sourceWith(2)
    const { poller, next, feed } = pollerOf(source)
    feed.subscribers = 0
    await poller.tick()
    expect(source.calls.list).toEqual([])
    feed.subscribers = 1
    await poller.tick()
    feed.subscribers = 0
    source.touch('t-0')
    await next()
    expect(source.calls.list).toHaveLength(1)
    feed.subscribers = 1
    await poller.tick()
    expect(await shown()).toEqual([['UPDATED', 't-0']])
  })

  it('begins anew after a long pause: what happened meanwhile is no news', async () => {
    const source = sourceWith(2)
    const { poller, next, feed } = pollerOf(source)
    await poller.tick()
    feed.subscribers = 0
    clock.advance(3_600_000)
    source.touch('t-0')
    feed.subscribers = 1
    await poller.tick()
    source.touch('t-1')
    await next()
    expect(await shown()).toEqual([['UPDATED', 't-1']])
  })

  it('polls on one replica, and another goes on where that one stops, with nothing missed and nothing twice', async () => {
    const source = sourceWith(5)
    const [one, two] = [pollerOf(source, 'one'), pollerOf(source, 'two')]
    await one.poller.tick()
    await two.poller.tick()
    source.touch('t-0')
    clock.advance(intervalMs)
    await one.poller.tick()
    await two.poller.tick()
    expect(await shown()).toEqual([['UPDATED', 't-0']])
    // The first is killed; its lease runs out.
    source.touch('t-1')
    await two.next()
    expect(await shown()).toHaveLength(1)
    await two.next()
    await two.next()
    expect(await shown()).toEqual([
      ['UPDATED', 't-0'],
      ['UPDATED', 't-1'],
    ])
  })

  it('gives the lease back when its subscribers have gone', async () => {
    const source = sourceWith(1)
    const [one, two] = [pollerOf(source, 'one'), pollerOf(source, 'two')]
    await two.poller.tick()
    await one.poller.tick()
    await one.next()
    one.feed.subscribers = 0
    await one.next()
    source.touch('t-0')
    await two.poller.tick()
    expect(await shown()).toEqual([['UPDATED', 't-0']])
  })

  it('survives a source that fails, counts it, and reports what it missed once it is back', async () => {
    const source = sourceWith(1)
    const { poller, next, metrics } = pollerOf(source)
    await poller.tick()
    source.touch('t-0')
    source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    await next()
    expect(metrics.total('polls_total', { outcome: 'failed' })).toBe(1)
    source.broken = null
    await next()
    expect(await shown()).toEqual([['UPDATED', 't-0']])
  })

  it('leaves sources alone that send their events', async () => {
    const source = sourceWith(1, { info: { mode: 'EVENT_FED' } })
    await pollerOf(source).poller.tick()
    expect(source.calls.list).toEqual([])
  })

  it.each([
    ['the first subscriber comes', false],
    ['it starts among subscribers', true],
  ])('works by itself once %s, and is not woken while there is none', async (_when, early) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const source = sourceWith(1)
    const { poller, feed } = pollerOf(source)
    feed.subscribers = early ? 1 : 0
    poller.start()
    expect(vi.getTimerCount()).toBe(early ? 1 : 0)
    feed.subscribers = 1
    feed.tell()
    feed.tell()
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(250)
    vi.useRealTimers()
    await expect.poll(() => source.calls.list.length).toBe(1)
    feed.subscribers = 0
    await poller.stop()
  })

  it('gives its lease back and goes to rest when the last subscriber has left', async () => {
    const source = sourceWith(1)
    const [ticking, resting] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')]
    onTestFinished(() => void vi.restoreAllMocks())
    const { poller, feed, next } = pollerOf(source)
    const isFree = () => store.leases.acquire(`poll:${source.info.key}`, 'another', 1)
    poller.start()
    const timer = ticking.mock.results.at(-1)?.value
    await poller.tick()
    await next()
    expect(await isFree()).toBe(false)
    expect(resting).not.toHaveBeenCalledWith(timer)
    feed.subscribers = 0
    await next()
    expect(await isFree()).toBe(true)
    expect(resting).toHaveBeenCalledWith(timer)
  })
})
