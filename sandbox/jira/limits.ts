import type { Reply } from '../simulator.ts'
import type { JiraState } from './state.ts'

/** Counts calls, and refuses those above the limits. */
export interface RateLimiter {
  /** The 429 of a call, or null. A refused call does not count. */
  check(call: LimitedCall): Reply | null
}

export interface LimitedCall {
  readonly method: string
  readonly operation: string
  /** The issue that it writes to. */
  readonly issueId: number | undefined
  /** OAuth signs it in. */
  readonly isApp: boolean
}

interface Window {
  readonly name: string
  readonly limit: number
  readonly lengthMs: number
  readonly reason: 'jira-burst-based' | 'jira-per-issue-on-write' | 'jira-quota-tenant-based'
}

/** Calls of a second by method and operation, calls of an app in an hour, and writes to one issue in 2 and in 30 seconds. */
export function createRateLimiter({ settings, now }: Pick<JiraState, 'settings' | 'now'>): RateLimiter {
  const calls = new Map<string, number[]>()
  return {
    check(call) {
      const at = now()
      const windows = windowsOf(settings.limits, call)
      for (const window of windows) {
        const recent = (calls.get(window.name) ?? []).filter((time) => time > at - window.lengthMs)
        calls.set(window.name, recent)
        if (recent.length >= window.limit) return refuse(window, (recent[0] ?? at) + window.lengthMs, at)
      }
      for (const { name } of windows) calls.get(name)?.push(at)
      return null
    },
  }
}

function windowsOf(limits: JiraState['settings']['limits'], { method, operation, issueId, isApp }: LimitedCall): Window[] {
  const isBurstOfReads = method === 'GET' || method === 'POST'
  const burst: Window = {
    ...{ name: `${method} ${operation}`, lengthMs: 1000, reason: 'jira-burst-based' },
    limit: limits.perSecond[operation] ?? (isBurstOfReads ? limits.readsPerSecond : limits.writesPerSecond),
  }
  const quota: Window = { name: 'app', lengthMs: 3_600_000, limit: limits.appPointsPerHour, reason: 'jira-quota-tenant-based' }
  const always = isApp ? [burst, quota] : [burst]
  if (issueId === undefined) return always
  const reason = 'jira-per-issue-on-write' as const
  return [
    ...always,
    { name: `${issueId}/2`, lengthMs: 2000, limit: limits.issueWritesPer2Seconds, reason },
    { name: `${issueId}/30`, lengthMs: 30_000, limit: limits.issueWritesPer30Seconds, reason },
  ]
}

function refuse({ limit, reason }: Window, freeAt: number, now: number): Reply {
  return {
    status: 429,
    headers: {
      'retry-after': String(Math.max(1, Math.ceil((freeAt - now) / 1000))),
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': `${new Date(freeAt).toISOString().slice(0, 16)}Z`,
      'ratelimit-reason': reason,
    },
    body: { errorMessages: ['Rate limit exceeded.'], errors: {} },
  }
}
