import { describe, expect, it } from 'vitest'
import { waitForBudget } from '../../../src/sources/budget/budget.ts'
import type { Ask } from '../../../src/sources/budget/memory-store.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'
import { all, list, startBudget, ticket } from './budget-fixture.ts'

const hourMs = 3_600_000
const aheadOf = ({ limits }: Ask) => limits.map(({ ahead }) => ahead)

describe('a call', () => {
  it('asks each limit that counts it, with its cost and for its ticket', async () => {
    const { asks, run, waits, counted } = startBudget()
    expect(await run({ kind: 'list', cost: 3, subject: '7' })).toBe('answered')
    expect(await run({ kind: 'write', subject: '7', priority: 'polling' })).toBe('answered')
    const none = { subject: null, ahead: 0 }
    expect(asks).toEqual([
      {
        priority: 'user',
        limits: [
          { limit: all, cost: 3, ...none },
          { limit: list, cost: 3, ...none },
        ],
      },
      {
        priority: 'polling',
        limits: [
          { limit: all, cost: 1, ...none },
          { limit: ticket, cost: 1, subject: '7', ahead: 0 },
        ],
      },
    ])
    expect(waits).toEqual([
      ['budget_wait_seconds', expect.any(Number), { source: 'acme', priority: 'user' }],
      ['budget_wait_seconds', expect.any(Number), { source: 'acme', priority: 'polling' }],
    ])
    expect(counted.total('budget_calls_total', { source: 'acme', kind: 'list', priority: 'user' })).toBe(3)
    expect(counted.total('budget_calls_total', { source: 'acme', kind: 'write', priority: 'polling' })).toBe(1)
  })

  it('asks no limit where none counts it, or the vendor does not', async () => {
    const { asks, ended, run, counted } = startBudget(undefined, { limits: [list] })
    expect([await run(), await run({ kind: 'list', cost: 0 })]).toEqual(['answered', 'answered'])
    expect([asks, ended, counted.total('budget_calls_total')]).toEqual([[], [], 0])
  })

  it('waits as long as the store says, and asks again', async () => {
    const { asks, run, waits } = startBudget((_, index) => [20.5, 15, 0][index]!)
    const before = performance.now()
    expect(await run()).toBe('answered')
    const passed = performance.now() - before
    expect(passed).toBeGreaterThanOrEqual(34)
    expect(asks).toHaveLength(3)
    const [, seconds] = waits[0] as [string, number]
    expect(seconds * 1_000).toBeGreaterThanOrEqual(34)
    expect(seconds * 1_000).toBeLessThanOrEqual(passed)
  })

  it('is held at once where it would have less than half a second after its wait', async () => {
    const { asks, ended, run, counted } = startBudget(() => 40_001)
    const held = (endsInMs: number) => run({ kind: 'list', priority: 'polling', endsAt: performance.now() + endsInMs })
    await expect(held(40_400)).rejects.toMatchObject({ kind: 'budgetHeld', sent: false, retryAfter: 41 })
    expect(counted.total('budget_held_calls_total', { source: 'acme', kind: 'list', priority: 'polling' })).toBe(1)
    expect([asks.length, ended]).toEqual([1, []])
    const leaving = new AbortController()
    const waiting = run({ endsAt: performance.now() + 45_000, signal: leaving.signal })
    await new Promise((resolve) => setImmediate(resolve))
    leaving.abort(new Error('left'))
    await expect(waiting).rejects.toThrow('left')
  })

  it('that is held is to be tried again in a second at the earliest', async () => {
    const { run } = startBudget(() => 0.5)
    await expect(run({ endsAt: performance.now() })).rejects.toMatchObject({ retryAfter: 1 })
  })

  it('of a caller that has left asks nothing', async () => {
    const { asks, run } = startBudget()
    await expect(run({ signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow('left')
    expect(asks).toEqual([])
  })

  it('shows its counters before the first event', () => {
    const kinds: unknown[] = []
    const { counted } = startBudget()
    startBudget(undefined, { metrics: { ...counted, count: (...given) => void kinds.push(given) } })
    expect(kinds).toEqual(
      ['list', 'read', 'search', 'export', 'write'].map((kind) => [
        'budget_held_calls_total',
        { source: 'acme', kind, priority: 'user' },
        0,
      ]),
    )
  })
})

describe('BUDGET-02: the calls that go before a call', () => {
  it('are more urgent ones, and older ones that are as urgent, by what they cost', async () => {
    const { asks, run } = startBudget(() => hourMs)
    const waiting = [
      run({ priority: 'export', cost: 10 }),
      run({ priority: 'polling', cost: 20 }),
      run({ priority: 'user', cost: 40 }),
      run({ priority: 'user' }),
    ]
    for (const one of waiting) one.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    for (const priority of ['user', 'polling', 'export'] as const) {
      run({ priority }).catch(() => {})
      await new Promise((resolve) => setImmediate(resolve))
    }
    // Those of a person: 40 and 1. Polling waits for three people and for 20; an export for everything before it.
    expect(asks.slice(4).map(aheadOf)).toEqual([[41], [62], [73]])
  })

  it('are counted again when a call asks again: not itself, and no later one that is as urgent', async () => {
    const { asks, run } = startBudget((_, index) => (index === 0 ? 30 : index === 4 ? 0 : hourMs))
    const first = run({ priority: 'polling', cost: 5 })
    await new Promise((resolve) => setImmediate(resolve))
    for (const priority of ['user', 'polling', 'export'] as const) run({ priority, cost: 2 }).catch(() => {})
    expect(await first).toBe('answered')
    // Of those that came later, only the call of a person goes before it.
    expect(aheadOf(asks[4]!)).toEqual([2])
    run({ priority: 'polling' }).catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    // The first call no longer waits.
    expect(aheadOf(asks[5]!)).toEqual([4])
  })

  it('are those of the same limit, and none for a ticket', async () => {
    const { asks, run } = startBudget(() => hourMs)
    for (const one of [run({ kind: 'list', cost: 3 }), run({ kind: 'write', subject: '7', cost: 5 })]) one.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    for (const one of [run({ kind: 'list' }), run({ kind: 'write', subject: '7' })]) one.catch(() => {})
    expect(asks.slice(2).map(aheadOf)).toEqual([
      [8, 3],
      [8, 0],
    ])
  })
})

describe('work that waits for the budget', () => {
  const held = new UpstreamError('budgetHeld', { sent: false, retryAfter: 0.01 })
  const limited = new UpstreamError('rateLimited', { sent: true, retryAfter: 0.01 })
  const { signal } = new AbortController()

  it('is done again until there is room', async () => {
    const errors: unknown[] = [held, limited, held]
    const work = () => (errors.length > 0 ? Promise.reject(errors.shift()) : Promise.resolve('done'))
    const before = performance.now()
    expect(await waitForBudget(signal, work)).toBe('done')
    expect(performance.now() - before).toBeGreaterThanOrEqual(27)
  })

  it('ends with any other error', async () => {
    for (const error of [new UpstreamError('server', { sent: true }), new TypeError('a defect')]) {
      let calls = 0
      const work = () => {
        calls += 1
        return Promise.reject(error)
      }
      await expect(waitForBudget(signal, work)).rejects.toBe(error)
      expect(calls).toBe(1)
    }
  })

  it('ends when its caller leaves, also where the vendor asks for a long wait', async () => {
    for (const retryAfter of [60, undefined]) {
      const controller = new AbortController()
      const work = () => Promise.reject(new UpstreamError('rateLimited', { sent: true, retryAfter }))
      const waiting = waitForBudget(controller.signal, work)
      await new Promise((resolve) => setImmediate(resolve))
      controller.abort(new Error('left'))
      await expect(waiting).rejects.toThrow('left')
    }
  })
})
