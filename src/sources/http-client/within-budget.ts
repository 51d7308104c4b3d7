import type { Call } from '../../domain/call.ts'
import type { OnAnswer } from '../budget/budget.ts'
import type { CallCost, CallKind } from '../budget/limits.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { Deadline } from './retry.ts'
import type { HttpClientOptions } from './types.ts'

/** Makes one attempt within the budget of its source, as `Budget.run` does. */
export type WithinBudget = <T>(
  cost: CallCost & { readonly kind: CallKind },
  call: Call,
  deadline: Deadline,
  attempt: (onAnswer: OnAnswer) => Promise<T>,
) => Promise<T>

/** A source without a budget is called at once, and so is one whose circuit is open: the circuit breaker then refuses the attempt. */
export function createWithinBudget({ budget }: HttpClientOptions, circuitBreaker: CircuitBreaker): WithinBudget {
  return (cost, { priority = 'user', endsAt = Number.POSITIVE_INFINITY }, deadline, attempt) => {
    if (!budget || circuitBreaker.state === 'open') return attempt(() => {})
    const time = { signal: deadline.signal, endsAt: Math.min(deadline.endsAt, endsAt) }
    return budget.run({ ...cost, priority, ...time }, attempt)
  }
}
