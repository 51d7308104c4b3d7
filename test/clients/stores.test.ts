import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { possibleTypes, typePolicies } from '@deskgraph/client/apollo'
import { cacheConfig } from '@deskgraph/client/urql'
import { cacheExchange } from '@urql/exchange-graphcache'
import { createOperationDescriptor, Environment, fetchQuery, Network, RecordSource, Store } from 'relay-runtime'
import { Client, fetchExchange } from 'urql'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import request from './relay/__generated__/sameIdsQuery.graphql.ts'
import { type Answer, type SameIdsGateway, sameIds, startSameIdsGateway } from './support/same-ids.ts'

let gateway: SameIdsGateway
/** The answer without a client: what every store has to give back. */
let expected: Answer
beforeAll(async () => {
  gateway = await startSameIdsGateway()
  expected = await gateway.answer()
})
afterAll(() => {
  vi.restoreAllMocks()
  return gateway?.close()
})
/** A store that meets two things with one id, or one thing with two types, says so on the console. */
const warnings = (['warn', 'error'] as const).map((level) => vi.spyOn(console, level))
afterEach(() => expect(warnings.flatMap(({ mock }) => mock.calls)).toEqual([]))

describe('CLIENT-50: a normalised store', () => {
  test("keeps apart what has the same id in two sources: Apollo Client's", async () => {
    const client = new ApolloClient({
      link: new HttpLink({ uri: gateway.url }),
      cache: new InMemoryCache({ possibleTypes, typePolicies }),
    })
    await client.query({ query: gql(sameIds) })
    expect(selected(client.cache.readQuery({ query: gql(sameIds) }))).toEqual(selected(expected))
  })

  test("keeps apart what has the same id in two sources: urql's Graphcache", async () => {
    const client = new Client({ url: gateway.url, exchanges: [cacheExchange(cacheConfig), fetchExchange] })
    await client.query(sameIds, {}).toPromise()
    const { data, error } = await client.query(sameIds, {}, { requestPolicy: 'cache-only' }).toPromise()
    expect(error).toBeUndefined()
    expect(selected(data)).toEqual(selected(expected))
  })

  test("keeps apart what has the same id in two sources: Relay's", async () => {
    const network = Network.create(async ({ text: query }) => {
      const headers = { 'content-type': 'application/json' }
      return (await fetch(gateway.url, { method: 'POST', headers, body: JSON.stringify({ query }) })).json()
    })
    const environment = new Environment({ network, store: new Store(new RecordSource()) })
    await fetchQuery(environment, request, {}).toPromise()
    const { data } = environment.lookup(createOperationDescriptor(request, {}).fragment)
    expect(selected(data)).toEqual(selected(expected))
  })
})

/** Without `__typename`, which each client adds or leaves out by its own rules. */
function selected(value: Answer): Answer {
  if (Array.isArray(value)) return value.map(selected)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== '__typename')
  return Object.fromEntries(entries.map(([key, item]) => [key, selected(item)]))
}
