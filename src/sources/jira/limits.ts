import type { BudgetRules } from '../budget/budgets.ts'
import type { BudgetPlans } from '../budget/limits.ts'

// The limits of calls ("Rate limiting", developer.atlassian.com): by method and path in a second, and writes to one issue.

const secondMs = 1000

/** The site answers so many calls, in every plan. An app by OAuth has a quota of points an hour beside them, of which Jira tells by a 429. */
export const plans = {
  cloud: [
    { name: 'list', calls: 100, windowMs: secondMs, kinds: ['list'] },
    { name: 'read', calls: 100, windowMs: secondMs, kinds: ['read'] },
    // PUT has half of what POST has, and neither is told apart here.
    { name: 'write', calls: 50, windowMs: secondMs, kinds: ['write'] },
    { name: 'issueIn2Seconds', calls: 20, windowMs: 2 * secondMs, kinds: ['write'], perSubject: true },
    { name: 'issueIn30Seconds', calls: 100, windowMs: 30 * secondMs, kinds: ['write'], perSubject: true },
  ],
} as const satisfies BudgetPlans

/** A 429 says which limit refused the call. That of one issue closes no other: the rest is what `Retry-After` says. */
export const readLimits: BudgetRules['readLimits'] = (headers, status) =>
  status === 429 && headers['ratelimit-reason'] === 'jira-per-issue-on-write'
    ? [
        { limit: 'issueIn2Seconds', remaining: 0 },
        { limit: 'issueIn30Seconds', remaining: 0 },
      ]
    : []
