import { minuteMs } from '../times.ts'

// What a test may set: the limits, the lag of the search, and how webhooks misbehave.

/** Calls that the site takes before it answers 429. */
export interface JiraLimits {
  /** A second, by method and operation. */
  readonly readsPerSecond: number
  readonly writesPerSecond: number
  /** Writes to one issue. */
  /** Where an operation has a limit of its own. */
  readonly perSecond: Readonly<Record<string, number>>
  /** Calls of an app, which OAuth signs in, in an hour. A call counts as one point. */
  readonly appPointsPerHour: number
  readonly issueWritesPer2Seconds: number
  readonly issueWritesPer30Seconds: number
}

/** What Atlassian documents. */
export const documentedLimits: JiraLimits = {
  ...{ readsPerSecond: 100, writesPerSecond: 50, perSecond: { 'edit-issue': 150, customers: 5 }, appPointsPerHour: 65_000 },
  ...{ issueWritesPer2Seconds: 20, issueWritesPer30Seconds: 100 },
}

/** Limits that no sandbox reaches. */
export const generousLimits: JiraLimits = {
  ...{ readsPerSecond: 100_000, writesPerSecond: 100_000, perSecond: {}, appPointsPerHour: 100_000_000 },
  ...{ issueWritesPer2Seconds: 100_000, issueWritesPer30Seconds: 100_000 },
}

export interface JiraSettings {
  limits: JiraLimits
  /** How long the search does not see a change. */
  searchLagMs: number
  /** The largest page of a search, also when `maxResults` is larger. Jira makes pages smaller as it sees fit. */
  searchPageCap: number
  /** A write answers 409 when the issue's last write is not older. */
  conflictWindowMs: number
  /** How long the address of an attachment's content works. */
  contentExpiresMs: number
  /** How long the task of a bulk move takes. */
  moveTaskMs: number
  /** Every webhook comes twice. */
  repeatWebhooks: boolean
  /** The webhooks of one change come in the reverse order, as `Secondary` flow. */
  shuffleWebhooks: boolean
  /** How late the webhooks of the `Secondary` flow come. Jira: up to 15 minutes. */
  secondaryDelayMs: number
  /** The shortest and the longest wait before a webhook is tried again. Jira's: 5 and 15 minutes. */
  webhookRetryMs: readonly [shortest: number, longest: number]
}

export function defaultSettings(): JiraSettings {
  return {
    ...{ limits: generousLimits, searchLagMs: 0, searchPageCap: 100, conflictWindowMs: 0, contentExpiresMs: 10 * minuteMs },
    ...{
      moveTaskMs: 0,
      repeatWebhooks: false,
      shuffleWebhooks: false,
      secondaryDelayMs: 0,
      webhookRetryMs: [5 * minuteMs, 15 * minuteMs],
    },
  }
}
