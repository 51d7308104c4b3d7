import { describe, expect, it } from 'vitest'
import { toLimits } from '../../../src/sources/budget/limits.ts'
import { jiraConfig } from '../../../src/sources/jira/config.ts'
import { plans, readLimits } from '../../../src/sources/jira/limits.ts'

describe('the limits of Jira', () => {
  it('are those that Atlassian documents: by kind of call in a second, and writes to one issue in 2 and in 30 seconds', () => {
    const { budget } = jiraConfig.parse({ url: 'https://acme.atlassian.net', token: 'x' })
    expect(
      toLimits(budget, plans).map(({ name, calls, windowMs, perSubject = false }) => [name, calls, windowMs, perSubject]),
    ).toEqual([
      ['list', 100, 1000, false],
      ['read', 100, 1000, false],
      ['write', 50, 1000, false],
      ['issueIn2Seconds', 20, 2000, true],
      ['issueIn30Seconds', 100, 30_000, true],
    ])
  })

  it('close those of one issue alone, where Jira says that its writes were too many', () => {
    const read = (status: number, reason: string) => readLimits!({ 'ratelimit-reason': reason, 'retry-after': '2' }, status, 0)
    expect(read(429, 'jira-per-issue-on-write')).toEqual([
      { limit: 'issueIn2Seconds', remaining: 0 },
      { limit: 'issueIn30Seconds', remaining: 0 },
    ])
    expect([read(429, 'jira-burst-based'), read(200, 'jira-per-issue-on-write')]).toEqual([[], []])
  })
})
