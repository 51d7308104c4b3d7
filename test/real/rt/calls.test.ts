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
    ['updateTicket', 'title: "Changed again", ifUpdatedAt: "2027-01-01T00:00:00Z"', 3],
    ['closeTicket', '', 3],
    ['reopenTicket', '', 3],
    ['reassignTicket', 'assignee: "ben"', 3],
    ['replyToTicket', 'body: "Hello", visibility: PUBLIC', 3],
    // A note is read back beside its ticket.
    ['replyToTicket', 'body: "For us only", visibility: INTERNAL', 4],
  ])('RT-24 reads, sends and reads for %s (%s), once its tables are read', async (mutation, input, most) => {
    const { a, b } = await gateway.ask(
      '{ a: ticketByExternalId(source: "rt", externalId: "7") { id } b: ticketByExternalId(source: "rt", externalId: "10") { id } }',
    )
    const write = (id: string) =>
      countCalls(`mutation { ${mutation}(input: { id: "${id}" ${input} }) { outcome ticket { title assignee { name } } } }`)
    const [first, second] = [await write(a.id), await write(b.id)]
    expect([first.data[mutation].outcome, second.data[mutation].outcome]).toEqual(['APPLIED', 'APPLIED'])
    expect(second.calls).toHaveLength(most)
  })

  it('RT-24 opens a ticket with two calls, and one more where it has files', async () => {
    const { source } = await gateway.ask('{ source(key: "rt") { transferQueues { key name } } }')
    const queue = source.transferQueues.find(({ name }: { name: string }) => name === 'Support').key
    const mutation = `mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome ticket { title queue } } }`
    const input = { source: 'rt', queue, title: 'Opened', description: 'It is broken.' }
    const plain = await countCalls(mutation, { input })
    expect(plain.data.createTicket).toEqual({ outcome: 'APPLIED', ticket: { title: 'Opened', queue: 'Support' } })
    expect(plain.calls).toHaveLength(2)
    const { createUpload } = await gateway.ask(
      'mutation { createUpload(input: { source: "rt", filename: "a.txt", contentType: "text/plain" }) { upload { uploadId url } } }',
    )
    const { uploadId, url } = createUpload.upload
    expect((await fetch(url, { method: 'PUT', body: 'A file' })).status).toBe(204)
    const withFile = await countCalls(mutation, { input: { ...input, attachments: [{ filename: 'a.txt', uploadId }] } })
    expect([withFile.data.createTicket.outcome, withFile.calls.length]).toEqual(['APPLIED', 3])
  })
})
