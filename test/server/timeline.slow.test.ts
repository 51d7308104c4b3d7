import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

let gateway: GatewayUnderTest
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ sandbox: { counts: { oneview: 30, verifik: 60, vcc: 30, wasabi: 30, rbi: 30 } } })
}, 120_000)
afterAll(() => gateway?.close())

/** The calls that the vendors of pulled sources count for a page of 50 tickets with these fields. */
async function callsFor(filter: object, fields: string) {
  const { oneview, verifik } = gateway.sandbox
  oneview.resetCalls()
  verifik.resetCalls()
  const query = `query ($filter: TicketFilter) { tickets(first: 50, filter: $filter) { nodes { id ${fields} } } }`
  const { tickets } = await gateway.ask(query, { filter })
  expect(tickets.nodes).toHaveLength(50)
  return { oneview: oneview.calls(), verifik: verifik.calls() }
}

interface Page {
  readonly edges: readonly { readonly node: { readonly __typename: string; readonly id: string; readonly at: string } }[]
  readonly pageInfo: Record<'startCursor' | 'endCursor', string | null> & Record<'hasNextPage' | 'hasPreviousPage', boolean>
}
const timeline = `query ($id: ID!, $first: Int, $last: Int, $after: String, $before: String) {
  ticket(id: $id) {
    timeline(first: $first, last: $last, after: $after, before: $before) {
      edges { node { __typename id at } }
      pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    }
  }
}`
const pageOf = async (id: string, range: object = {}): Promise<Page> =>
  (await gateway.ask(timeline, { id, ...range })).ticket.timeline
const idsOf = ({ edges }: Page) => edges.map(({ node }) => node.id)

describe('GRAPH-07: a timeline over the whole gateway', () => {
  test.each([
    ['of all sources', {}],
    ['of Verifik, whose lists have no messages', { sources: ['verifik'] }],
  ])('costs a page %s no more upstream calls than threads', async (_, filter) => {
    const threads = await callsFor(filter, 'threads(last: 10) { nodes { id body } }')
    expect(await callsFor(filter, 'timeline(last: 10) { nodes { id at } }')).toEqual(threads)
    expect(await callsFor(filter, 'timeline(last: 10) { nodes { id at } } threads(last: 10) { nodes { id } }')).toEqual(threads)
    const list = await callsFor(filter, '')
    expect(await callsFor(filter, 'timeline(last: 10, kinds: [EVENTS, DELIVERIES]) { nodes { id } }')).toEqual(list)
  })

  test('opens at its end with one request, and gives each entry once in one order from both ends', async () => {
    const create = 'mutation ($input: CreateTicketInput!) { createTicket(input: $input) { outcome ticket { id } } }'
    const order = { externalId: 'o-1', placedAt: new Date().toISOString() }
    const input = {
      source: 'rbi',
      category: 'order',
      subcategory: 'missing-item',
      description: 'No fries.',
      storeId: '1001',
      order,
    }
    // With a message, events, and a delivery that the partner receives.
    const { createTicket } = await gateway.ask(create, { input })
    expect(createTicket.outcome).toBe('QUEUED')
    await expect.poll(() => gateway.sandbox.partners.received().length, { timeout: 15_000 }).toBe(1)
    const { tickets } = await gateway.ask('{ tickets(first: 20, filter: { sources: ["rbi", "vcc"] }) { nodes { id } } }')
    const typesOf: number[] = []
    for (const { id } of [createTicket.ticket, ...tickets.nodes] as { id: string }[]) {
      const whole = await pageOf(id)
      expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
      const times = whole.edges.map(({ node }) => node.at)
      expect([...times].sort()).toEqual(times)
      const fromEnd: string[] = []
      for (let before: string | null = null, more = true; more; ) {
        const page: Page = await pageOf(id, { last: 2, before })
        fromEnd.unshift(...idsOf(page))
        ;({ startCursor: before, hasPreviousPage: more } = page.pageInfo)
      }
      const fromStart: string[] = []
      for (let after: string | null = null, more = true; more; ) {
        const page: Page = await pageOf(id, { first: 2, after })
        fromStart.push(...idsOf(page))
        ;({ endCursor: after, hasNextPage: more } = page.pageInfo)
      }
      expect([fromEnd, fromStart]).toEqual([idsOf(whole), idsOf(whole)])
      expect(new Set(fromEnd).size).toBe(fromEnd.length)
      typesOf.push(new Set(whole.edges.map(({ node }) => node.__typename)).size)
    }
    expect(typesOf[0]).toBe(3)
  })
})
