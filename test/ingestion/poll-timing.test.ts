import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import type { Logger, Metrics } from '../../src/domain/telemetry.ts'
import type { Transaction } from '../../src/domain/transaction.ts'
import { createPoller } from '../../src/ingestion/poller.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemorySource } from '../support/memory-source.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A poller of two desks, every 10 and every 30 seconds, and of an event-fed source, without a database. */
function pollerOf(holder?: string) {
  const clock = createTestClock()
  const [fast, slow] = [createMemorySource('fast'), createMemorySource('slow')]
  const fed = createMemorySource('fed', { info: { mode: 'EVENT_FED' } })
  const listeners = new Set<() => void>()
  const subscribers = { count: 1 }
  const checkpoints = new Map<string, unknown>()
  const leases: string[] = []
  const holders = new Set<string>()
  const counted: string[] = []
  const gauges: string[] = []
  const lines: unknown[][] = []
  const poller = createPoller({
    sources: [fast, fed, slow],
    store: {
      transaction: (work) => work({ saveObserved: async () => {}, findObserved: async () => [] } as unknown as Transaction),
    },
    checkpoints: {
      findCheckpoint: async (name) => checkpoints.get(name) ?? null,
      saveCheckpoint: async (name, body) => void checkpoints.set(name, body),
    },
    leases: {
      async acquire(name, by) {
        leases.push(`acquire ${name}`)
        holders.add(by)
        return true
      },
      release: async (name) => void leases.push(`release ${name}`),
    },
    changes: {
      subscriberCount: () => subscribers.count,
      onSubscribed(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
    intervalMsOf: (key) => (key === 'fast' ? 10_000 : 30_000),
    metrics: {
      count: (name: string, labels: object) => void counted.push([name, ...Object.values(labels)].join(' ')),
      set: (name: string, value: number, labels: object) => void gauges.push([name, ...Object.values(labels), value].join(' ')),
    } as unknown as Metrics,
    logger: { warn: (...args: unknown[]) => void lines.push(args) } as unknown as Logger,
    clock,
    graceMs: 0,
    ...(holder !== undefined && { holder }),
  })
  /** Lets the poller's own timer fire so often; it does so four times a second. */
  const pass = async (ticks: number) => {
    for (let tick = 0; tick < ticks; tick++) {
      await vi.advanceTimersByTimeAsync(250)
      await settle()
    }
  }
  const polls = () => [fast, slow, fed].map((source) => source.calls.list.length)
  return { poller, clock, fast, slow, subscribers, listeners, leases, holders, counted, gauges, lines, pass, polls }
}

describe('pulled sources', () => {
  test('are polled each at its own interval; the others never', async () => {
    const { poller, clock, polls, counted } = pollerOf()
    await poller.tick()
    expect(polls()).toEqual([1, 1, 0])
    expect(counted.toSorted()).toEqual(['polls_total fast ok', 'polls_total slow ok'])
    clock.advance(9_999)
    await poller.tick()
    expect(polls()).toEqual([1, 1, 0])
    clock.advance(1)
    await poller.tick()
    expect(polls()).toEqual([2, 1, 0])
    clock.advance(20_000)
    await poller.tick()
    expect(polls()).toEqual([3, 2, 0])
  })

  test('are not polled a second time while a poll is under way', async () => {
    const { poller, clock, fast, polls } = pollerOf()
    fast.nextFailures.push('hang')
    void poller.tick()
    await settle()
    clock.advance(60_000)
    void poller.tick()
    await settle()
    expect(polls()).toEqual([1, 2, 0])
  })

  test('that fail are logged, and polled again after their interval, like the others', async () => {
    const { poller, clock, fast, polls, counted, lines } = pollerOf()
    const down = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    const fault = new TypeError('x is undefined')
    fast.nextFailures.push(down, fault)
    await poller.tick()
    clock.advance(10_000)
    await poller.tick()
    const message = 'the source could not be polled; the next poll finds the same changes'
    expect(lines).toEqual([
      [{ source: 'fast', code: 'UPSTREAM_UNAVAILABLE', err: down }, message],
      [{ source: 'fast', code: undefined, err: fault }, message],
    ])
    expect(counted.filter((line) => line.endsWith('failed'))).toEqual(['polls_total fast failed', 'polls_total fast failed'])
    clock.advance(10_000)
    await poller.tick()
    expect(polls()).toEqual([3, 1, 0])
  })
})

describe('the poller', () => {
  test('looks four times a second which sources are due', async () => {
    const { poller, clock, polls, pass } = pollerOf()
    poller.start()
    expect(polls()).toEqual([0, 0, 0])
    await pass(1)
    expect(polls()).toEqual([1, 1, 0])
    clock.advance(10_000)
    await pass(1)
    expect(polls()).toEqual([2, 1, 0])
    await poller.stop()
  })

  test('begins with the first subscriber', async () => {
    const { poller, subscribers, listeners, polls, pass } = pollerOf()
    subscribers.count = 0
    poller.start()
    await pass(2)
    expect(vi.getTimerCount()).toBe(0)
    subscribers.count = 1
    for (const listener of listeners) listener()
    for (const listener of listeners) listener()
    expect(vi.getTimerCount()).toBe(1)
    await pass(1)
    expect(polls()).toEqual([1, 1, 0])
    await poller.stop()
  })

  test('releases its leases and rests when the last subscriber leaves', async () => {
    const { poller, clock, subscribers, leases, polls, pass } = pollerOf()
    poller.start()
    await pass(1)
    subscribers.count = 0
    clock.advance(10_000)
    await pass(1)
    // The slow desk is not due yet, so its lease is kept and the timer goes on.
    expect(leases.slice(2)).toEqual(['release poll:fast'])
    expect(vi.getTimerCount()).toBe(1)
    clock.advance(20_000)
    await pass(1)
    expect(leases.slice(2)).toEqual(['release poll:fast', 'release poll:slow'])
    expect([vi.getTimerCount(), polls()]).toEqual([0, [1, 1, 0]])
    await poller.stop()
  })

  test('stops its timer and its polls, releases its leases, and listens no more', async () => {
    const { poller, clock, listeners, leases, polls, pass } = pollerOf()
    poller.start()
    await pass(1)
    await poller.stop()
    expect([vi.getTimerCount(), listeners.size]).toEqual([0, 0])
    expect(leases.slice(2)).toEqual(['release poll:fast', 'release poll:slow'])
    clock.advance(60_000)
    await pass(2)
    expect(polls()).toEqual([1, 1, 0])
  })

  test('that is aborted counts no failed poll', async () => {
    const { poller, fast, counted, lines } = pollerOf()
    fast.beforeList = () => {
      void poller.stop()
      throw new Error('aborted')
    }
    await poller.tick()
    expect([counted.filter((line) => line.includes('fast')), lines]).toEqual([[], []])
  })

  test('holds its leases under the name that it was given, or else under a new one', async () => {
    const named = pollerOf('replica-1')
    await named.poller.tick()
    expect([...named.holders]).toEqual(['replica-1'])
    const [one, two] = [pollerOf(), pollerOf()]
    await one.poller.tick()
    await two.poller.tick()
    expect(new Set([...one.holders, ...two.holders]).size).toBe(2)
  })
})

describe('the gauge of the lag', () => {
  test('has the seconds since the last poll of each source began, and 0 without subscribers or a poll', async () => {
    const { poller, clock, subscribers, gauges } = pollerOf()
    await poller.measure()
    await poller.tick()
    clock.advance(4_000)
    await poller.measure()
    subscribers.count = 0
    await poller.measure()
    expect(gauges).toEqual([0, 4, 0].flatMap((lag) => [`poll_lag_seconds fast ${lag}`, `poll_lag_seconds slow ${lag}`]))
  })
})
