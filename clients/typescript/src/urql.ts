import type {
  Cache,
  CacheExchangeOpts,
  Data,
  KeyingConfig,
  OptimisticMutationResolver,
  Resolver,
  Variables,
} from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'
import type { DocumentNode } from 'graphql'
import { possibleTypes, typesWithoutId } from './generated/schema-facts.ts'
import { findPlace, type ListArguments, sortField, type TicketChangeParts, toFilterKey, toListKey, toOrder } from './live-list.ts'

/**
 * Objects without an id are kept inside the object that holds them. An edge that a change adds to a list is on no page of the gateway, so it
 * has a key of its own.
 */
const keys: KeyingConfig = {
  ...Object.fromEntries(typesWithoutId.map((name) => [name, () => null])),
  TicketEdge: ({ addedFor }) => (typeof addedFor === 'string' ? addedFor : null),
}

/** All pages of one list. null: the list could not be read. A count (`first: 0`) is no page of a list. */
const joinPages =
  (join: Resolver): Resolver =>
  (parent, args, cache, info) => {
    const own = cache.resolve(info.parentKey, info.parentFieldKey)
    return own === null || args.first === 0 ? (own as Data | null) : join(parent, args, cache, info)
  }
const pages = joinPages(relayPagination())
/** A conversation opens at its end: pages read with `before` stand in front of the first one, and those read with `after` behind it. */
const conversation = joinPages(relayPagination({ mergeMode: 'outwards' }))

/** An object that is read by its id is the same as in any list. */
const byId =
  (__typename: string): Resolver =>
  (_, { id }, cache, info) =>
    cache.resolve(info.parentKey, info.parentFieldKey) === null ? null : { __typename, id: id as string }

/** The answer that a write will probably have: the ticket with the values of the input. */
const optimistic =
  (changesOf: (input: Readonly<Record<string, unknown>>) => object): OptimisticMutationResolver =>
  ({ input }) => {
    const values = input as Readonly<Record<string, unknown>>
    const ticket = { __typename: 'Ticket', id: values.id, ...changesOf(values) }
    return { __typename: 'TicketPayload', outcome: 'APPLIED', userErrors: [], message: null, ticket } as Data
  }

/**
 * The settings of Deskgraph's graph for `cacheExchange` of `@urql/exchange-graphcache`:
 * - `tickets` is one list over all its pages, and so are the tickets of a customer and a vendor, timelines, messages and events.
 * - A first page that is read again begins its list anew.
 * - `ticketChanged` keeps the lists with its filter: a ticket that does not match any more leaves them, one that is new or has moved comes to
 *   its place. After `gap: true` all lists are read again.
 * - `closeTicket`, `reopenTicket` and `updateTicket` show their change at once, and take it back when they are refused.
 * - A ticket that `createTicket` made is looked for in all lists.
 */
export const cacheConfig = {
  keys,
  possibleTypes,
  resolvers: {
    Query: {
      tickets: pages,
      deliveries: pages,
      quarantine: pages,
      ticket: byId('Ticket'),
      customer: byId('Customer'),
      vendor: byId('Vendor'),
    },
    Customer: { tickets: pages },
    Vendor: { tickets: pages },
    Ticket: { timeline: conversation, threads: conversation, events: conversation },
  },
  updates: {
    Query: {
      tickets: (_result, args, cache) => dropLaterPages(cache, args),
    },
    Mutation: {
      createTicket: (_result, _args, cache) => invalidateLists(cache),
    },
    Subscription: {
      ticketChanged({ ticketChanged }, { filter }, cache) {
        const change = ticketChanged as unknown as TicketChangeParts | null
        if (change?.gap) invalidateLists(cache)
        else if (change?.matches !== undefined) applyTicketChange(cache, change, filter as object | null | undefined)
      },
    },
  },
  optimistic: {
    closeTicket: optimistic(() => ({ status: 'CLOSED' })),
    reopenTicket: optimistic(() => ({ status: 'OPEN' })),
    updateTicket: optimistic(({ status, priority, title, tags }) => {
      const entries = Object.entries({ status, priority, title, tags })
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null))
    }),
  },
} satisfies CacheExchangeOpts

/**
 * A first page that was read again does not fit to the pages behind the old one: between them tickets could be missing. They are read again when
 * they are asked for.
 */
function dropLaterPages(cache: Cache, args: Variables): void {
  if (args.first === 0 || typeof args.after === 'string') return
  for (const { fieldName, fieldKey, arguments: own } of cache.inspectFields('Query')) {
    const isLater = fieldName === 'tickets' && typeof own?.after === 'string'
    if (isLater && toListKey(own as ListArguments) === toListKey(args as ListArguments)) cache.invalidate('Query', fieldKey)
  }
}

function invalidateLists(cache: Cache): void {
  for (const { fieldName, fieldKey } of cache.inspectFields('Query')) {
    if (fieldName === 'tickets') cache.invalidate('Query', fieldKey)
  }
}

/** A page of a list: the keys of its connection and its edges, and the tickets of the edges. */
interface Page {
  readonly key: string
  readonly after: unknown
  readonly endCursor: unknown
  readonly hasNextPage: boolean
  readonly edges: readonly string[]
}

function applyTicketChange(cache: Cache, change: TicketChangeParts, filter: object | null | undefined): void {
  const ticket = cache.keyOfEntity({ __typename: 'Ticket', id: change.ticket.id })
  for (const { orderBy, sequence } of listsOf(cache, filter)) {
    const order = toOrder(orderBy as object | null)
    const nodeOf = (edge: string) => cache.resolve(edge, 'node') as string
    const toValue = (key: string | null) => cache.resolve(key, sortField(order))
    const edges = sequence.flatMap((page) => page.edges)
    const others = edges.filter((edge) => nodeOf(edge) !== ticket)
    const values = others.map((edge) => toValue(nodeOf(edge)))
    const place = change.matches ? findPlace(values, toValue(ticket), order, sequence.at(-1)?.hasNextPage === true) : null
    const own = place === null ? undefined : (edges.find((edge) => nodeOf(edge) === ticket) ?? addEdge(cache, ticket as string))
    const inOrder = place === null || own === undefined ? others : [...others.slice(0, place), own, ...others.slice(place)]
    spread(cache, sequence, inOrder)
  }
}

/** The lists with this filter, one for each order, each with its pages in order. */
function listsOf(cache: Cache, filter: object | null | undefined) {
  const lists = new Map<string, { readonly orderBy: unknown; readonly pages: Page[] }>()
  for (const { fieldName, fieldKey, arguments: args } of cache.inspectFields('Query')) {
    const isList = fieldName === 'tickets' && args?.first !== 0
    if (!isList || toFilterKey(args?.filter as object | null) !== toFilterKey(filter)) continue
    const page = readPage(cache, fieldKey, args?.after ?? null)
    if (!page) continue
    const key = toListKey({ orderBy: args?.orderBy as object | null })
    const list = lists.get(key) ?? { orderBy: args?.orderBy, pages: [] }
    list.pages.push(page)
    lists.set(key, list)
  }
  return [...lists.values()].map(({ orderBy, pages }) => ({ orderBy, sequence: inSequence(pages) }))
}

function readPage(cache: Cache, fieldKey: string, after: unknown): Page | undefined {
  const key = cache.resolve('Query', fieldKey)
  const edges = typeof key === 'string' ? cache.resolve(key, 'edges') : undefined
  if (typeof key !== 'string' || !Array.isArray(edges)) return undefined
  const pageInfo = cache.resolve(key, 'pageInfo') as string | null
  const endCursor = cache.resolve(pageInfo, 'endCursor')
  return { key, after, endCursor, hasNextPage: cache.resolve(pageInfo, 'hasNextPage') === true, edges: edges as string[] }
}

/** From the first page on, each page follows the one whose end it was asked for. */
function inSequence(pages: readonly Page[]): Page[] {
  const sequence: Page[] = []
  for (let page = pages.find(({ after }) => after === null); page; ) {
    sequence.push(page)
    const { endCursor } = page
    page = pages.find((next) => next.after === endCursor && !sequence.includes(next))
  }
  return sequence
}

const edgeFields = {
  kind: 'Document',
  definitions: [
    {
      kind: 'FragmentDefinition',
      name: { kind: 'Name', value: 'AddedEdge' },
      typeCondition: { kind: 'NamedType', name: { kind: 'Name', value: 'TicketEdge' } },
      selectionSet: {
        kind: 'SelectionSet',
        selections: ['__typename', 'cursor'].map((value) => ({ kind: 'Field', name: { kind: 'Name', value } })),
      },
    },
  ],
} as unknown as DocumentNode

function addEdge(cache: Cache, ticket: string): string {
  const edge = { __typename: 'TicketEdge', addedFor: ticket, cursor: '' }
  cache.writeFragment(edgeFields, edge)
  const key = cache.keyOfEntity(edge as unknown as Data) as string
  cache.link(key, 'node', ticket)
  return key
}

/** Writes the edges back to their pages: each page but the last keeps its length. */
function spread(cache: Cache, pages: readonly Page[], edges: readonly string[]): void {
  let from = 0
  pages.forEach((page, index) => {
    const to = index === pages.length - 1 ? edges.length : from + page.edges.length
    cache.link(page.key, 'edges', edges.slice(from, to))
    from = to
  })
}
