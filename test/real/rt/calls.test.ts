import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isInstalled, rtDesk } from '../support/debian.ts'
import { type RealGateway, startRealGateway } from '../support/real-gateway.ts'
import { type RtServer, startRt } from './rt-server.ts'
import { seededDialect } from './rt-source.ts'

// How many calls an operation of the graph costs, by the server's own log.

describe.skipIf(!isInstalled(rtDesk))('a gateway over a real Request Tracker (skipped where it is not installed)', () => {
  let server: RtServer
  let gateway: RealGateway
  beforeAll(async () => {
    server = await startRt()
    const shared = { system: 'rt', url: server.url, timeoutMs: 30_000, dialect: seededDialect }
    gateway = await startRealGateway({ rt: { ...shared, token: server.tokens.ann } })
  })
  afterAll(async () => {
    await gateway?.close()
    await server?.close()
  })

  const countCalls = async (query: string, variables?: Record<string, unknown>) => {
    server.takeCalls()
    const data = await gateway.ask(query, variables)
    return { data, calls: server.takeCalls() }
  }
  const first = (count: number, fields: string) => `{ tickets(first: ${count}) { totalCount nodes { number ${fields} } } }`

  it('RT-23 asks once for a page, and once more for the tickets of its links', async () => {
    const page = await countCalls(first(24, 'title status assignee { name } customFields { key }'))
    expect(page.data.tickets.nodes).toHaveLength(24)
    expect(page.calls).toHaveLength(1)
    const links = await countCalls(first(24, 'links { kind ticket { number title } } followers { name } statusOptions { key }'))
    const linked = links.data.tickets.nodes.flatMap(({ links: list }: { links: { ticket: unknown }[] }) => list)
    expect(linked.filter(({ ticket }: { ticket: unknown }) => ticket !== null).length).toBeGreaterThan(5)
    expect(links.calls).toHaveLength(2)
  })

  it('RT-23 reads the threads of a page together, in fewer calls than one for each', async () => {
    const { data, calls } = await countCalls(first(24, 'description threads { nodes { body visibility } }'))
    const texts = data.tickets.nodes.flatMap(({ threads }: { threads: { nodes: unknown[] } }) => threads.nodes)
    expect(texts.length).toBeGreaterThan(20)
    expect(calls.length).toBeLessThanOrEqual(1 + 10)
  })

  it('RT-23 asks once for a ticket, and four times where its messages are selected', async () => {
    const ticket = (fields: string) => countCalls(`{ ticketByExternalId(source: "rt", externalId: "5") { ${fields} } }`)
    expect((await ticket('title links { kind } statusOptions { key }')).calls).toHaveLength(1)
    expect((await ticket('title threads { nodes { body } }')).calls).toHaveLength(4)
  })

  it.each([
    ['updateTicket', 'title: "Changed"', 3],
    ['closeTicket', '', 3],
    ['reopenTicket', '', 3],
    ['reassignTicket', 'assignee: "ben"', 5],
    ['replyToTicket', 'body: "Hello", visibility: PUBLIC', 4],
  ])('RT-23 asks a few times for %s', async (mutation, input, most) => {
    const { ticketByExternalId: ticket } = await gateway.ask('{ ticketByExternalId(source: "rt", externalId: "7") { id } }')
    const { data, calls } = await countCalls(`mutation { ${mutation}(input: { id: "${ticket.id}" ${input} }) { outcome } }`)
    expect(data[mutation].outcome).toBe('APPLIED')
    expect(calls.length).toBeLessThanOrEqual(most)
  })
})
