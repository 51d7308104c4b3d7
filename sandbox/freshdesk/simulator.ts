import type { Random } from '../random.ts'
import type { Route, Simulator } from '../simulator.ts'
import type { Story } from '../story.ts'
import { minuteMs } from '../times.ts'
import { associationRoutes } from './association-routes.ts'
import { type Budget, createBudget, type Plan, plans } from './budget.ts'
import { contactWrites } from './contact-writes.ts'
import { type ConversationContext, conversationWrites } from './conversation-writes.ts'
import { type Call, createEndpoints, unknownEndpoints } from './endpoint.ts'
import { toFailure } from './errors.ts'
import { createFiles } from './files.ts'
import { seed } from './generate.ts'
import { agents } from './installation.ts'
import { createJobs } from './jobs.ts'
import { changeOne } from './live-changes.ts'
import { lookupRoutes } from './lookup-routes.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { readRoutes } from './read-routes.ts'
import { createRules, type Rule, type Rules } from './rules.ts'
import { searchRoutes } from './search-routes.ts'
import { createFreshdeskState, type FreshdeskState, isListed } from './state.ts'
import { ticketWrites } from './ticket-writes.ts'
import { watcherRoutes } from './watcher-routes.ts'
import { createWebhookSender, type WebhookSender } from './webhook-sender.ts'
import { printTicket, type Scene } from './wire.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface FreshdeskOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  /** The API key of the administrator. */
  readonly apiKey: string
  /** API keys of other agents, by the agents' addresses. */
  readonly agentKeys?: Readonly<Record<string, string>>
  /** What the systems of the sandbox have in common. Default: nothing. */
  readonly story?: Story
  /** The account's plan. Default: generous. */
  readonly plan?: Plan
  /** The account's clock. Default: the machine's. */
  readonly now?: () => number
  /** What the rules of `connect` show in the header `x-deskgraph-secret`. Default: no such header. */
  readonly webhookSecret?: string
  /** How many pages a list of tickets has. Default: the vendor's 300. */
  readonly maxPages?: number
  /** How long the account takes to work out what is due. Default: 3 s. */
  readonly slaDelayMs?: number
  /** How long the search does not know a change. Default: 2 minutes. */
  readonly searchLagMs?: number
  /** How long a change of many tickets takes. Default: 0, which is until it is asked for. */
  readonly jobDelayMs?: number
}

/** A Freshdesk account. */
export interface Freshdesk extends Simulator {
  readonly budget: Budget
  readonly outbox: Outbox
  readonly rules: Rules
  readonly sender: WebhookSender
  /** A customer answers the survey of a ticket. The ticket's time does not move. */
  rate(id: number, score: number, feedback: string | null): void
  /** The account works out the statistics of a ticket again. The ticket's time does not move. */
  recalculate(id: number): void
}

/** Freshdesk: the API v2 of one account, below `/api/v2`. */
export function createFreshdesk(options: FreshdeskOptions): Freshdesk {
  const state = createFreshdeskState(options.now ?? Date.now)
  seed(state, options)
  const budget = createBudget(options.plan ?? plans.generous)
  const frame = { budget, keys: keysOf(options), now: state.now, beforeEach: (now: number) => jobs.runDue(now) }
  const endpoints = createEndpoints(frame)
  const files = createFiles(state)
  const sceneAt = (now: number): Scene => ({ state, now, fileUrl: files.urlOf })
  const outbox = createOutbox()
  const context = {
    ...{ state, endpoints, outbox, sceneOf: (call: Call) => sceneAt(call.now), maxPages: options.maxPages ?? 300 },
    ...{ slaDelayMs: options.slaDelayMs ?? 3000, searchLagMs: options.searchLagMs ?? 2 * minuteMs },
    jobDelayMs: options.jobDelayMs ?? 0,
  }
  const jobs = createJobs(context)
  const sender = createWebhookSender()
  const rules = createRules(state, sender)
  const routes = [...routesOf(context), ...jobs.routes()]
  return {
    routes: [...routes, ...unknownEndpoints(frame, routes)],
    // Each route finds out who calls: refused calls count too.
    authorise: () => null,
    failure: toFailure,
    tickets: () => state.tickets().filter((ticket) => isListed(ticket, state.now())).length,
    ticket(id) {
      const ticket = state.ticket(Number(id))
      return ticket && printTicket(ticket, sceneAt(state.now()))
    },
    changeOne() {
      changeOne({ ...context, random: options.random })
      // The account sends its webhooks itself.
      return []
    },
    connect(gatewayUrl) {
      for (const rule of rulesFor(`${gatewayUrl}/webhooks/freshdesk`, options.webhookSecret)) rules.add(rule)
    },
    close: sender.close,
    downloads: files,
    ...{ budget, outbox, rules, sender },
    rate: (id, score, feedback) => rate(state, id, score, feedback),
    recalculate: (id) => recalculate(state, id),
  }
}

type Context = ConversationContext & { readonly searchLagMs: number }

function routesOf(context: Context): readonly Route[] {
  return [
    ...readRoutes(context),
    ...ticketWrites(context),
    ...conversationWrites(context),
    ...associationRoutes(context),
    ...watcherRoutes(context),
    ...searchRoutes(context),
    ...lookupRoutes(context),
    ...contactWrites(context.state, context.endpoints),
  ]
}

function keysOf({ apiKey, agentKeys = {} }: FreshdeskOptions) {
  const others = Object.entries(agentKeys).map(([email, key]) => [key, agents.find((agent) => agent.email === email)!] as const)
  return new Map([[apiKey, agents[0]!], ...others])
}

/** The rules that an administrator writes for a gateway. */
function rulesFor(url: string, secret: string | undefined): readonly Rule[] {
  const headers: Record<string, string> = secret === undefined ? {} : { 'x-deskgraph-secret': secret }
  return [
    { name: 'Tell the gateway', events: ['created', 'updated'], url, headers, body: '{"ticket_id":"{{ticket.id}}"}' },
    {
      ...{ name: 'Tell the gateway of removals', events: ['removed'], url, headers },
      body: '{"ticket_id":"{{ticket.id}}","event":"deleted"}',
    },
  ]
}

function rate(state: FreshdeskState, id: number, score: number, feedback: string | null): void {
  const ticket = state.ticket(id)
  if (!ticket) return
  const { responderId: agentId, groupId, requesterId: userId } = ticket
  const rating = { id: state.nextId(), feedback, ratings: { default_question: score }, agentId, groupId, userId, at: state.now() }
  state.put({ ...ticket, ratings: [...ticket.ratings, rating] })
}

function recalculate(state: FreshdeskState, id: number): void {
  const ticket = state.ticket(id)
  if (ticket) state.put({ ...ticket, stats: { ...ticket.stats, statusUpdatedAt: state.now() } })
}
