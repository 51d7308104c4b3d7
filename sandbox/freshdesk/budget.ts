import type { Reply } from '../simulator.ts'
import { minuteMs } from '../times.ts'

/** Calls a minute of the whole account, and of single operations. */
export interface Plan {
  readonly account: number
  readonly 'ticket-create': number
  readonly 'ticket-update': number
  readonly 'ticket-list': number
  readonly 'contact-list': number
}

/** An operation that has a limit of its own. */
export type Endpoint = Exclude<keyof Plan, 'account'>

const plan = (account: number, lists: number): Plan => ({
  ...{ account, 'ticket-create': account * 0.4, 'ticket-update': account * 0.4, 'ticket-list': lists, 'contact-list': lists },
})

/** The vendor's plans, and `generous` for a sandbox that must not stop the person who tries it. */
export const plans = {
  trial: plan(50, 20),
  growth: plan(200, 20),
  pro: plan(400, 100),
  enterprise: plan(700, 200),
  generous: plan(100_000, 100_000),
} as const satisfies Readonly<Record<string, Plan>>

interface Admission {
  readonly headers: Readonly<Record<string, string>>
  /** The 429, when the budget is used up. */
  readonly refusal?: Reply
}

export interface Budget {
  /** Counts a call, also one that is refused for another reason. `cost` is in calls. */
  admit(asking: { readonly now: number; readonly cost: number; readonly endpoint: Endpoint | undefined }): Admission
  /** Another plan from now on; the counts begin anew. */
  set(next: Plan): void
}

/** Counts calls in minutes that begin with their first call. */
export function createBudget(initial: Plan): Budget {
  let current = initial
  const minutes = new Map<string, { start: number; used: number }>()
  const minuteOf = (key: string, now: number) => {
    const known = minutes.get(key)
    const minute = known && now - known.start < minuteMs ? known : { start: now, used: 0 }
    minutes.set(key, minute)
    return minute
  }
  const take = (key: string, total: number, cost: number, now: number) => {
    const minute = minuteOf(key, now)
    const isAdmitted = minute.used < total
    if (isAdmitted) minute.used += cost
    return { isAdmitted, remaining: Math.max(0, total - minute.used), endsInMs: minute.start + minuteMs - now }
  }
  return {
    admit({ now, cost, endpoint }) {
      const account = take('account', current.account, cost, now)
      const headers = {
        'x-ratelimit-total': String(current.account),
        'x-ratelimit-remaining': String(account.remaining),
        'x-ratelimit-used-currentrequest': String(account.isAdmitted ? cost : 0),
      }
      if (!account.isAdmitted) return { headers, refusal: tooMany(account.endsInMs) }
      if (endpoint === undefined) return { headers }
      const own = take(endpoint, current[endpoint], 1, now)
      return own.isAdmitted ? { headers } : { headers, refusal: tooMany(own.endsInMs) }
    },
    set(next) {
      current = next
      minutes.clear()
    },
  }
}

/** Without JSON, as the vendor's clients know it. */
function tooMany(endsInMs: number): Reply {
  const seconds = Math.max(1, Math.ceil(endsInMs / 1000))
  return {
    ...{ status: 429, headers: { 'retry-after': String(seconds), 'content-type': 'text/html; charset=utf-8' } },
    body: Buffer.from('You have exceeded the limit of requests per minute'),
  }
}
