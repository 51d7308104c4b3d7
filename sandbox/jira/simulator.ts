import type { Random } from '../random.ts'
import type { OutboundWebhook, Simulator } from '../simulator.ts'
import { createAuth, type JiraCredentials } from './auth.ts'
import { deskReadRoutes } from './desk-routes.ts'
import { type KnownCustomer, seed } from './generate.ts'
import { issueReadRoutes } from './issue-routes.ts'
import { createRateLimiter } from './limits.ts'
import { lookupRoutes } from './lookup-routes.ts'
import type { JiraIssue } from './model.ts'
import { createOAuthServer, type OAuthClient } from './oauth.ts'
import { requestReadRoutes } from './request-routes.ts'
import { deskRoutes, platformFailure, platformRoutes, type Site } from './routing.ts'
import { searchRoutes } from './search-routes.ts'
import { defaultSettings, type JiraSettings } from './settings.ts'
import { createJiraState, type JiraState } from './state.ts'

export interface JiraOptions extends Partial<Pick<JiraCredentials, 'scopedToken'>> {
  readonly random: Random
  /** The end of the generated history, in milliseconds since 1970. */
  readonly until: number
  /** How many requests the two service projects start with. */
  readonly count: number
  /** The classic API token. With the e-mail address of an account it acts as that account. */
  readonly token: string
  readonly oauth?: OAuthClient
  /** Customers of other desks of the sandbox. */
  readonly customers?: readonly KnownCustomer[]
  /** Limits, lag and the behaviour of webhooks. A test may change them later through `settings`. */
  readonly settings?: Partial<JiraSettings>
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number
}

/** A Jira Cloud site with service management. */
export interface JiraSimulator extends Simulator {
  readonly settings: JiraSettings
  readonly state: JiraState
}

const sandboxClient: OAuthClient = {
  ...{ clientId: 'sandbox-jira-client', clientSecret: 'sandbox-jira-client-secret', refreshToken: 'sandbox-jira-refresh-token' },
}

/** Jira Service Management Cloud: the platform API and the service desk API on one set of issues. */
export function createJira(options: JiraOptions): JiraSimulator {
  const { random, until, count, token, scopedToken = `${token}-scoped`, customers = [], now = Date.now } = options
  const settings: JiraSettings = { ...defaultSettings(), ...options.settings }
  const state = createJiraState(settings, now)
  seed(state, { random, until, count, customers })
  const oauth = createOAuthServer(state, options.oauth ?? sandboxClient)
  const auth = createAuth(state, oauth, { token, scopedToken })
  const site: Site = { state, auth, limiter: createRateLimiter(state) }
  const platform = platformRoutes(site)
  const desk = deskRoutes(site)
  return {
    ...{ settings, state },
    routes: [
      ...oauth.routes,
      ...searchRoutes(platform),
      ...issueReadRoutes(platform),
      ...lookupRoutes(platform),
      ...requestReadRoutes(desk),
      ...deskReadRoutes(desk),
    ],
    authorise: auth.authorise,
    failure: (status) => platformFailure([`The request failed with status ${status}.`]),
    tickets: () => state.all().filter(isRequest).length,
    ticket: (id) => state.find(id),
    changeOne: (at) => {
      changeOne(state, random, at)
      return [] as OutboundWebhook[]
    },
  }
}

function isRequest({ requestTypeId }: JiraIssue): boolean {
  return requestTypeId !== null
}

function changeOne(state: JiraState, random: Random, at: number): void {
  const issue = random.pick(state.all().filter(isRequest)) as JiraIssue
  state.change(
    issue.id,
    { labels: [...new Set([...issue.labels, 'live'])] },
    { userId: issue.assigneeId ?? issue.reporterId, at },
  )
}
