import type { BudgetRules } from '../budget/budgets.ts'
import type { LimitReading } from '../budget/call-window.ts'
import type { BudgetPlans } from '../budget/limits.ts'
import { toNumber } from '../decode.ts'

// The limits of calls ("Rate limiting", developers.intercom.com): 10,000 calls a minute for an app and 25,000 for its workspace, counted in windows of
// ten seconds.

const windowMs = 10_000

export const plans = {
  app: [{ name: 'all', calls: 1_666, windowMs }],
} as const satisfies BudgetPlans

/** `X-RateLimit-Limit` and `-Remaining` are of the present window, which ends at `X-RateLimit-Reset` in epoch seconds. */
export const readLimits: NonNullable<BudgetRules['readLimits']> = (headers, _, nowMs): readonly LimitReading[] => {
  const numberOf = (name: string) => toNumber(headers[`x-ratelimit-${name}`])
  const [total, remaining, reset] = [numberOf('limit'), numberOf('remaining'), numberOf('reset')]
  if (remaining === null || remaining < 0) return []
  const resetsInMs = reset === null ? null : reset * 1000 - nowMs
  return [
    {
      ...{ limit: 'all', remaining },
      // A number for the whole minute says nothing of ten seconds.
      ...(total !== null && total > 0 && total <= plans.app[0].calls && { total }),
      ...(resetsInMs !== null && resetsInMs >= 0 && resetsInMs <= windowMs && { resetsInMs }),
    },
  ]
}
