import type { KnownCustomer } from '../customers.ts'
import type { Random } from '../random.ts'
import type { Simulator } from '../simulator.ts'
import { minuteMs } from '../times.ts'
import { associationRoutes } from './association-routes.ts'
import { type Budget, createBudget, type Plan, plans } from './budget.ts'
import { contactWrites } from './contact-writes.ts'
import { conversationWrites } from './conversation-writes.ts'
import { type Call, createEndpoints, unknownEndpoints } from './endpoint.ts'
import { toFailure } from './errors.ts'
import { createFiles } from './files.ts'
import { seed } from './generate.ts'
import { agents } from './installation.ts'
import { createJobs } from './jobs.ts'
import { lookupRoutes } from './lookup-routes.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { readRoutes } from './read-routes.ts'
import { searchRoutes } from './search-routes.ts'
import { createFreshdeskState, isListed } from './state.ts'
import { ticketWrites } from './ticket-writes.ts'
import { watcherRoutes } from './watcher-routes.ts'
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
  /** Customers of the sandbox's other systems, who write here too. */
  readonly customers?: readonly KnownCustomer[]
  /** The account's plan. Default: generous. */
  readonly plan?: Plan
  /** The account's clock. Default: the machine's. */
  readonly now?: () => number
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
}

/** Freshdesk: the API v2 of one account, below `/api/v2`. */
export function createFreshdesk(options: FreshdeskOptions): Freshdesk {
  const state = createFreshdeskState(options.now ?? Date.now)
  seed(state, { ...options, customers: options.customers ?? [] })
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
  const routes = [
    ...readRoutes(context),
    ...ticketWrites(context),
    ...conversationWrites(context),
    ...associationRoutes(context),
    ...watcherRoutes(context),
    ...jobs.routes(),
    ...searchRoutes(context),
    ...lookupRoutes(context),
    ...contactWrites(state, endpoints),
  ]
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
    changeOne: () => [],
    downloads: files,
    ...{ budget, outbox },
  }
}

function keysOf({ apiKey, agentKeys = {} }: FreshdeskOptions) {
  const others = Object.entries(agentKeys).map(([email, key]) => [key, agents.find((agent) => agent.email === email)!] as const)
  return new Map([[apiKey, agents[0]!], ...others])
}
