import { gql, InMemoryCache } from '@apollo/client'
import { applyTicketChange, possibleTypes, typePolicies } from '@deskgraph/client/apollo'
import { beforeEach, describe, expect, test } from 'vitest'

let cache: InMemoryCache
beforeEach(() => {
  cache = new InMemoryCache({ possibleTypes, typePolicies })
})

const list = gql`
  query ($filter: TicketFilter, $orderBy: TicketOrder, $first: Int, $after: String) {
    tickets(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      edges { cursor node { id updatedAt } }
      nodes { id }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`
const count = gql`
  query ($filter: TicketFilter) {
    tickets(filter: $filter, first: 0) { totalCount }
  }
`
const timeOf = (id: string) => `2026-01-01T00:00:0${9 - 'abcdef'.indexOf(id)}.000Z`
const ticket = (id: string) => ({ __typename: 'Ticket', id, updatedAt: timeOf(id) })
/** A page with these tickets. Its cursors are the ids of its first and last one. */
function page(ids: string, hasNextPage: boolean) {
  const nodes = [...ids].map(ticket)
  const edges = nodes.map((node) => ({ __typename: 'TicketEdge', cursor: node.id, node }))
  const pageInfo = { __typename: 'PageInfo', hasNextPage, hasPreviousPage: false, startCursor: ids[0], endCursor: ids.at(-1) }
  return { tickets: { __typename: 'TicketConnection', edges, nodes, pageInfo } }
}
/** The ids of a list, by its edges and by its nodes, and its page information. */
function read(variables = {}) {
  // biome-ignore lint/suspicious/noExplicitAny: what the query selects
  const data = cache.readQuery<any>({ query: list, variables })
  if (!data) return null
  if (!data.tickets) return data.tickets
  const { edges, nodes, pageInfo } = data.tickets
  const ids = (items: { id: string }[]) => items.map(({ id }) => id).join('')
  return [ids(edges.map(({ node }: { node: { id: string } }) => node)), ids(nodes), pageInfo.hasNextPage, pageInfo.endCursor]
}
const write = (data: object, variables = {}) => void cache.writeQuery({ query: list, variables, data })

describe('CLIENT-59: the type policies for Apollo Client', () => {
  test('make one list of its pages, with each ticket once, in edges and in nodes', () => {
    write(page('abc', true))
    write(page('cde', false), { after: 'c' })
    expect(read()).toEqual(['abcde', 'abcde', false, 'e'])
  })

  test('know a list again by its filter and order, and keep other lists apart', () => {
    write(page('ab', true), { filter: { status: ['OPEN'], tags: [] } })
    write(page('cd', false), { filter: { status: ['OPEN'] }, orderBy: { field: 'UPDATED_AT', direction: 'DESC' }, after: 'b' })
    write(page('e', false), { filter: { status: ['CLOSED'] } })
    expect(read({ filter: { text: null, status: ['OPEN'] } })).toEqual(['abcd', 'abcd', false, 'd'])
    expect(read({ filter: { status: ['CLOSED'] } })).toEqual(['e', 'e', false, 'e'])
    expect(read({ filter: { status: ['CLOSED'] }, orderBy: { field: 'CREATED_AT', direction: 'DESC' } })).toBeNull()
  })

  test('begin anew when the first page is read again', () => {
    write(page('ab', true))
    write(page('cd', false), { after: 'b' })
    write(page('fa', true))
    expect(read()).toEqual(['fa', 'fa', true, 'a'])
  })

  test('leave what is known when a list is null, and give null where nothing is', () => {
    write({ tickets: null })
    expect(read()).toBeNull()
    expect(cache.readQuery({ query: list })).toEqual({ tickets: null })
    write(page('ab', true))
    write({ tickets: null }, { after: 'b' })
    expect(read()).toEqual(['ab', 'ab', true, 'b'])
  })

  test('keep a count apart from the list with its filter', () => {
    write(page('ab', true))
    cache.writeQuery({ query: count, data: { tickets: { __typename: 'TicketConnection', totalCount: 7 } } })
    expect(read()).toEqual(['ab', 'ab', true, 'b'])
    expect(cache.readQuery({ query: count })).toMatchObject({ tickets: { totalCount: 7 } })
  })

  test('join what two operations select of an object without an id', () => {
    const mode = gql`query { ticket(id: "a") { id freshness { mode } } }`
    const time = gql`query { ticket(id: "a") { id freshness { observedAt } } }`
    const of = (freshness: object) => ({
      ticket: { __typename: 'Ticket', id: 'a', freshness: { __typename: 'Freshness', ...freshness } },
    })
    cache.writeQuery({ query: mode, data: of({ mode: 'LIVE' }) })
    cache.writeQuery({ query: time, data: of({ observedAt: timeOf('a') }) })
    expect(cache.readQuery({ query: mode })).toMatchObject({ ticket: { freshness: { mode: 'LIVE' } } })
  })

  test('find by its id what a list has read, and believe the gateway that a ticket is gone', () => {
    const one = gql`query ($id: ID!) { ticket(id: $id) { id updatedAt } }`
    write(page('ab', false))
    expect(cache.readQuery({ query: one, variables: { id: 'b' } })).toMatchObject({ ticket: { id: 'b' } })
    expect(cache.readQuery({ query: one, variables: { id: 'f' } })).toBeNull()
    cache.writeQuery({ query: one, variables: { id: 'b' }, data: { ticket: null } })
    expect(cache.readQuery({ query: one, variables: { id: 'b' } })).toEqual({ ticket: null })
  })

  test('page a timeline back, and keep another window of it apart', () => {
    const timeline = gql`
      query ($last: Int, $before: String) {
        ticket(id: "t") { id timeline(last: $last, before: $before) { edges { node { id } } pageInfo { hasPreviousPage startCursor } } }
      }
    `
    const entries = (ids: string, hasPreviousPage: boolean) => {
      const edges = [...ids].map((id) => ({ __typename: 'TimelineEdge', node: { __typename: 'TicketEvent', id } }))
      const pageInfo = { __typename: 'PageInfo', hasPreviousPage, startCursor: ids[0] }
      return { ticket: { __typename: 'Ticket', id: 't', timeline: { __typename: 'TimelineConnection', edges, pageInfo } } }
    }
    cache.writeQuery({ query: timeline, variables: { last: 2 }, data: entries('ef', true) })
    cache.writeQuery({ query: timeline, variables: { last: 2, before: 'e' }, data: entries('cd', false) })
    cache.writeQuery({ query: timeline, variables: { last: 1 }, data: entries('f', true) })
    expect(cache.readQuery({ query: timeline, variables: { last: 2 } })).toEqual(entries('cdef', false))
    expect(cache.readQuery({ query: timeline, variables: { last: 1 } })).toEqual(entries('f', true))
  })

  test('show a change in every list with its filter, and say when changes were lost', () => {
    const filter = { status: ['OPEN'] }
    write(page('bc', true), { filter })
    write(page('bc', true), { filter: { status: ['CLOSED'] } })
    cache.writeFragment({ fragment: gql`fragment F on Ticket { id updatedAt }`, data: ticket('a') })
    expect(applyTicketChange(cache, { matches: true, gap: false, ticket: { id: 'a' } }, filter)).toBe(false)
    expect(read({ filter })).toEqual(['abc', 'abc', true, 'c'])
    expect(applyTicketChange(cache, { matches: false, gap: true, ticket: { id: 'b' } }, filter)).toBe(true)
    expect(read({ filter })).toEqual(['ac', 'ac', true, 'c'])
    expect(read({ filter: { status: ['CLOSED'] } })).toEqual(['bc', 'bc', true, 'c'])
  })
})
