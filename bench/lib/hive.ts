import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { globalId, type Workload } from './operations.ts'
import { type Spawned, serverCore, start } from './processes.ts'
import type { Contender } from './servers.ts'

// Hive Gateway over the OpenAPI description of the same upstream, composed by mesh-compose. It gives the vendor's own fields:
// what Deskgraph translates (global ids, enums, times), the harness translates here before it compares. So Hive does less.

const folder = new URL('../peers/hive', import.meta.url).pathname

export function hiveContenders(): Contender[] {
  if (!existsSync(join(folder, 'node_modules'))) return []
  return [
    {
      key: 'hive',
      label: 'Hive Gateway (OpenAPI)',
      path: '/graphql',
      headers: { accept: 'application/json' },
      start: startHive,
      queryOf,
      variablesOf,
      toCommonForm,
    },
  ]
}

async function startHive(port: number, upstreamPort: number): Promise<Spawned> {
  const supergraph = join(tmpdir(), `deskgraph-bench-${process.pid}-${upstreamPort}.graphql`)
  const env = { ...process.env, OUTPUT: supergraph, UPSTREAM: `http://127.0.0.1:${upstreamPort}/ticket-detail` }
  execFileSync('node_modules/.bin/mesh-compose', { cwd: folder, env, stdio: 'pipe' })
  const command = [
    process.execPath,
    'node_modules/@graphql-hive/gateway/dist/bin.js',
    'supergraph',
    supergraph,
    '-c',
    'gateway.config.mjs',
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
  ]
  const options = {
    cwd: folder,
    env: { NODE_ENV: 'production', PORT: String(port), SUPERGRAPH: supergraph },
    readyLine: 'Supergraph will be loaded',
  }
  const server = await start(serverCore, command, options)
  await listening(port)
  return server
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 150; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('close', () => socket.destroy())
      setTimeout(() => socket.end(), 50)
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('Hive Gateway does not listen.')
}

const fields = `id Assignee UpdatedAt createdAt queue channel type status statusReason priority source
  customer { id firstName lastName name email } vendor { id vertical }`
const metadata = 'ccr country language orderId entityId sla tags'
const links = 'childrenLinks { ticketId ticketIdType ticketCategory creator createdAt reason }'
const linksWithTickets =
  'childrenLinks { ticketId ticketIdType ticketCategory ticket { id status metadata { ccr } customer { name } } }'

const queries = {
  W1: `query One($id: String!) { ticket: getTicket(id: $id) { ${fields} metadata { ${metadata} ${links} } } }`,
  W2: `query Page($first: Int) { tickets: listTickets(page: 1, pageSize: $first) { list { ${fields} metadata { ${metadata} ${links} } } } }`,
  W3: `query Linked($first: Int) { tickets: listTickets(page: 1, pageSize: $first) { list { ${fields} metadata { ${metadata} ${linksWithTickets} } } } }`,
  W4: '{ __typename }',
}

function queryOf({ key }: Workload): string {
  return queries[key]
}

function variablesOf(variables: Record<string, unknown>): Record<string, unknown> {
  const { id } = variables
  return typeof id === 'string' ? { id: Buffer.from(id, 'base64url').toString().split('\0')[2] } : variables
}

interface Wire {
  readonly id: string
  readonly Assignee: string
  readonly UpdatedAt: number
  readonly createdAt: number
  readonly channel: string
  readonly status: string
  readonly priority: number
  readonly source: string
  readonly customer: Record<string, string>
  readonly vendor: { readonly id: string; readonly vertical: string }
  readonly metadata: {
    readonly orderId: string
    readonly entityId: string
    readonly childrenLinks: readonly WireLink[]
    readonly [key: string]: unknown
  }
  readonly [key: string]: unknown
}
interface WireLink {
  readonly ticketId: string
  readonly ticketIdType: string
  readonly ticketCategory: string
  readonly creator?: string
  readonly createdAt?: number
  readonly reason?: string
  readonly ticket?: Wire
}

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString()
const statuses: Record<string, string> = { ASSIGNED: 'IN_PROGRESS', ESCALATED: 'ESCALATED', CLOSED: 'CLOSED' }

function toCommonForm({ key }: Workload, data: unknown): unknown {
  const { ticket, tickets } = data as { ticket?: Wire; tickets?: { list: readonly Wire[] } }
  if (ticket) return { ticket: toTicket(ticket, key) }
  return tickets ? { tickets: { nodes: tickets.list.map((wire) => toTicket(wire, key)) } } : data
}

function toTicket(wire: Wire, key: string): unknown {
  const { metadata: meta, customer, vendor } = wire
  return {
    id: globalId('ticket', wire.id),
    externalId: wire.id,
    title: meta.ccr,
    status: statuses[wire.status],
    sourceStatus: wire.status,
    statusReason: wire.statusReason,
    queue: wire.queue,
    channel: wire.channel.toUpperCase(),
    origin: wire.source,
    country: meta.country,
    language: meta.language,
    tags: meta.tags,
    priorityRank: wire.priority,
    sla: meta.sla,
    createdAt: isoOf(wire.createdAt),
    updatedAt: isoOf(wire.UpdatedAt),
    assignee: { externalId: wire.Assignee, email: wire.Assignee },
    orders: [{ externalId: meta.orderId, entityId: meta.entityId }],
    customer: { ...customer, id: globalId('customer', customer.id!), externalId: customer.id },
    vendor: { id: globalId('vendor', vendor.id), externalId: vendor.id, vertical: vendor.vertical.toUpperCase() },
    links: meta.childrenLinks.map((link) => (key === 'W3' ? toResolvedLink(link) : toLink(link))),
  }
}

function toLink({ ticketId, ticketIdType, ticketCategory, reason, creator, createdAt }: WireLink): unknown {
  const base = { kind: 'CHILD', system: ticketIdType, externalId: ticketId, category: ticketCategory }
  return { ...base, reason, creator, createdAt: isoOf(createdAt ?? 0) }
}

function toResolvedLink({ ticketId, ticketIdType, ticketCategory, ticket }: WireLink): unknown {
  const found = ticket && {
    id: globalId('ticket', ticket.id),
    title: ticket.metadata.ccr,
    status: statuses[ticket.status],
    customer: { name: ticket.customer.name },
  }
  return { kind: 'CHILD', system: ticketIdType, externalId: ticketId, category: ticketCategory, ticket: found }
}
