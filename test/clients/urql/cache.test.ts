import { cacheConfig } from '@deskgraph/client/urql'
import { cacheExchange } from '@urql/exchange-graphcache'
import { Client, fetchExchange, gql } from 'urql'
import { expect, test } from 'vitest'

/** A client whose gateway gives these answers, one after the other, and what it has read of its cache alone. */
function open(...answers: object[]) {
  const client = new Client({
    url: 'http://gateway.example/graphql',
    preferGetMethod: false,
    fetch: async () => Response.json({ data: answers.shift() }),
    exchanges: [cacheExchange(cacheConfig), fetchExchange],
  })
  return {
    ask: (query: string, variables = {}) => client.query(gql(query), variables, { requestPolicy: 'network-only' }).toPromise(),
    async read(query: string, variables = {}) {
      return (await client.query(gql(query), variables, { requestPolicy: 'cache-only' }).toPromise()).data
    },
  }
}

const list = `query ($filter: TicketFilter, $after: String) {
  tickets(filter: $filter, first: 3, after: $after) {
    edges { node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`
function page(ids: string, hasNextPage: boolean) {
  const edges = [...ids].map((id) => ({ __typename: 'TicketEdge', node: { __typename: 'Ticket', id } }))
  const pageInfo = { __typename: 'PageInfo', hasNextPage, hasPreviousPage: false, startCursor: ids[0], endCursor: ids.at(-1) }
  return { tickets: { __typename: 'TicketConnection', edges, pageInfo } }
}
const idsOf = (data: { tickets: { edges: { node: { id: string } }[] } }) => data.tickets.edges.map(({ node }) => node.id).join('')

test('CLIENT-59: the settings for graphcache join pages, and keep another filter and a count apart', async () => {
  const total = 'query { tickets(first: 0) { totalCount } }'
  const counted = { tickets: { __typename: 'TicketConnection', totalCount: 7 } }
  const { ask, read } = open(page('abc', true), page('cde', false), page('x', false), counted)
  await ask(list)
  await ask(list, { after: 'c' })
  await ask(list, { filter: { status: ['CLOSED'] } })
  await ask(total)
  expect(idsOf(await read(list, { after: 'c' }))).toBe('abcde')
  expect(idsOf(await read(list, { filter: { status: ['CLOSED'] } }))).toBe('x')
  expect(await read(total)).toMatchObject({ tickets: { totalCount: 7 } })
})

test('CLIENT-59: with graphcache a list that could not be read is null', async () => {
  const { ask, read } = open({ tickets: null })
  expect((await ask(list)).data).toEqual({ tickets: null })
  expect(await read(list)).toEqual({ tickets: null })
})

test('CLIENT-59: with graphcache a ticket of a list is found by its id, and one that is gone stays gone', async () => {
  const one = 'query ($id: ID!) { ticket(id: $id) { id } }'
  const { ask, read } = open(page('ab', false), { ticket: null })
  await ask(list)
  expect(await read(one, { id: 'a' })).toMatchObject({ ticket: { id: 'a' } })
  await ask(one, { id: 'b' })
  expect(await read(one, { id: 'b' })).toEqual({ ticket: null })
})

test('CLIENT-59: with graphcache two operations may select different fields of an object without an id', async () => {
  const of = (freshness: object) => ({
    ticket: { __typename: 'Ticket', id: 'a', freshness: { __typename: 'Freshness', ...freshness } },
  })
  const [mode, time] = ['mode', 'observedAt'].map((field) => `query { ticket(id: "a") { id freshness { ${field} } } }`)
  const { ask, read } = open(of({ mode: 'LIVE' }), of({ observedAt: '2026-01-01T00:00:00.000Z' }))
  await ask(mode!)
  await ask(time!)
  expect(await read(mode!)).toMatchObject({ ticket: { freshness: { mode: 'LIVE' } } })
})
