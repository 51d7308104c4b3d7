import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from '../contenders.ts'
import type { OperationName } from '../workloads.ts'
import { type Spawned, serverCore, start } from './processes.ts'
import type { WireLink, WireTicket } from './tickets.ts'
import { type LinkedTicket, toResolvedLink, toTicket, withLinks } from './translate.ts'

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

function toCommonForm(operation: OperationName, data: unknown): unknown {
  const { ticket, tickets } = data as { ticket?: WireTicket; tickets?: { list: readonly WireTicket[] } }
  if (ticket) return { ticket: withLinks(ticket) }
  if (!tickets) return data
  if (operation === 'page') return { tickets: { nodes: tickets.list.map(withLinks) } }
  const nodes = tickets.list.map((wire) => ({
    ...toTicket(wire),
    links: wire.metadata.childrenLinks.map((link: WireLink & { ticket?: LinkedTicket }) => toResolvedLink(link, link.ticket)),
  }))
  return { tickets: { nodes } }
}
