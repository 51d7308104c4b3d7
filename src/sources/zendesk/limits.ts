import type { AnswerHeaders } from '../budget/budget.ts'
import type { LimitReading } from '../budget/call-window.ts'
import type { BudgetPlans, CallLimit } from '../budget/limits.ts'

// The limits of Zendesk Support on calls, by plan, and the headers that tell what is left of them.

const minuteMs = 60_000
const isList = { kinds: ['list'] } as const satisfies Partial<CallLimit>

/** `all`: the calls of a minute by plan; the others are the same in all plans. A trial takes 20 updates a minute (`calls`). */
function toPlan(calls: number, exports = 10): readonly CallLimit[] {
  return [
    { name: 'all', calls, windowMs: minuteMs },
    { name: 'tickets-index', calls: 100, windowMs: minuteMs, ...isList },
    { name: 'tickets-update', calls: 100, windowMs: minuteMs, kinds: [] },
    { name: 'ticket-update', calls: 30, windowMs: 10 * minuteMs, kinds: [], perSubject: true },
    { name: 'incremental-exports', calls: exports, windowMs: minuteMs, kinds: ['export'] },
  ]
}

export const plans = {
  team: toPlan(200),
  growth: toPlan(400),
  professional: toPlan(400),
  enterprise: toPlan(700),
  highVolume: toPlan(2500, 30),
} satisfies BudgetPlans

/** What an update of a ticket costs beside a call. */
export function toUpdateCost(ticketId: string) {
  return { subject: ticketId, limits: ['tickets-update', 'ticket-update'] }
}

/**
 * `X-Rate-Limit` and `X-Rate-Limit-Remaining` are of the account; `Zendesk-RateLimit-tickets-index: total=100; remaining=99; resets=41` is of one
 * operation, in seconds.
 */
export function readLimits(headers: AnswerHeaders): readonly LimitReading[] {
  const toCount = (text: string | string[] | undefined) => {
    const number = Number(text)
    return typeof text === 'string' && /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined
  }
  const toReading = (limit: string, total?: number, remaining?: number, seconds?: number): LimitReading => ({
    limit,
    ...(total !== undefined && { total }),
    ...(remaining !== undefined && { remaining }),
    ...(seconds !== undefined && { resetsInMs: seconds * 1000 }),
  })
  const account = toReading(
    'all',
    toCount(headers['x-rate-limit']),
    toCount(headers['x-rate-limit-remaining']),
    toCount(headers['ratelimit-reset']),
  )
  const ofOperations = Object.entries(headers).flatMap(([name, value]) => {
    const limit = /^zendesk-ratelimit-(.+)$/.exec(name)?.[1]
    if (limit === undefined || typeof value !== 'string') return []
    const parts = new Map(value.split(';').map((part) => part.trim().split('=') as [string, string]))
    return [toReading(limit, toCount(parts.get('total')), toCount(parts.get('remaining')), toCount(parts.get('resets')))]
  })
  return [account, ...ofOperations].filter((reading) => Object.keys(reading).length > 1)
}
