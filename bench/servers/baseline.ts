import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'undici'

// A hand-written server for exactly these operations: no GraphQL, no limits, no identity. The base of every ratio.

const agent = new Agent({ connections: 64 })
const upstream = process.env.UPSTREAM!
const headers = { authorization: 'Bearer bench', accept: 'application/json' }

interface Wire {
  readonly id: string
  readonly Assignee: string
  readonly UpdatedAt: number
  readonly createdAt: number
  readonly queue: string
  readonly channel: string
  readonly status: string
  readonly statusReason: string
  readonly priority: number
  readonly source: string
  readonly metadata: {
    readonly ccr: string
    readonly country: string
    readonly language: string
    readonly orderId: string
    readonly entityId: string
    readonly sla: number
    readonly tags: readonly string[]
    readonly childrenLinks: readonly WireLink[]
  }
  readonly customer: {
    readonly id: string
    readonly name: string
    readonly firstName: string
    readonly lastName: string
    readonly email: string
  }
  readonly vendor: { readonly id: string; readonly vertical: string }
}
interface WireLink {
  readonly ticketId: string
  readonly ticketIdType: string
  readonly ticketCategory: string
  readonly creator: string
  readonly createdAt: number
  readonly reason: string
}

async function get<T>(path: string): Promise<T> {
  const { body } = await request(`${upstream}${path}`, { dispatcher: agent, headers })
  return (await body.json()) as T
}

function globalId(kind: string, externalId: string): string {
  return Buffer.from(`${kind}oneview\0\0${externalId}`).toString('base64url')
}

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString()
const statuses: Record<string, string> = { ASSIGNED: 'IN_PROGRESS', ESCALATED: 'ESCALATED', CLOSED: 'CLOSED' }

function toTicket(wire: Wire) {
  const { metadata, customer, vendor } = wire
  return {
    id: globalId('T', wire.id),
    externalId: wire.id,
    title: metadata.ccr,
    status: statuses[wire.status],
    sourceStatus: wire.status,
    statusReason: wire.statusReason,
    queue: wire.queue,
    channel: wire.channel.toUpperCase(),
    origin: wire.source,
    country: metadata.country,
    language: metadata.language,
    tags: metadata.tags,
    priorityRank: wire.priority,
    sla: metadata.sla,
    createdAt: isoOf(wire.createdAt),
    updatedAt: isoOf(wire.UpdatedAt),
    assignee: { externalId: wire.Assignee, email: wire.Assignee },
    orders: [{ externalId: metadata.orderId, entityId: metadata.entityId }],
    customer: {
      id: globalId('C', customer.id),
      externalId: customer.id,
      name: customer.name,
      firstName: customer.firstName,
      lastName: customer.lastName,
      email: customer.email,
    },
    vendor: { id: globalId('V', vendor.id), externalId: vendor.id, vertical: vendor.vertical.toUpperCase() },
  }
}

function toLink(link: WireLink) {
  return {
    kind: 'CHILD',
    system: link.ticketIdType,
    externalId: link.ticketId,
    category: link.ticketCategory,
    reason: link.reason,
    creator: link.creator,
    createdAt: isoOf(link.createdAt),
  }
}

const withLinks = (wire: Wire) => ({ ...toTicket(wire), links: wire.metadata.childrenLinks.map(toLink) })
interface PageVariables {
  readonly first: number
  /** The number of the page before. */
  readonly after?: string | null
}
const readPage = ({ first, after }: PageVariables) =>
  get<{ list: Wire[] }>(`/v1/tickets?page=${Number(after ?? 0) + 1}&pageSize=${first}`)

async function one({ id }: { id: string }) {
  const externalId = Buffer.from(id, 'base64url').toString().split('\0')[2]
  return { ticket: withLinks(await get<Wire>(`/v1/tickets/${externalId}`)) }
}

async function page(variables: PageVariables) {
  const { list } = await readPage(variables)
  return { tickets: { nodes: list.map(withLinks) } }
}

async function linked(variables: PageVariables) {
  const { list } = await readPage(variables)
  const ids = new Set(list.flatMap(({ metadata }) => metadata.childrenLinks.map(({ ticketId }) => ticketId)))
  const tickets = new Map<string, unknown>()
  const load = async (id: string) => {
    const wire = await get<Wire>(`/v1/tickets/${id}`)
    const { name } = wire.customer
    tickets.set(id, { id: globalId('T', id), title: wire.metadata.ccr, status: statuses[wire.status], customer: { name } })
  }
  await Promise.all(Array.from(ids, load))
  const toLinked = ({ ticketId, ticketIdType, ticketCategory }: WireLink) => ({
    kind: 'CHILD',
    system: ticketIdType,
    externalId: ticketId,
    category: ticketCategory,
    ticket: tickets.get(ticketId),
  })
  return { tickets: { nodes: list.map((wire) => ({ ...toTicket(wire), links: wire.metadata.childrenLinks.map(toLinked) })) } }
}

async function answer(text: string): Promise<unknown> {
  const { query, variables } = JSON.parse(text) as { query: string; variables: never }
  if (query.startsWith('query One')) return one(variables)
  if (query.startsWith('query Page')) return page(variables)
  if (query.startsWith('query Linked')) return linked(variables)
  return { __typename: 'Query' }
}

function serve(incoming: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', async () => {
    const body = JSON.stringify({ data: await answer(Buffer.concat(chunks).toString()) })
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  })
}

createServer(serve).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'))
// process.exit, so that `node --cpu-prof` writes its profile.
process.once('SIGTERM', () => process.exit())
