import type { Random } from '../random.ts'
import type { Simulator } from '../simulator.ts'
import type { Story } from '../story.ts'
import { attachmentRoutes, createFileStore, deskAttachmentRoutes } from './attachment-routes.ts'
import { createAuth, type JiraCredentials } from './auth.ts'
import { createBulkMoves } from './bulk-move.ts'
import { deskCommentRoutes, platformCommentRoutes } from './comment-writes.ts'
import { customerRoutes } from './customer-routes.ts'
import { deskReadRoutes } from './desk-routes.ts'
import { seed } from './generate.ts'
import { issueReadRoutes } from './issue-routes.ts'
import { issueWriteRoutes } from './issue-writes.ts'
import { createRateLimiter } from './limits.ts'
import { linkWriteRoutes } from './link-writes.ts'
import { changeOne } from './live-changes.ts'
import { lookupRoutes } from './lookup-routes.ts'
import type { JiraIssue } from './model.ts'
import { createOAuthServer, type OAuthClient } from './oauth.ts'
import { requestReadRoutes } from './request-routes.ts'
import { requestWriteRoutes } from './request-writes.ts'
import { deskRoutes, platformFailure, platformRoutes, type Site } from './routing.ts'
import { searchRoutes } from './search-routes.ts'
import { defaultSettings, type JiraSettings } from './settings.ts'
import { createJiraState, type JiraState } from './state.ts'
import { type AdminWebhook, createJiraWebhooks } from './webhook-routes.ts'
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts'
import type { WebhookQueue } from './webhooks.ts'

export interface JiraOptions extends Partial<Pick<JiraCredentials, 'scopedToken'>> {
  readonly random: Random
  /** The end of the generated history, in milliseconds since 1970. */
  readonly until: number
  /** How many requests the two service projects start with. */
  readonly count: number
  /** The classic API token. With the e-mail address of an account it acts as that account. */
  readonly token: string
  readonly oauth?: OAuthClient
  /** The administrator's webhook. Absent: one for the source `jira` with the token as its secret. Null: none. */
  readonly webhook?: AdminWebhook | null
  /** What the sandbox's other systems tell too. */
  readonly story?: Story
  /** Limits, lag and the behaviour of webhooks. A test may change them later through `settings`. */
  readonly settings?: Partial<JiraSettings>
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number
}

/** A Jira Cloud site with service management. */
export interface JiraSimulator extends Simulator {
  readonly settings: JiraSettings
  readonly state: JiraState
  /** The webhooks of all changes. Without `connect`, `changeOne` empties it. */
  readonly webhooks: WebhookQueue
  readonly sender: WebhookSender
}

const sandboxClient: OAuthClient = {
  ...{ clientId: 'sandbox-jira-client', clientSecret: 'sandbox-jira-client-secret', refreshToken: 'sandbox-jira-refresh-token' },
}

/** Jira Service Management Cloud: the platform API and the service desk API on one set of issues. */
export function createJira(options: JiraOptions): JiraSimulator {
  const { random, until, count, token, scopedToken = `${token}-scoped`, story, now = Date.now } = options
  const settings: JiraSettings = { ...defaultSettings(), ...options.settings }
  const state = createJiraState(settings, now)
  seed(state, { random, until, count, story })
  const oauth = createOAuthServer(state, options.oauth ?? sandboxClient)
  const auth = createAuth(state, oauth, { token, scopedToken })
  const moves = createBulkMoves(state)
  const store = createFileStore(state)
  const { webhook = { secret: token, sourceKey: 'jira' } } = options
  const webhooks = createJiraWebhooks(state, webhook, oauth.client)
  const sender = createWebhookSender(webhooks.queue, now)
  const beforeCall = (origin: string) => {
    webhooks.setOrigin(origin)
    moves.settle()
  }
  const site: Site = { state, auth, limiter: createRateLimiter(state), beforeCall }
  const platform = platformRoutes(site)
  const desk = deskRoutes(site)
  const failure = (status: number) => platformFailure([`The request failed with status ${status}.`])
  return {
    ...{ settings, state, webhooks: webhooks.queue, sender, failure },
    routes: [
      ...oauth.routes,
      ...searchRoutes(platform),
      ...issueReadRoutes(platform),
      ...lookupRoutes(platform),
      ...issueWriteRoutes(platform),
      ...platformCommentRoutes(platform),
      ...linkWriteRoutes(platform),
      ...attachmentRoutes(platform, store),
      ...moves.routes(platform),
      ...webhooks.routes(platform),
      ...requestReadRoutes(desk),
      ...deskReadRoutes(desk),
      ...requestWriteRoutes(desk),
      ...deskCommentRoutes(desk),
      ...deskAttachmentRoutes(desk, store),
      ...customerRoutes(desk),
      ...store.routes,
    ],
    authorise: auth.authorise,
    tickets: () => state.all().filter(isRequest).length,
    ticket: (id) => state.find(id),
    changeOne(at) {
      changeOne(state, random, at)
      return sender.isConnected ? [] : webhooks.queue.due()
    },
    downloads: {
      host: {
        routes: store.routes,
        failure,
        authorise: () => null,
        tickets: () => 0,
        ticket: () => undefined,
        changeOne: () => [],
      },
      listensAt: store.setOrigin,
    },
    connect: sender.connect,
    close: sender.close,
  }
}

function isRequest({ requestTypeId }: JiraIssue): boolean {
  return requestTypeId !== null
}
