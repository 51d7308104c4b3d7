import { describe, expect, it } from 'vitest'
import {
  createRetry,
  createRetryBudget,
  type Deadline,
  type RetryBudget,
  withDeadline,
  withTryTimeout,
} from '../../../src/sources/http-client/retry.ts'
import { UpstreamError, type UpstreamErrorKind } from '../../../src/sources/http-client/upstream-error.ts'

const failed = (kind: UpstreamErrorKind, retryAfter?: number) => new UpstreamError(kind, { sent: true, retryAfter })
const longDeadline = (signal = new AbortController().signal): Deadline => ({ signal, endsAt: performance.now() + 60_000 })

interface Options {
  readonly retries?: number
  readonly budget?: RetryBudget
  readonly deadline?: Deadline
}

/** Runs attempts that end with these outcomes, one after another. */
async function run(outcomes: readonly (string | Error)[], { retries = 5, budget, deadline = longDeadline() }: Options = {}) {
  const state = { attempts: 0, retried: 0, calls: [] as string[] }
  const counted: RetryBudget = {
    enter: () => void state.calls.push('enter'),
    leave: () => void state.calls.push('leave'),
    take: () => {
      state.calls.push('take')
      return true
    },
  }
  const onRetry = () => {
    state.retried += 1
  }
  const retry = createRetry({ retries, budget: budget ?? counted, onRetry })
  const attempt = async () => {
    const outcome = outcomes[state.attempts++]
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const result: unknown = await retry(attempt, deadline).catch((error: unknown) => error)
  return { ...state, result }
}

describe('attempts of one read', () => {
  it('end with the first answer', async () => {
    expect(await run(['a'])).toMatchObject({ result: 'a', attempts: 1, retried: 0, calls: ['enter', 'leave'] })
    const again = await run([failed('server', 0), failed('reset', 0), 'c'])
    expect(again).toMatchObject({ result: 'c', attempts: 3, retried: 2, calls: ['enter', 'take', 'take', 'leave'] })
  })

  it('end with the last error after so many retries', async () => {
    const last = failed('reset', 0)
    expect(await run([failed('server', 0), failed('server', 0), last], { retries: 2 })).toMatchObject({
      result: last,
      attempts: 3,
      retried: 2,
    })
    const first = failed('server', 0)
    expect(await run([first], { retries: 0 })).toMatchObject({ result: first, attempts: 1, calls: ['enter', 'leave'] })
  })

  it('are not repeated after an error that a repetition does not help', async () => {
    for (const error of [failed('unreadable'), failed('deadline'), failed('unauthorised', 0)])
      expect(await run([error, 'b'])).toMatchObject({ result: error, attempts: 1, retried: 0 })
  })

  it('are not repeated after a rate limit that names no time', async () => {
    const error = failed('rateLimited')
    expect(await run([error, 'b'])).toMatchObject({ result: error, attempts: 1 })
    expect(await run([failed('rateLimited', 0), 'b'])).toMatchObject({ result: 'b', attempts: 2 })
  })

  it('are repeated after a short wait where the source names no time', async () => {
    expect(await run([failed('server'), 'b'])).toMatchObject({ result: 'b', attempts: 2 })
  })

  it('are not repeated where the wait does not fit into the deadline', async () => {
    const error = failed('server', 61)
    expect(await run([error, 'b'])).toMatchObject({ result: error, attempts: 1, calls: ['enter', 'leave'] })
  })

  it('are not repeated where the budget is used up', async () => {
    const [error, budget] = [failed('server', 0), { enter() {}, leave() {}, take: () => false }]
    expect(await run([error, 'b'], { budget })).toMatchObject({ result: error, attempts: 1, retried: 0 })
  })

  it('keep the error of the source where the circuit has opened since, or the budget of calls is used up', async () => {
    const first = failed('server', 0)
    for (const kind of ['circuitOpen', 'budgetHeld'] as const)
      expect(await run([first, failed(kind, 30)], { retries: 1 })).toMatchObject({ result: first, attempts: 2 })
  })

  it('end at once with a defect of the gateway', async () => {
    const defect = new TypeError('a defect')
    expect(await run([defect, 'b'])).toMatchObject({ result: defect, attempts: 1, calls: ['enter', 'leave'] })
    expect(await run([failed('server', 0), defect, 'c'])).toMatchObject({ result: defect, attempts: 2 })
  })

  it('end with the reason of the signal where it aborts during the wait', async () => {
    const controller = new AbortController()
    const reason = failed('cancelled')
    setImmediate(() => controller.abort(reason))
    const deadline = longDeadline(controller.signal)
    expect(await run([failed('server', 20), 'b'], { deadline })).toMatchObject({ result: reason, attempts: 1, retried: 0 })
  })
})

describe('UPSTREAM-16: a retry budget', () => {
  const takes = (budget: RetryBudget, count: number) => Array.from({ length: count }, () => budget.take())

  it('allows one retry of a single call, and none without a call in between', () => {
    const budget = createRetryBudget()
    budget.enter()
    expect(takes(budget, 2)).toEqual([true, false])
  })

  it('counts the calls of a burst from the last moment without one', () => {
    const budget = createRetryBudget()
    for (let call = 0; call < 10; call++) budget.enter()
    expect(takes(budget, 3)).toEqual([true, true, false])
    for (let call = 0; call < 9; call++) budget.leave()
    // One of the ten still runs: the burst goes on, with eleven calls, of which a fifth is two.
    budget.enter()
    expect(takes(budget, 1)).toEqual([false])
    budget.leave()
    budget.leave()
    budget.enter()
    expect(takes(budget, 2)).toEqual([true, false])
  })

  it('saves at most 13 retries', () => {
    const budget = createRetryBudget()
    for (let call = 0; call < 1000; call++) budget.enter()
    expect(takes(budget, 20).filter(Boolean)).toHaveLength(13)
  })

  it('saves as many retries as its share of the calls says', () => {
    const budget = createRetryBudget(0.5)
    for (let call = 0; call < 8; call++) budget.enter()
    // Half of eight calls are four, and 3 + 4 are saved.
    expect(takes(budget, 6)).toEqual([true, true, true, true, false, false])
  })
})

describe('the deadline of a call', () => {
  it('aborts the call with its reason when the time is up', async () => {
    const controller = new AbortController()
    const aborted = withDeadline(controller, 10, ({ signal }) => untilAborted(signal))
    expect(await aborted).toMatchObject({ kind: 'deadline', sent: false })
  })

  it('is on the scale of performance.now(), and no longer aborts once the call has ended', async () => {
    const controller = new AbortController()
    const before = performance.now()
    const { endsAt, signal } = await withDeadline(controller, 20, async (deadline) => deadline)
    expect(endsAt).toBeGreaterThanOrEqual(before + 20)
    expect(endsAt).toBeLessThanOrEqual(performance.now() + 20)
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(signal.aborted).toBe(false)
  })
})

describe('the time of one try', () => {
  it('aborts the try alone', async () => {
    const deadline = longDeadline()
    expect(await withTryTimeout(deadline, 10, untilAborted)).toMatchObject({ kind: 'slow', sent: false })
    expect(deadline.signal.aborted).toBe(false)
  })

  it('is that of the call where none is set, or the call has no time for another try', async () => {
    const deadline = longDeadline()
    expect(await withTryTimeout(deadline, undefined, async (signal) => signal)).toBe(deadline.signal)
    expect(await withTryTimeout(deadline, 60_000, async (signal) => signal)).toBe(deadline.signal)
    expect(await withTryTimeout(deadline, 1_000, async (signal) => signal)).not.toBe(deadline.signal)
  })

  it('ends with the call, for the reason of the call', async () => {
    const controller = new AbortController()
    const reason = failed('cancelled')
    setImmediate(() => controller.abort(reason))
    expect(await withTryTimeout(longDeadline(controller.signal), 10_000, untilAborted)).toBe(reason)
  })

  it('is forgotten when the try has ended', async () => {
    const controller = new AbortController()
    const signal = await withTryTimeout(longDeadline(controller.signal), 20, async (one) => one)
    controller.abort(failed('cancelled'))
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(signal.aborted).toBe(false)
  })
})

function untilAborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }))
}
