import type { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { noLogger } from '../../../src/domain/telemetry.ts'
import type { CallLimit } from '../../../src/sources/budget/limits.ts'
import { type Ask, createMemoryStore, type EndOfLimit, type Receipt } from '../../../src/sources/budget/memory-store.ts'
import { endScript, syncScript, takeScript } from '../../../src/sources/budget/redis-script.ts'
import { createSharedStore } from '../../../src/sources/budget/shared-store.ts'

// What the scripts are given and what their answers mean, as redis-script.ts describes it. shared-store.test.ts runs the scripts in a Redis.

const all: CallLimit = { name: 'all', calls: 10, windowMs: 60_000 }
const list: CallLimit = { name: 'list', calls: 4, windowMs: 30_000, isOwn: true }
const exported: CallLimit = { name: 'export', calls: 8, windowMs: 6_000, kinds: ['export'] }
const ticket: CallLimit = { name: 'ticket', calls: 2, windowMs: 600, perSubject: true }
const keys = { all: 'deskgraph:budget:1:{acme}:all:', list: 'deskgraph:budget:1:{acme}:list:' }

type Answer = readonly string[] | Error

/** A store over a Redis that runs nothing: the test gives its answers. It starts at 100 s. */
function start({ limits = [all, list, ticket], now }: { limits?: readonly CallLimit[]; now?: () => number } = {}) {
  const time = { now: 100_000 }
  const clock = () => time.now
  const asked: unknown[][] = []
  const answers: Answer[] = []
  const logged: unknown[] = []
  const redis = {
    status: 'ready',
    async eval(...given: unknown[]) {
      asked.push(given)
      const answer = answers.shift()
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('the test gave no answer')
      return answer
    },
  }
  const standing = { isShared: false, replicas: 2 }
  const memory = createMemoryStore({ limits, keepForUsers: 0.2, share: () => 1 / standing.replicas, clock })
  const logger = {
    ...noLogger,
    warn: (fields: object, message: string) => void logged.push(['warn', fields, message]),
    info: (fields: object, message: string) => void logged.push(['info', fields, message]),
  }
  const own = { redis: redis as unknown as Redis, limits, memory, standing, logger, clock, now }
  const store = createSharedStore({ sourceKey: 'acme', keepForUsers: 0.2, replica: 'r-1', ...own })
  /** Redis answers, with so many calls left of `all` and `list`. */
  const share = async (left = ['7', '3'], replicas = '2') => {
    answers.push([replicas, '10', left[0]!, '4', left[1]!])
    await store.state()
    asked.length = 0
  }
  return { store, memory, standing, redis, asked, answers, logged, time, share }
}

function ask(limits: readonly CallLimit[], more: { cost?: number; ahead?: number; priority?: Ask['priority'] } = {}): Ask {
  const { cost = 1, ahead = 0, priority = 'user' } = more
  return { priority, limits: limits.map((limit) => ({ limit, cost, ahead, subject: limit.perSubject ? '7' : null })) }
}

const said = (...ends: Partial<EndOfLimit>[]): EndOfLimit[] =>
  ends.map((end) => ({ reading: undefined, closedForMs: null, ...end }))
const gone = new Error('Connection is closed.')

describe('a call, while Redis counts', () => {
  it('is asked of Redis, with every limit that counts it', async () => {
    const { store, memory, asked, answers, share } = start()
    await share()
    answers.push(['taken', '1666', '5', '3333', '6', '166', '7'])
    expect(await store.take(ask([all, list, ticket], { cost: 2, ahead: 3, priority: 'polling' }))).toEqual({
      receipt: {
        // This process counts it too, in slots of its own clock: sixtieths of each window.
        places: [
          { slot: 100, order: 2 },
          { slot: 200, order: 2 },
          { slot: 10_000, order: 2 },
        ],
        shared: [
          { slot: 1666, order: 5 },
          { slot: 3333, order: 6 },
          { slot: 166, order: 7 },
        ],
      },
    })
    expect(asked).toEqual([
      [
        ...[takeScript, 3, keys.all, keys.list, 'deskgraph:budget:1:{acme}:ticket:7', '', 'polling'],
        ...[10, '0', 60_000, 1_000, 0.2, 3, 2],
        ...[4, '1', 30_000, 500, 0.2, 3, 2],
        ...[2, '0', 600, 10, 0.2, 3, 2],
      ],
    ])
    expect(memory.counted()).toHaveLength(3)
  })

  it('waits as long as Redis says, for the limit that it names, and is not counted', async () => {
    const { store, memory, answers, share } = start()
    await share()
    answers.push(['wait', '12.500', '2'])
    expect(await store.take(ask([all, list]))).toEqual({ waitMs: 12.5, heldBy: list })
    answers.push(['wait', '3', '1'])
    expect(await store.take(ask([all, list]))).toEqual({ waitMs: 3, heldBy: all })
    expect(memory.counted()).toEqual([])
  })

  it('has the time of a test, and leaves people nothing of a limit that only exports use', async () => {
    const { store, asked, answers, share } = start({ limits: [all, exported], now: () => 77 })
    await share()
    answers.push(['wait', '1', '1'])
    await store.take(ask([exported], { priority: 'export' }))
    expect(asked[0]!.slice(3)).toEqual(['77', 'export', 8, '0', 6_000, 100, 0, 0, 1])
  })

  it('is ended in Redis and in this process, with what the vendor has said', async () => {
    const { store, memory, asked, answers, share, time } = start()
    await share()
    answers.push(['taken', '1666', '5', '3333', '6'], ['1'])
    const asking = ask([all, list], { cost: 2, priority: 'export' })
    const { receipt } = (await store.take(asking)) as { receipt: Receipt }
    asked.length = 0
    time.now = 103_000
    const reading = { limit: 'list', total: 9, remaining: 0, resetsInMs: 5_000 }
    await store.end(asking, receipt, 1, said({ closedForMs: 4_000 }, { reading }))
    expect(asked).toEqual([
      [
        ...[endScript, 2, keys.all, keys.list, '', 'export', 1],
        ...[60_000, 1_000, 1666, 5, 4_000, '', '', '', 2],
        ...[30_000, 500, 3333, 6, '', 9, 0, 5_000, 2],
      ],
    ])
    expect(memory.counted().map(({ counted }) => counted)).toEqual([
      [{ slot: 103, priority: 'export', calls: 2 }],
      [{ slot: 206, priority: 'export', calls: 2 }],
    ])
  })

  it('is ended in this process alone where Redis has not counted it', async () => {
    const { store, memory, asked, answers, share } = start()
    const asking = ask([all])
    const { receipt } = (await store.take(asking)) as { receipt: Receipt }
    expect(asked).toEqual([])
    await share()
    await store.end(asking, receipt, 0, said({}))
    expect([asked, memory.counted()]).toEqual([[], [{ limit: all, subject: null, counted: [] }]])
    answers.push(['taken', '1666', '5'], gone)
    const shared = (await store.take(asking)) as { receipt: Receipt }
    await store.state()
    asked.length = 0
    await store.end(asking, shared.receipt, 0, said({}))
    expect(asked).toEqual([])
  })
})

describe('the state of the limits', () => {
  it('is told by Redis, which is told of this replica and of what it has counted', async () => {
    const { store, memory, standing, asked, answers } = start()
    memory.note(ask([list, all, ticket], { cost: 2, priority: 'polling' }))
    answers.push(['3', '12', '5', '4', '0'])
    expect(await store.state()).toEqual([
      { limit: all, calls: 12, left: 5 },
      { limit: list, calls: 4, left: 0 },
    ])
    expect(standing).toEqual({ isShared: true, replicas: 3 })
    const replicas = 'deskgraph:budget:1:{acme}:replicas'
    expect(asked).toEqual([
      [
        ...[syncScript, 4, keys.all, keys.list, replicas, `${replicas}:r-1`, '', 'r-1', 2],
        ...[2, 30_000, 200, 'polling', 2, '0'],
        ...[1, 60_000, 100, 'polling', 2, '0'],
        ...[10, '0', 60_000, 1_000],
        ...[4, '1', 30_000, 500],
      ],
    ])
  })

  it('counts one replica at least', async () => {
    const { standing, share } = start()
    await share(['7', '3'], '0')
    expect(standing.replicas).toBe(1)
  })

  it.each(['connecting', 'connect'])('is that of this process while a connection is %s', async (status) => {
    const { store, redis, asked, logged } = start()
    redis.status = status
    expect(await store.state()).toEqual([
      { limit: all, calls: 5, left: 5 },
      { limit: list, calls: 2, left: 2 },
    ])
    expect([asked, logged]).toEqual([[], []])
  })
})

describe('BUDGET-07: while Redis does not answer', () => {
  const away = [
    'warn',
    { source: 'acme', replicas: 2, err: gone },
    'Redis does not count the calls to this source: this replica makes its share of them by its own count',
  ]

  it('a call has its share of what was left, by the count of this process, which says so once', async () => {
    const { store, standing, answers, asked, logged, share } = start()
    await share(['7', '1'])
    answers.push(gone)
    // Half of seven, rounded down.
    expect(await store.take(ask([all], { cost: 4 }))).toEqual({ waitMs: 60_000, heldBy: all })
    expect(await store.take(ask([all], { cost: 3 }))).toHaveProperty('receipt')
    expect(await store.take(ask([list]))).toEqual({ waitMs: 30_000, heldBy: list })
    expect([standing.isShared, asked.length, logged]).toEqual([false, 1, [away]])
    answers.push(gone)
    await store.state()
    expect(logged).toHaveLength(1)
  })

  it('the end of a call finds that out too', async () => {
    const { store, standing, answers, logged, share } = start()
    await share()
    answers.push(['taken', '1666', '5'], gone)
    const asking = ask([all])
    const { receipt } = (await store.take(asking)) as { receipt: Receipt }
    await store.end(asking, receipt, 1, said({}))
    expect([standing.isShared, logged]).toEqual([false, [away]])
  })

  it('from the start, the state is that of this process, and each try to connect is one of a Redis that is away', async () => {
    const { store, standing, redis, answers, asked, logged } = start()
    answers.push(gone, gone)
    expect(await store.state()).toMatchObject([{ left: 5 }, { left: 2 }])
    redis.status = 'connecting'
    await store.state()
    expect([standing.isShared, asked.length, logged]).toEqual([false, 2, [away]])
  })

  it('its calls are told when it is back, those since then as new', async () => {
    const { store, memory, standing, answers, asked, logged, time, share } = start()
    memory.note(ask([all]))
    time.now = 105_000
    await share()
    answers.push(gone)
    await store.take(ask([all]))
    time.now = 109_000
    await store.take(ask([all], { cost: 2 }))
    asked.length = 0
    answers.push(['2', '10', '5', '4', '4'])
    await store.state()
    // The slot in which it went away may have calls of both times: it counts as new.
    expect(asked[0]!.slice(9, 27)).toEqual([
      ...[1, 60_000, 100, 'user', 1, '0'],
      ...[1, 60_000, 105, 'user', 1, '1'],
      ...[1, 60_000, 109, 'user', 2, '1'],
    ])
    expect(standing.isShared).toBe(true)
    expect(logged.slice(1)).toEqual([['info', { source: 'acme', replicas: 2 }, 'Redis counts the calls to this source again']])
    asked.length = 0
    answers.push(['2', '10', '5', '4', '4'], gone)
    await store.state()
    // Once told, they are as any other.
    expect(asked[0]!.slice(9, 27).filter((_, index) => index % 6 === 5)).toEqual(['0', '0', '0'])
    await store.state()
    expect(logged.map((line) => (line as unknown[])[0])).toEqual(['warn', 'info', 'warn'])
  })
})
