import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'undici'
import type { WireLink, WireTicket } from '../lib/tickets.ts'
import { toResolvedLink, toTicket, withLinks } from '../lib/translate.ts'

// A hand-written server for exactly these operations: no GraphQL, no limits, no identity. The base of every ratio.

const agent = new Agent({ connections: 64 })
const upstream = process.env.UPSTREAM!
const headers = { authorization: 'Bearer bench', accept: 'application/json' }

async function get<T>(path: string): Promise<T> {
  const { body } = await request(`${upstream}${path}`, { dispatcher: agent, headers })
  return (await body.json()) as T
}

interface PageVariables {
  readonly first: number
  /** The number of the page before. */
  readonly after?: string | null
}
const readPage = ({ first, after }: PageVariables) =>
  get<{ list: WireTicket[] }>(`/v1/tickets?page=${Number(after ?? 0) + 1}&pageSize=${first}`)

async function one({ id }: { id: string }) {
  const externalId = Buffer.from(id, 'base64url').toString().split('\0')[2]
  return { ticket: withLinks(await get<WireTicket>(`/v1/tickets/${externalId}`)) }
}

async function page(variables: PageVariables) {
  const { list } = await readPage(variables)
  return { tickets: { nodes: list.map(withLinks) } }
}

async function linked(variables: PageVariables) {
  const { list } = await readPage(variables)
  const ids = new Set(list.flatMap(({ metadata }) => metadata.childrenLinks.map(({ ticketId }) => ticketId)))
  const tickets = new Map<string, WireTicket>()
  const load = async (id: string) => void tickets.set(id, await get<WireTicket>(`/v1/tickets/${id}`))
  await Promise.all(Array.from(ids, load))
  const toLinked = (link: WireLink) => toResolvedLink(link, tickets.get(link.ticketId))
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
