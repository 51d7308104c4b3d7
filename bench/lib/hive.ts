import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from '../contenders.ts'
import { globalId, type OperationName } from '../workloads.ts'
import { type Spawned, serverCore, start } from './processes.ts'

// Hive Gateway over the OpenAPI description of the same vendor, composed by mesh-compose. It returns the vendor's own fields. The
// bench translates them to the graph's before it compares, so Hive does less work per request than the others.

const folder = new URL('../peers/hive', import.meta.url).pathname

const fields = `id Assignee UpdatedAt createdAt queue channel type status statusReason priority source
  customer { id firstName lastName name email } vendor { id vertical }`
const metadata = 'ccr country language orderId entityId sla tags'
const links = 'childrenLinks { ticketId ticketIdType ticketCategory creator createdAt reason }'
const linksWithTickets =
  'childrenLinks { ticketId ticketIdType ticketCategory ticket { id status metadata { ccr } customer { name } } }'
const list = 'tickets: listTickets(page: $page, pageSize: $first)'

export const hiveContender: Contender = {
  key: 'hive',
  label: 'Hive Gateway (OpenAPI)',
  start: startHive,
  queries: {
    ticket: `query One($id: String!) { ticket: getTicket(id: $id) { ${fields} metadata { ${metadata} ${links} } } }`,
    page: `query Page($first: Int, $page: Int) { ${list} { list { ${fields} metadata { ${metadata} ${links} } } } }`,
    linkedPage: `query Linked($first: Int, $page: Int) { ${list} { list { ${fields} metadata { ${metadata} ${linksWithTickets} } } } }`,
    typename: '{ __typename }',
  },
  toOwnVariables,
  toCommonForm,
}

function toOwnVariables(variables: { id?: string; first?: number; after?: string | null }): object {
  const { id, first, after } = variables
  if (id !== undefined) return { id: Buffer.from(id, 'base64url').toString().split('\0')[2] }
  return first === undefined ? {} : { first, page: Number(after ?? 0) + 1 }
}

async function startHive(port: number, upstreamPort: number): Promise<Spawned> {
  const supergraph = join(tmpdir(), `deskgraph-bench-${process.pid}-${upstreamPort}.graphql`)
  const env = { ...process.env, OUTPUT: supergraph, UPSTREAM: `http://127.0.0.1:${upstreamPort}/ticket-detail` }
  execFileSync('node_modules/.bin/mesh-compose', { cwd: folder, env, stdio: 'pipe' })
  const gateway = 'node_modules/@graphql-hive/gateway/dist/bin.js'
  const args = ['supergraph', supergraph, '-c', 'gateway.config.mjs', '-p', String(port), '-h', '127.0.0.1']
  const server = await start([process.execPath, gateway, ...args], {
    core: serverCore,
    cwd: folder,
    env: { NODE_ENV: 'production', PORT: String(port), SUPERGRAPH: supergraph },
    readyLine: 'Supergraph will be loaded',
  })
  await waitUntilItAnswers(port)
  return server
}

async function waitUntilItAnswers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/graphql?query={__typename}`).catch(() => null)
    await answer?.body?.cancel()
    if (answer) return
    await sleep(200)
  }
  throw new Error('Hive Gateway does not listen.')
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

function toCommonForm(operation: OperationName, data: unknown): unknown {
  const { ticket, tickets } = data as { ticket?: Wire; tickets?: { list: readonly Wire[] } }
  if (ticket) return { ticket: toTicket(ticket, operation) }
  return tickets ? { tickets: { nodes: tickets.list.map((wire) => toTicket(wire, operation)) } } : data
}

function toTicket(wire: Wire, operation: OperationName): unknown {
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
    links: meta.childrenLinks.map((link) => (operation === 'linkedPage' ? toResolvedLink(link) : toLink(link))),
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
