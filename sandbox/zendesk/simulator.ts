import type { Random } from '../random.ts'
import type { Simulator } from '../simulator.ts'
import type { Story } from '../story.ts'
import { dayMs } from '../times.ts'
import { type Credentials, createAccess } from './access.ts'
import { type Call, createEndpoints, unknownEndpoint } from './endpoint.ts'
import { toFailure } from './errors.ts'
import { exportRoutes } from './export-routes.ts'
import { seed } from './generate.ts'
import { staff } from './installation.ts'
import { createJobs } from './jobs.ts'
import { toId } from './json.ts'
import { createLimits, type Limits, type LimitTable, planLimits } from './limits.ts'
import { changeOne } from './live-changes.ts'
import { lookupRoutes } from './lookup-routes.ts'
import { createOAuth, type OAuth, type OAuthClient } from './oauth.ts'
import { metricRoutes, ratingRoutes } from './rating-routes.ts'
import { readRoutes } from './read-routes.ts'
import { createSearchIndex } from './search-index.ts'
import { searchRoutes } from './search-routes.ts'
import { createZendeskState, isListed, type ZendeskState } from './state.ts'
import { tagRoutes } from './tag-routes.ts'
import { createUploads } from './uploads.ts'
import { createWebhooks, type Webhooks } from './webhook-routes.ts'
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts'
import { type Hosts, printTicket } from './wire.ts'
import { writeRoutes } from './write-routes.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface ZendeskOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly credentials: Credentials
  /** What the sandbox's other systems tell too. */
  readonly story?: Story
  /** The account's limits. Default: generous. */
  readonly limits?: LimitTable
  /** The account's clock. Default: the machine's. */
  readonly now?: () => number
  /** The secret of the webhook that `connect` subscribes. Default: one that the account makes. */
  readonly webhookSecret?: string
  /** How long the search does not know a change. Default: 10 s. */
  readonly searchLagMs?: number
  /** How many comments a ticket has at most. Default: the vendor's 5,000. */
  readonly maxComments?: number
  /** How long a job takes. Default: 0, which is until the next call. */
  readonly jobDelayMs?: number
  /** The programs that may ask for tokens. Default: none. */
  readonly oauthClients?: readonly OAuthClient[]
  /** How long access tokens of the OAuth flow are valid, in seconds. Default: 30 minutes. */
  readonly tokensExpireIn?: number
}

/** An account of Zendesk Support. */
export interface Zendesk extends Simulator {
  readonly limits: Limits
  readonly oauth: OAuth
  readonly webhooks: Webhooks
  readonly sender: WebhookSender
  /** A rule of the account looks at a ticket again: its `generated_timestamp` moves, its `updated_at` does not. */
  recalculate(id: string): void
}

/** Zendesk Support: the API of one account, below `/api/v2`. */
export function createZendesk(options: ZendeskOptions): Zendesk {
  const state = createZendeskState(options.now ?? Date.now)
  seed(state, options)
  const limits = createLimits(options.limits ?? planLimits.generous)
  const oauth = createOAuth({
    ...{ clients: options.oauthClients ?? [], expiresIn: options.tokensExpireIn ?? 1800, refreshExpiresIn: (30 * dayMs) / 1000 },
    ...{ userById: state.user, owner: staff[0]!, now: state.now },
  })
  const access = createAccess({
    ...{ credentials: options.credentials, owner: staff[0]!, userByEmail: state.userByEmail, userById: state.user },
    holderOf: oauth.holderOf,
  })
  const frame = { access, limits, now: state.now, beforeEach: (now: number) => jobs.run(now) }
  const endpoints = createEndpoints(frame)
  const uploads = createUploads(state)
  let filesOrigin = 'http://files.invalid'
  const hostsOf = (call: Call): Hosts => ({
    ...{ origin: call.origin, files: filesOrigin, now: call.now },
    filePath: uploads.filePath,
  })
  const index = createSearchIndex(state, options.searchLagMs ?? 10_000)
  const context = {
    ...{ state, endpoints, hostsOf, index, uploads },
    sideLoads: { state },
    maxComments: options.maxComments ?? 5000,
  }
  const jobs = createJobs(context, options.jobDelayMs ?? 0)
  const sender = createWebhookSender(state.now)
  const webhooks = createWebhooks(state, sender)
  return {
    routes: [
      ...oauth.routes(),
      ...jobs.routes(),
      ...readRoutes(context),
      ...writeRoutes(context),
      ...tagRoutes(context),
      ...ratingRoutes(context),
      ...metricRoutes(context),
      ...uploads.routes(endpoints, hostsOf),
      ...exportRoutes(context),
      ...searchRoutes(context),
      ...lookupRoutes(context),
      ...webhooks.routes(endpoints),
      ...['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].map(unknownEndpoint(frame)),
    ],
    // Each route finds out who calls: some answer without credentials.
    authorise: () => null,
    failure: toFailure,
    tickets: () => state.tickets().filter(isListed).length,
    ticket(id) {
      const ticket = state.ticket(toId(id) ?? 0n)
      return ticket && withTextIds(printTicket(ticket, { origin: '' }))
    },
    changeOne() {
      changeOne(state, options.random)
      // The account sends its webhooks itself.
      return []
    },
    downloads: {
      host: uploads.host,
      listensAt(origin) {
        filesOrigin = origin
      },
    },
    connect: (gatewayUrl) => void webhooks.subscribe(`${gatewayUrl}/webhooks/zendesk`, options.webhookSecret),
    close: sender.close,
    ...{ limits, oauth, webhooks, sender },
    recalculate: (id) => recalculate(state, id),
  }
}

function recalculate(state: ZendeskState, id: string): void {
  const ticket = state.ticket(toId(id) ?? 0n)
  if (ticket) state.put({ ...ticket, generatedAt: state.now() }, ticket.submitterId)
}

/** The same with ids as texts, for those who look into the simulator from outside. */
function withTextIds(record: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
}
