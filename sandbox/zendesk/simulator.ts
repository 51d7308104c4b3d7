import type { Random } from '../random.ts'
import type { Simulator } from '../simulator.ts'
import { type SimulatorServer, type SimulatorServerOptions, serveSimulator } from '../simulator-server.ts'
import { type Credentials, createAccess } from './access.ts'
import { type Call, createEndpoints, unknownEndpoint } from './endpoint.ts'
import { toFailure } from './errors.ts'
import { type Customer, seed } from './generate.ts'
import { staff } from './installation.ts'
import { toId } from './json.ts'
import { createLimits, type Limits, type LimitTable, planLimits } from './limits.ts'
import { lookupRoutes } from './lookup-routes.ts'
import { readRoutes } from './read-routes.ts'
import { createZendeskState, isListed } from './state.ts'
import { type Hosts, printTicket } from './wire.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface ZendeskOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly credentials: Credentials
  /** Customers of the sandbox's other systems, who write here too. */
  readonly customers?: readonly Customer[]
  /** The account's limits. Default: generous. */
  readonly limits?: LimitTable
  /** The account's clock. Default: the machine's. */
  readonly now?: () => number
}

/** An account of Zendesk Support. */
export interface Zendesk extends Simulator {
  /** The host of downloads, which is another one than the account's. */
  readonly files: Simulator
  /** Says where the downloads are. */
  setFilesOrigin(origin: string): void
  readonly limits: Limits
}

/** Zendesk Support: the API of one account, below `/api/v2`. */
export function createZendesk(options: ZendeskOptions): Zendesk {
  const state = createZendeskState(options.now ?? Date.now)
  seed(state, { ...options, customers: options.customers ?? [] })
  const limits = createLimits(options.limits ?? planLimits.generous)
  const access = createAccess({
    credentials: options.credentials,
    owner: staff[0]!,
    userById: (id) => state.user(toId(id) ?? 0n),
    userByEmail: state.userByEmail,
    userOfToken: () => undefined,
  })
  const frame = { access, limits, now: state.now }
  const endpoints = createEndpoints(frame)
  let filesOrigin = 'http://files.invalid'
  const hostsOf = (call: Call): Hosts => ({
    ...{ origin: call.origin, files: filesOrigin, now: call.now },
    filePath: ({ id, name }) => `/attachments/${id}/?name=${encodeURIComponent(name)}`,
  })
  const context = { state, endpoints, hostsOf, sideLoads: { state } }
  return {
    routes: [
      ...readRoutes(context),
      ...lookupRoutes(context),
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
    changeOne: () => [],
    files: {
      routes: [],
      authorise: () => null,
      failure: toFailure,
      tickets: () => 0,
      ticket: () => undefined,
      changeOne: () => [],
    },
    setFilesOrigin(origin) {
      filesOrigin = origin
    },
    limits,
  }
}

/** The same with ids as texts, for those who look into the simulator from outside. */
function withTextIds(record: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(record, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
}

/** Starts the account's host and the host of its files. */
export async function serveZendesk(zendesk: Zendesk, options: SimulatorServerOptions): Promise<SimulatorServer> {
  const files = await serveSimulator(zendesk.files, { ...options, port: 0 })
  zendesk.setFilesOrigin(files.origin)
  const server = await serveSimulator(zendesk, options)
  return {
    ...server,
    async close() {
      await Promise.all([server.close(), files.close()])
    },
  }
}
