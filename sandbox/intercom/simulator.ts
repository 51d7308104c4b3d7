import type { Random } from '../random.ts'
import type { Simulator } from '../simulator.ts'
import { createStory, type Story } from '../story.ts'
import { minuteMs } from '../times.ts'
import { contactRoutes } from './contact-routes.ts'
import type { Context } from './context.ts'
import { conversationRoutes } from './conversation-routes.ts'
import { type Call, createEndpoints, type Frame, unknownEndpoint } from './endpoint.ts'
import { toFailure } from './errors.ts'
import { createFiles } from './files.ts'
import { seed } from './generate.ts'
import { createJobs } from './jobs.ts'
import { createLimits, type Limits, type LimitTable, limitTables } from './limits.ts'
import { changeOne } from './live-changes.ts'
import { createOddities, type Oddities } from './oddities.ts'
import { ticketRoutes, workspaceRoutes } from './read-routes.ts'
import { replyRoutes } from './reply-routes.ts'
import { createIntercomState } from './state.ts'
import { wakeSnoozed } from './ticket-changes.ts'
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts'
import { createWebhooks, type Webhooks } from './webhooks.ts'
import { type Printing, printTicket } from './wire.ts'
import { admins } from './workspace.ts'
import { writeRoutes } from './write-routes.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface IntercomOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  /** The access token of the first admin. */
  readonly token: string
  /** A token that may not write. Absent: there is none. */
  readonly readOnlyToken?: string
  /** What the systems of the sandbox have in common. Default: a story of its own. */
  readonly story?: Story
  /** Signs the webhooks. Default: one that the sandbox knows. */
  readonly clientSecret?: string
  /** The limits of app and workspace. Default: generous. */
  readonly limits?: LimitTable
  /** The workspace's clock. Default: the machine's. */
  readonly now?: () => number
  /** How long the search of contacts does not know a new one. Default: a minute; the vendor says some. */
  readonly contactLagMs?: number
  /** How long a job takes. Default: 0, which is until the next call. */
  readonly jobDelayMs?: number
}

/** A workspace of Intercom. */
export interface Intercom extends Simulator {
  readonly limits: Limits
  readonly oddities: Oddities
  readonly webhooks: Webhooks
  readonly sender: WebhookSender
  /** The token ends now. */
  revoke(token: string): void
  /** Whether the subscription is paid for. Without it, deletes and conversations are refused. */
  setPaid(isPaid: boolean): void
}

/** Intercom: the REST API of one workspace, version 2.14. */
export function createIntercom(options: IntercomOptions): Intercom {
  const state = createIntercomState(options.now ?? Date.now)
  seed(state, { ...options, story: options.story ?? createStory(options.random, options.until) })
  const limits = createLimits(options.limits ?? limitTables.generous)
  const oddities = createOddities()
  const revoked = new Set<string>()
  let isPaid = true
  const owner = { token: options.token, owner: admins[0]! }
  const reader =
    options.readOnlyToken === undefined ? [] : [{ token: options.readOnlyToken, owner: admins[7]!, isReadOnly: true }]
  const frame: Frame = {
    ...{ tokens: [owner, ...reader], revoked, limits, oddities, now: state.now },
    isPaid: () => isPaid,
    beforeEach(now) {
      wakeSnoozed(state, now)
      jobs.run(now)
    },
  }
  const files = createFiles(state)
  let filesOrigin = 'http://files.invalid'
  const printingAt = (now: number): Printing => ({ state, fileUrl: (file) => filesOrigin + files.path(file, now) })
  const context: Context = {
    ...{ state, oddities, endpoints: createEndpoints(frame), printingOf: (call: Call) => printingAt(call.now) },
    ...{ contactLagMs: options.contactLagMs ?? minuteMs, jobDelayMs: options.jobDelayMs ?? 0 },
  }
  const jobs = createJobs(context)
  const sender = createWebhookSender(state.now, options.clientSecret ?? 'sandbox-intercom-client-secret')
  const webhooks = createWebhooks(state, sender, printingAt)
  return {
    routes: [
      ...jobs.routes(),
      ...ticketRoutes(context),
      ...writeRoutes(context),
      ...replyRoutes(context),
      ...workspaceRoutes(context),
      ...contactRoutes(context),
      ...conversationRoutes(context),
      ...['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].map(unknownEndpoint(frame)),
    ],
    // Each route finds out who calls.
    authorise: () => null,
    failure: toFailure,
    tickets: () => state.tickets().length,
    ticket(id) {
      const ticket = state.ticket(id)
      return ticket && { ...printTicket(ticket, printingAt(state.now())), tag_ids: ticket.tagIds, company_id: ticket.companyId }
    },
    changeOne() {
      changeOne(state, options.random)
      // The workspace sends its webhooks itself.
      return []
    },
    downloads: {
      host: files.host,
      listensAt(origin) {
        filesOrigin = origin
      },
    },
    connect: (gatewayUrl) => void webhooks.subscribe(`${gatewayUrl}/webhooks/intercom`),
    close: sender.close,
    ...{ limits, oddities, webhooks, sender },
    revoke: (token) => void revoked.add(token),
    setPaid(paid) {
      isPaid = paid
    },
  }
}
