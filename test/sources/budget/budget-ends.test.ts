import { describe, expect, it } from 'vitest'
import type { OnAnswer } from '../../../src/sources/budget/budget.ts'
import type { LimitReading } from '../../../src/sources/budget/call-window.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'
import { all, list, receipt, startBudget, ticket } from './budget-fixture.ts'

/** Runs a call of the limits `all` and `list`, and returns how the store was told that it ended. */
async function endOf(attempt: (onAnswer: OnAnswer) => Promise<unknown>, readings: readonly LimitReading[] = []) {
  const read: unknown[] = []
  const readLimits = (...given: unknown[]) => {
    read.push(given)
    return readings
  }
  const { budget, call, ended } = startBudget(undefined, { readLimits })
  const result = await budget.run(call({ kind: 'list' }), attempt).catch((error: unknown) => error)
  expect(ended).toHaveLength(1)
  const { ask, ends, sent } = ended[0]!
  expect([ask.limits.map(({ limit }) => limit), ended[0]!.receipt]).toEqual([[all, list], receipt])
  return { result, ends, sent, read }
}

const failWith = (error: Error) => () => Promise.reject(error)
const nothing = { reading: undefined, closedForMs: null }
const rateLimited = (retryAfter?: number) => new UpstreamError('rateLimited', { sent: true, retryAfter })

describe('a call that has ended', () => {
  it('was received once, and tells what the headers of its answer say', async () => {
    const readings = [{ limit: 'list', remaining: 3 }]
    const { result, ends, sent, read } = await endOf(async (onAnswer) => {
      onAnswer(200, { 'x-left': '3' })
      return 'answered'
    }, readings)
    expect([result, sent, read]).toEqual(['answered', 1, [[{ 'x-left': '3' }, 200, 7_000]]])
    expect(ends).toEqual([nothing, { reading: readings[0], closedForMs: null }])
  })

  it('was received as often as it was answered, such as once more with renewed credentials', async () => {
    const { sent } = await endOf(async (onAnswer) => {
      onAnswer(401, {})
      onAnswer(200, {})
    })
    expect(sent).toBe(2)
  })

  it.each<[string, () => Promise<unknown>, number]>([
    ['succeeded', async () => 'answered', 1],
    ['failed after it was sent', failWith(new UpstreamError('reset', { sent: true })), 1],
    ['failed before it was sent', failWith(new UpstreamError('refused', { sent: false })), 0],
    ['failed by a defect', failWith(new TypeError('a defect')), 1],
  ])('without an answer that %s was received so often', async (_, attempt, expected) => {
    const { sent, ends } = await endOf(attempt)
    expect([sent, ends]).toEqual([expected, [nothing, nothing]])
  })

  it('fails with the error of its attempt', async () => {
    const defect = new TypeError('a defect')
    expect((await endOf(failWith(defect))).result).toBe(defect)
  })
})

describe('a 429', () => {
  const closedFor = async (error: Error, readings: readonly LimitReading[] = []) => {
    const { ends } = await endOf((onAnswer) => {
      onAnswer(429, {})
      return Promise.reject(error)
    }, readings)
    return ends.map(({ closedForMs }) => closedForMs)
  }

  it('closes every limit that counted the call, for as long as it says, or five seconds', async () => {
    expect(await closedFor(rateLimited(30))).toEqual([30_000, 30_000])
    expect(await closedFor(rateLimited(0))).toEqual([0, 0])
    expect(await closedFor(rateLimited())).toEqual([5_000, 5_000])
  })

  it('closes those of which it says that nothing is left, else those of which it says nothing', async () => {
    expect(await closedFor(rateLimited(3), [{ limit: 'list', remaining: 0 }])).toEqual([null, 3_000])
    expect(await closedFor(rateLimited(3), [{ limit: 'list', remaining: 1 }])).toEqual([3_000, null])
    expect(
      await closedFor(rateLimited(3), [
        { limit: 'list', remaining: 1 },
        { limit: 'all', total: 9 },
      ]),
    ).toEqual([3_000, null])
    expect(
      await closedFor(rateLimited(3), [
        { limit: 'list', remaining: 1 },
        { limit: 'all', remaining: 1 },
      ]),
    ).toEqual([3_000, 3_000])
  })

  it('alone closes a limit', async () => {
    expect(await closedFor(new UpstreamError('server', { sent: true, retryAfter: 30 }))).toEqual([null, null])
    expect(await closedFor(new TypeError('a defect'), [{ limit: 'list', remaining: 0 }])).toEqual([null, null])
  })
})

describe('a budget', () => {
  it('shows its state as gauges', async () => {
    const { budget, states, gauges } = startBudget()
    states.push({ limit: all, calls: 100, left: 3 }, { limit: list, calls: 20, left: 0 })
    expect(await budget.state()).toBe(states)
    await budget.measure()
    expect(gauges).toEqual([
      ['budget_calls_limit', 100, { source: 'acme', limit: 'all' }],
      ['budget_calls_left', 3, { source: 'acme', limit: 'all' }],
      ['budget_calls_limit', 20, { source: 'acme', limit: 'list' }],
      ['budget_calls_left', 0, { source: 'acme', limit: 'list' }],
    ])
  })

  it('BUDGET-10: leaves polling a fifth of the limit of lists that allows the fewest calls, as the vendor last told it', async () => {
    const { budget, states } = startBudget()
    // 4 of 20 calls a minute.
    expect(budget.pollIntervalMs()).toBe(15_000)
    states.push({ limit: list, calls: 300, left: 300 })
    await budget.measure()
    // 20 of 100, by the limit of all calls: 60 of 300 would be one a second.
    expect(budget.pollIntervalMs()).toBe(3_000)
    expect(startBudget(undefined, { listCost: 2 }).budget.pollIntervalMs()).toBe(30_000)
    expect(startBudget(undefined, { limits: [ticket] }).budget.pollIntervalMs()).toBe(0)
  })
})
