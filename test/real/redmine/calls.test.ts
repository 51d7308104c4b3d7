import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isInstalled, redmineDesk } from '../support/debian.ts'
import { type RealGateway, startRealGateway } from '../support/real-gateway.ts'
import { type RedmineServer, startRedmine } from './redmine-server.ts'
import { seededDialect } from './redmine-source.ts'
import { redmineKeys } from './rest.ts'

// How many calls an operation of the graph costs, by the server's own log; and two Redmines beside each other.

describe.skipIf(!isInstalled(redmineDesk))('a gateway over real Redmines (skipped where it is not installed)', () => {
  let server: RedmineServer
  let other: RedmineServer
  let gateway: RealGateway
  beforeAll(async () => {
    server = await startRedmine()
    other = await startRedmine()
    const shared = { system: 'redmine', timeoutMs: 30_000, dialect: seededDialect }
    gateway = await startRealGateway({
      redmine: { ...shared, url: server.url, token: redmineKeys.ann },
      archive: { ...shared, url: other.url, token: redmineKeys.otto, label: 'Archive' },
    })
  })
  afterAll(async () => {
    await gateway?.close()
    await server?.close()
    await other?.close()
  })

  const countCalls = async (query: string, variables?: Record<string, unknown>) => {
    server.takeCalls()
    const data = await gateway.ask(query, variables)
    return { data, calls: server.takeCalls() }
  }
  const inRedmine = 'filter: { sources: ["redmine"] }'

  it('REDMINE-14 asks once for a page of 50, and once more for each thread', async () => {
    const page = await countCalls(
      `{ tickets(first: 50, ${inRedmine}) { totalCount nodes { number title status attachments { filename } } } }`,
    )
    expect(page.data.tickets.nodes).toHaveLength(50)
    expect(page.calls).toHaveLength(1)
    const threads = await countCalls(`{ tickets(first: 50, ${inRedmine}) { nodes { number threads { nodes { body } } } } }`)
    expect(threads.data.tickets.nodes.some(({ threads: { nodes } }: { threads: { nodes: unknown[] } }) => nodes.length > 0)).toBe(
      true,
    )
    expect(threads.calls).toHaveLength(51)
  })

  it('REDMINE-14 asks twice for a page of 25 with the tickets of its links', async () => {
    const { data, calls } = await countCalls(
      `{ tickets(first: 25, orderBy: { field: CREATED_AT, direction: ASC }, ${inRedmine}) { nodes { number links { kind ticket { number title } } } } }`,
    )
    const linked = data.tickets.nodes.flatMap(
      ({ number, links }: { number: string; links: { kind: string; ticket: { number: string } }[] }) =>
        links.map(({ kind, ticket }) => `${number} ${kind} ${ticket.number}`),
    )
    // As the seed relates them; the children of a ticket are in single reads only.
    expect(linked.toSorted()).toEqual(
      [
        ...['1 RELATED 2', '2 RELATED 1', '3 BLOCKED_BY 4', '4 BLOCKS 3', '5 DUPLICATED_BY 6', '6 DUPLICATE 5'],
        ...['7 FOLLOWS 8', '8 PRECEDES 7', '10 PARENT 9'],
      ].toSorted(),
    )
    expect(calls).toHaveLength(2)
  })

  it.each([
    ['updateTicket', 'priority: HIGH'],
    ['closeTicket', ''],
    ['reopenTicket', ''],
    ['replyToTicket', 'body: "Hello", visibility: PUBLIC'],
    ['reassignTicket', 'assignee: "Ben Agent"'],
  ])('REDMINE-14 asks three times at most for %s, once its tables are read', async (mutation, input) => {
    const write = (id: string) => countCalls(`mutation { ${mutation}(input: { id: "${id}" ${input} }) { outcome } }`)
    const { nodes } = (await gateway
      .ask(
        `{ a: ticketByExternalId(source: "redmine", externalId: "43") { id } b: ticketByExternalId(source: "redmine", externalId: "46") { id } }`,
      )
      .then(({ a, b }) => ({ nodes: [a, b] }))) as { nodes: { id: string }[] }
    const first = await write(nodes[0]!.id)
    const second = await write(nodes[1]!.id)
    expect([first.data[mutation].outcome, second.data[mutation].outcome]).toEqual(['APPLIED', 'APPLIED'])
    expect(second.calls.length).toBeLessThanOrEqual(3)
  })

  it('a second Redmine needs configuration only, and shows what its own account sees', async () => {
    const { sources, tickets } = await gateway.ask(
      '{ sources { key system label } tickets(first: 100) { nodes { number queue source { key } } sources { source { key } outcome matching } } }',
    )
    expect(sources).toEqual(
      expect.arrayContaining([
        { key: 'redmine', system: 'redmine', label: 'Redmine' },
        { key: 'archive', system: 'redmine', label: 'Archive' },
      ]),
    )
    // Otto is a member of Billing only: every third ticket.
    const archived = tickets.nodes.filter(({ source }: { source: { key: string } }) => source.key === 'archive')
    expect(new Set(archived.map(({ queue }: { queue: string }) => queue))).toEqual(new Set(['Billing']))
    const matching = Object.fromEntries(
      tickets.sources.map((report: { source: { key: string }; matching: number }) => [report.source.key, report.matching]),
    )
    expect(matching).toEqual({ redmine: 60, archive: 20 })
  })
})
