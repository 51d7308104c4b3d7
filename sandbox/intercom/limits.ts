import type { Reply } from '../simulator.ts'
import { minuteMs } from '../times.ts'
import { refused } from './errors.ts'

/** Calls a minute. The vendor counts them in windows of ten seconds, each with a sixth of the calls. */
export interface LimitTable {
  readonly app: number
  readonly workspace: number
  /** A test that waits may want shorter ones: whole seconds. */
  readonly windowMs?: number
}

/** The vendor's limits, and `generous` for a sandbox that must not stop the person who tries it. */
export const limitTables = {
  vendor: { app: 10_000, workspace: 25_000 },
  generous: { app: 600_000, workspace: 600_000 },
} as const satisfies Readonly<Record<string, LimitTable>>

const vendorWindowMs = 10_000

interface Admission {
  readonly headers: Readonly<Record<string, string>>
  /** The 429, when the window is used up. */
  readonly refusal?: Reply
}

export interface Limits {
  /** Counts a call. */
  admit(now: number): Admission
  /** Other limits from now on; the counts begin anew. */
  set(table: LimitTable): void
  /** Calls of the workspace's other apps, which count for the workspace alone. */
  useElsewhere(calls: number, now: number): void
}

/** Counts calls in windows that begin at whole tens of seconds. The headers tell of the scarcer of the two limits. */
export function createLimits(initial: LimitTable): Limits {
  let table = initial
  let window = { start: 0, app: 0, workspace: 0 }
  const windowMs = () => table.windowMs ?? vendorWindowMs
  const at = (now: number) => {
    const start = Math.floor(now / windowMs()) * windowMs()
    if (start !== window.start) window = { start, app: 0, workspace: 0 }
    return window
  }
  return {
    admit(now) {
      const present = at(now)
      const share = windowMs() / minuteMs
      const totals = { app: Math.floor(table.app * share), workspace: Math.floor(table.workspace * share) }
      const scarcer = totals.app - present.app <= totals.workspace - present.workspace ? 'app' : 'workspace'
      const isAdmitted = present[scarcer] < totals[scarcer]
      if (isAdmitted) {
        present.app += 1
        present.workspace += 1
      }
      const headers = {
        'x-ratelimit-limit': String(totals[scarcer]),
        'x-ratelimit-remaining': String(totals[scarcer] - present[scarcer]),
        'x-ratelimit-reset': String((present.start + windowMs()) / 1000),
      }
      if (isAdmitted) return { headers }
      const message = `Exceeded rate limit of ${totals[scarcer]} in ${windowMs() / 1000}_seconds`
      return { headers, refusal: refused(429, 'rate_limit_exceeded', message) }
    },
    set(next) {
      table = next
      window = { start: 0, app: 0, workspace: 0 }
    },
    useElsewhere(calls, now) {
      at(now).workspace += calls
    },
  }
}
