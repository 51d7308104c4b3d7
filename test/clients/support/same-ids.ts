import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { stringify } from 'yaml'
import { buildWhenStale } from '../../support/process/built.ts'
import { type GatewayProcess, startProcess } from '../../support/process/gateway-process.ts'
import request from '../relay/__generated__/sameIdsQuery.graphql.ts'

/** The operation as Relay's compiler sends it: with `__typename`, and the `id` of every object that has one. */
export const sameIds: string = request.params.text ?? ''

/** A gateway over two OneViews and two Verifiks. Each id exists in each of them, and means another thing there. */
export interface SameIdsGateway {
  readonly url: string
  /** The answer to `sameIds`, read without any client. */
  answer(): Promise<Answer>
  close(): Promise<void>
}
// biome-ignore lint/suspicious/noExplicitAny: the whole answer, whose shape is the operation's
export type Answer = any

export async function startSameIdsGateway(): Promise<SameIdsGateway> {
  buildWhenStale()
  const systems = await Promise.all([serve(oneView('A')), serve(oneView('B')), serve(verifik('A')), serve(verifik('B'))])
  const block = (system: string, index: number) => {
    return { system, url: systems[index]!.url, token: 'token', label: `${system} ${index}` }
  }
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-same-ids-'))
  const sources = { one: block('oneview', 0), two: block('oneview', 1), three: block('verifik', 2), four: block('verifik', 3) }
  writeFileSync(join(folder, 'gateway.yaml'), stringify({ sources, auth: { mode: 'none' } }))
  const gateway = await startProcess({ DESKGRAPH_CONFIG: join(folder, 'gateway.yaml'), DESKGRAPH_DATA_DIR: join(folder, 'data') })
  const url = `${gateway.url}/graphql`
  await writeToEverySource(url)
  return { url, answer: async () => expectAllParts(await ask(url, sameIds)), close: () => close(gateway, systems, folder) }
}

/** Each ticket has an event with an actor, whose id is the same in all sources. */
async function writeToEverySource(url: string): Promise<void> {
  const { data } = await ask(url, '{ tickets { nodes { id source { system } } } }')
  const write = { oneview: 'closeTicket', verifik: 'replyToTicket' } as const
  for (const { id, source } of data.tickets.nodes as { id: string; source: { system: keyof typeof write } }[]) {
    const input = source.system === 'oneview' ? '{ id: $id }' : '{ id: $id, body: "Noted.", visibility: PUBLIC }'
    const answer = await ask(url, `mutation ($id: ID!) { write: ${write[source.system]}(input: ${input}) { outcome } }`, { id })
    expect(answer).toMatchObject({ data: { write: { outcome: 'APPLIED' } } })
  }
}

/** The answer has what could be mixed up; else a test with it would prove nothing. */
function expectAllParts({ data, errors }: Answer): Answer {
  expect(errors).toBeUndefined()
  const nodes = data.tickets.edges.map(({ node }: Answer) => node)
  const isFilled = (part: unknown) => part !== null && JSON.stringify(part) !== '[]'
  expect(data.sources.slice(0, 2).map(({ escalationDepartments: [first] }: Answer) => first)).toMatchObject([
    { key: 'finance', label: 'Finance of A' },
    { key: 'finance', label: 'Finance of B' },
  ])
  expect(nodes).toHaveLength(4)
  expect(new Set(nodes.map(({ title }: Answer) => title)).size).toBe(4)
  expect(nodes.every((ticket: Answer) => ticket.events.edges.some(({ node }: Answer) => node.actor))).toBe(true)
  for (const part of ['assignee', 'customer', 'links', 'orders', 'vendor']) {
    expect(nodes.filter((ticket: Answer) => isFilled(ticket[part])).length, part).toBeGreaterThan(1)
  }
  expect(nodes.filter((node: Answer) => node.threads?.edges[0]?.node.author).length).toBe(2)
  expect(nodes.filter((node: Answer) => node.attachments?.length).length).toBe(2)
  return data
}

async function ask(url: string, query: string, variables = {}): Promise<Answer> {
  const body = JSON.stringify({ query, variables })
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return response.json()
}

async function close(gateway: GatewayProcess, systems: readonly { server: Server }[], folder: string): Promise<void> {
  await gateway.stop()
  for (const { server } of systems) server.close()
  rmSync(folder, { recursive: true, force: true })
}

/** Answers by "METHOD path"; undefined: 204. */
type Answers = Readonly<Record<string, unknown>>

async function serve(answers: Answers): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((req, res) => {
    const key = `${req.method} ${new URL(req.url ?? '/', 'http://vendor').pathname}`
    const status = key in answers ? (answers[key] === undefined ? 204 : 200) : 404
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answers[key]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

function oneView(name: string): Answers {
  const ticket = (id: string, childrenLinks: object[]) => ({
    id,
    Assignee: 'ann',
    createdAt: 1_572_499_999,
    UpdatedAt: 1_572_499_999,
    metadata: { ccr: `Late order of ${name}`, orderId: 'order-1', entityId: `FP_${name}`, childrenLinks },
    status: 'ASSIGNED',
    customer: { id: 'customer-1', name: `Customer of ${name}` },
    vendor: { id: 'vendor-1', vertical: name === 'A' ? 'restaurants' : 'groceries' },
  })
  const link = { ticketId: 't2', ticketIdType: 'PANDACARE', ticketCategory: 'ESCALATED', reason: `Reason of ${name}` }
  const linked = ticket('t2', [])
  return {
    'GET /v1/tickets': { list: [ticket('t1', [link])] },
    'GET /v1/tickets/t1': ticket('t1', [link]),
    'GET /v1/tickets/t2': { ...linked, metadata: { ...linked.metadata, ccr: `Linked of ${name}` } },
    'POST /v1/tickets/t1/close': undefined,
    'GET /v2/escalation/departments': [{ id: 'finance', label: `Finance of ${name}` }],
    'GET /v1/queues': { list: [{ id: 'q1', name: `Queue of ${name}` }] },
    'GET /v1/resolution-statuses': { list: ['REFUNDED'] },
    'GET /v1/ccr': { data: { '1A': { translations: [{ translation: `Reason of ${name}` }], child: { '1A.1': {} } } } },
  }
}

function verifik(name: string): Answers {
  const data = {
    _id: 't1',
    title: `Title of ${name}`,
    status: 'open',
    client: { _id: 'customer-1', name: `Client of ${name}` },
    assignedTo: { _id: 'ann', name: `Ann of ${name}` },
    attachments: [{ _id: 'file-1', filename: `file of ${name}` }],
    threads: [{ author: 'ann', type: 'agent', message: `Message of ${name}`, createdAt: '2026-01-01T00:00:00.000Z' }],
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-02T00:00:00.000Z',
  }
  return {
    'GET /v2/support-tickets': { success: true, data: [data], pagination: { page: 1, limit: 100, total: 1, pages: 1 } },
    'GET /v2/support-tickets/t1': { success: true, data },
    'POST /support-tickets/t1/thread': { success: true },
  }
}
