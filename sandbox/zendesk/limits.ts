import type { Reply } from '../simulator.ts'
import { minuteMs } from '../times.ts'
import { toFailure } from './errors.ts'
import type { Id } from './json.ts'

/** The limits of single operations, by the word in the vendor's header `Zendesk-RateLimit-{name}`. */
export type LimitName = 'tickets-index' | 'tickets-update' | 'incremental-exports' | 'search-index' | 'search-export'

/** Calls a minute. `ticket-updates` counts updates of one ticket by one user in ten minutes. */
export type LimitTable = Readonly<Record<LimitName | 'account' | 'ticket-updates', number>>

const ofEveryPlan = {
  'tickets-index': 100,
  'tickets-update': 100,
  'ticket-updates': 30,
  'incremental-exports': 10,
  'search-index': 100,
  'search-export': 100,
}

/** The vendor's plans, and `generous` for a sandbox that must not stop the person who tries it. */
export const planLimits = {
  trial: { ...ofEveryPlan, account: 200, 'tickets-update': 20 },
  team: { ...ofEveryPlan, account: 200 },
  professional: { ...ofEveryPlan, account: 400 },
  enterprise: { ...ofEveryPlan, account: 700 },
  'high-volume': { ...ofEveryPlan, account: 2500 },
  generous: {
    ...{ account: 100_000, 'tickets-index': 100_000, 'tickets-update': 100_000, 'ticket-updates': 100_000 },
    ...{ 'incremental-exports': 100_000, 'search-index': 100_000, 'search-export': 100_000 },
  },
} as const satisfies Readonly<Record<string, LimitTable>>

interface Asking {
  readonly now: number
  readonly limit: LimitName | undefined
  readonly userId: Id
  readonly ticketId: string | undefined
}

interface Admission {
  readonly headers: Readonly<Record<string, string>>
  /** The 429, when a limit is used up. */
  readonly refusal?: Reply
}

export interface Limits {
  /** Counts a call. A refused call is not counted again. */
  admit(asking: Asking): Admission
  /** Other limits from now on; the counts begin anew. */
  set(table: LimitTable): void
}

/** Counts calls in windows that begin with their first call. */
export function createLimits(initial: LimitTable): Limits {
  let table = initial
  const windows = new Map<string, { start: number; used: number }>()
  const take = (key: string, total: number, lengthMs: number, now: number) => {
    const known = windows.get(key)
    const window = known && now - known.start < lengthMs ? known : { start: now, used: 0 }
    windows.set(key, window)
    const isAdmitted = window.used < total
    if (isAdmitted) window.used += 1
    const resets = Math.max(1, Math.ceil((window.start + lengthMs - now) / 1000))
    return { isAdmitted, total, remaining: total - window.used, resets }
  }
  return {
    admit({ now, limit, userId, ticketId }) {
      const account = take('account', table.account, minuteMs, now)
      const headers: Record<string, string> = {
        'x-rate-limit': String(account.total),
        'x-rate-limit-remaining': String(account.remaining),
        'ratelimit-limit': String(account.total),
        'ratelimit-remaining': String(account.remaining),
        'ratelimit-reset': String(account.resets),
      }
      if (!account.isAdmitted) return { headers, refusal: tooMany(account.resets) }
      if (limit === undefined) return { headers }
      const own = take(limit, table[limit], minuteMs, now)
      headers[`zendesk-ratelimit-${limit}`] = `total=${own.total}; remaining=${own.remaining}; resets=${own.resets}`
      if (!own.isAdmitted) return { headers, refusal: tooMany(own.resets) }
      if (limit !== 'tickets-update') return { headers }
      const ofTicket = take(`${userId}/${ticketId}`, table['ticket-updates'], 10 * minuteMs, now)
      return ofTicket.isAdmitted ? { headers } : { headers, refusal: tooManyOfTicket(ofTicket.resets) }
    },
    set(next) {
      table = next
      windows.clear()
    },
  }
}

function tooMany(seconds: number): Reply {
  return { status: 429, headers: { 'retry-after': String(seconds) }, body: toFailure(429) }
}

/** This one is no JSON. */
function tooManyOfTicket(seconds: number): Reply {
  return {
    status: 429,
    headers: { 'retry-after': String(seconds), 'content-type': 'text/html; charset=utf-8' },
    body: Buffer.from('Rate limit for ticket updates exceeded, please wait before updating this ticket again'),
  }
}
