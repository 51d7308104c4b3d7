import { describe, expect, it } from 'vitest'
import type { Call } from '../../../src/domain/call.ts'
import type { Budget, BudgetedCall } from '../../../src/sources/budget/budget.ts'
import type { CircuitBreakerState } from '../../../src/sources/http-client/circuit-breaker.ts'
import type { HttpClientOptions } from '../../../src/sources/http-client/types.ts'
import { createWithinBudget } from '../../../src/sources/http-client/within-budget.ts'
import { someCall } from '../../support/call.ts'

const cost = { kind: 'search', cost: 3, subject: '7' } as const
const { signal } = new AbortController()

/** Makes one attempt whose deadline is at 5,000, and returns what the budget was asked. */
async function attemptWith(options: { state?: CircuitBreakerState; hasBudget?: boolean; call?: Partial<Call> }) {
  const { state = 'closed', hasBudget = true, call = {} } = options
  const asked: BudgetedCall[] = []
  const told: number[] = []
  const budget = {
    run(budgeted, attempt) {
      asked.push(budgeted)
      return attempt((status) => void told.push(status))
    },
  } as Budget
  const breaker = { state, execute: () => Promise.reject(new Error('not asked here')) }
  const withinBudget = createWithinBudget((hasBudget ? { budget } : {}) as HttpClientOptions, breaker)
  const result = await withinBudget(cost, someCall(call), { signal, endsAt: 5_000 }, async (onAnswer) => {
    onAnswer(204, {})
    return 'answered'
  })
  return { result, asked, told }
}

describe('an attempt', () => {
  it.each<CircuitBreakerState>(['closed', 'probing'])('asks the budget with its cost while the circuit is %s', async (state) => {
    expect(await attemptWith({ state })).toEqual({
      result: 'answered',
      asked: [{ kind: 'search', cost: 3, subject: '7', priority: 'user', signal, endsAt: 5_000 }],
      told: [204],
    })
  })

  it('asks no budget while the circuit is open, which refuses it, or where there is none', async () => {
    expect(await attemptWith({ state: 'open' })).toEqual({ result: 'answered', asked: [], told: [] })
    expect(await attemptWith({ hasBudget: false })).toEqual({ result: 'answered', asked: [], told: [] })
  })

  it('has the priority of its call, and ends with its call or at its deadline, whichever is first', async () => {
    const ofCall = async (call: Partial<Call>) => (await attemptWith({ call })).asked[0]
    expect(await ofCall({ priority: 'export', endsAt: 4_000 })).toMatchObject({ priority: 'export', endsAt: 4_000 })
    expect(await ofCall({ endsAt: 6_000 })).toMatchObject({ priority: 'user', endsAt: 5_000 })
  })
})
