import type { AnswerHeaders } from '../budget/budget.ts'
import type { LimitReading } from '../budget/call-window.ts'
import type { BudgetPlans, CallLimit } from '../budget/limits.ts'

// The limits of Freshdesk on calls in a minute, by plan, and the headers that tell what is left of them.

const minute = { windowMs: 60_000 } as const

/** `all` counts what a call costs; the others count calls. Tickets may be opened by 40 % of all calls, and changed by as many. */
function toPlan(all: number, list: number): readonly CallLimit[] {
  const ofWrites = { ...minute, calls: all * 0.4, kinds: [], countsCalls: true } as const
  return [
    { name: 'all', calls: all, ...minute },
    { name: 'list', calls: list, ...minute, kinds: ['list'], countsCalls: true },
    { name: 'create', ...ofWrites },
    { name: 'update', ...ofWrites },
  ]
}

export const plans = {
  // Freshdesk names no number of lists for a trial: that of the smallest plan is kept.
  trial: toPlan(50, 20),
  growth: toPlan(200, 20),
  pro: toPlan(400, 100),
  enterprise: toPlan(700, 200),
} satisfies BudgetPlans

/** Each part that is included costs two calls more in a list, and one more with a single ticket. */
export function toCost(includes: readonly string[], each: 1 | 2) {
  return { cost: 1 + includes.length * each }
}

/** `X-Ratelimit-Total` and `-Remaining` are of all calls of the account. When the minute ends is not told. */
export function readLimits(headers: AnswerHeaders): readonly LimitReading[] {
  const toCount = (value: string | string[] | undefined) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined
  const [total, remaining] = [toCount(headers['x-ratelimit-total']), toCount(headers['x-ratelimit-remaining'])]
  if (total === undefined && remaining === undefined) return []
  return [{ limit: 'all', ...(total !== undefined && { total }), ...(remaining !== undefined && { remaining }) }]
}
