import type { ApolloCache, FieldPolicy, Reference, TypePolicies } from '@apollo/client'
import { typesWithoutId } from './generated/schema-facts.ts'
import { findPlace, sortField, type TicketChangeParts, toFilterKey, toListKey, toOrder } from './live-list.ts'

export { possibleTypes } from './generated/schema-facts.ts'

type Arguments = Readonly<Record<string, unknown>> | null

/** A page in the cache: what was selected of it. */
interface Page {
  readonly edges?: readonly Edge[]
  readonly nodes?: readonly Reference[]
  readonly pageInfo?: Readonly<Record<string, unknown>>
}
interface Edge {
  readonly node?: Reference
}

/** All pages of one list as one list, in `edges` and in `nodes`. `toKey` says which arguments make a list. */
function pagination(toKey: (args: Arguments) => string): FieldPolicy<Page | null, Page | null> {
  return {
    keyArgs: toKey,
    read(existing, { canRead }) {
      if (!existing) return existing
      return {
        ...existing,
        ...(existing.edges && { edges: existing.edges.filter(({ node }) => node === undefined || canRead(node)) }),
        ...(existing.nodes && { nodes: existing.nodes.filter((node) => canRead(node)) }),
      }
    },
    // null says that the list could not be read, and nothing about what it was before.
    merge(existing, incoming, { args }) {
      if (!incoming) return existing ?? null
      if (!existing) return incoming
      if (typeof args?.after === 'string') return join(existing, incoming, ['hasPreviousPage', 'startCursor'], existing)
      if (typeof args?.before === 'string') return join(incoming, existing, ['hasNextPage', 'endCursor'], existing)
      return { ...existing, ...incoming }
    },
  }
}

/** Two pages as one. `kept` are the fields of `pageInfo` that stay as they were, because their end of the list was not read. */
function join(front: Page, back: Page, kept: readonly string[], existing: Page): Page {
  const incoming = front === existing ? back : front
  const pageInfo = { ...existing.pageInfo, ...incoming.pageInfo }
  for (const name of kept) if (existing.pageInfo && name in existing.pageInfo) pageInfo[name] = existing.pageInfo[name]
  return {
    ...existing,
    ...incoming,
    ...((front.edges || back.edges) && { edges: concat(front.edges, back.edges, ({ node }) => node?.__ref) }),
    ...((front.nodes || back.nodes) && { nodes: concat(front.nodes, back.nodes, ({ __ref }) => __ref) }),
    ...((existing.pageInfo || incoming.pageInfo) && { pageInfo }),
  }
}

/** A ticket that changes while its list is read may come on two pages: it stays where it came first. */
function concat<Item>(
  front: readonly Item[] = [],
  back: readonly Item[] = [],
  keyOf: (item: Item) => string | undefined,
): Item[] {
  const known = new Set(front.map(keyOf))
  return [...front, ...back.filter((item) => keyOf(item) === undefined || !known.has(keyOf(item)))]
}

/** One list for each filter and order. A count (`first: 0`) is none of its pages. */
const tickets = pagination((args) => (args?.first === 0 ? `count:${toListKey(args)}` : toListKey(args ?? {})))

/** The parts of a conversation: another page size is another window, which begins at another entry. */
const conversation = pagination((args) => JSON.stringify([args?.kinds ?? null, args?.first ?? null, args?.last ?? null]))

/** An object that can be read by its id is the same as in any list, so that a page opens with what is known. */
const byId = (__typename: string): FieldPolicy => ({
  read: (existing, { args, toReference }) => (existing === undefined ? toReference({ __typename, id: args?.id }) : existing),
})

/**
 * The type policies of Deskgraph's graph for Apollo's `InMemoryCache`:
 * - `tickets` is one list for each filter and order, whichever way the filter is written; `fetchMore({ variables: { after } })` adds a page.
 *   The same holds for the tickets of a customer and a vendor, and for timelines, messages and events, which also page back by `before`.
 * - A list that is null, because it could not be read, leaves the pages that are known.
 * - Two operations may select different fields of an object without an id: the cache keeps both.
 * - `ticket(id)`, `customer(id)` and `vendor(id)` find what a list has read.
 */
export const typePolicies: TypePolicies = {
  ...Object.fromEntries(typesWithoutId.map((name) => [name, { merge: true }])),
  Query: {
    fields: {
      tickets,
      deliveries: pagination((args) => JSON.stringify([args?.partner ?? null, args?.state ?? null])),
      quarantine: pagination((args) => JSON.stringify([args?.source ?? null])),
      ticket: byId('Ticket'),
      customer: byId('Customer'),
      vendor: byId('Vendor'),
    },
  },
  Customer: { fields: { tickets } },
  Vendor: { fields: { tickets } },
  Ticket: { fields: { timeline: conversation, threads: conversation, events: conversation } },
}

/**
 * Puts a change of `ticketChanged` into the lists with this filter: a ticket that does not match any more leaves them, one that is new
 * or has moved comes to its place. The ticket itself is in the cache already. True: changes were lost, so read the lists again (`refetch`).
 */
export function applyTicketChange(cache: ApolloCache, change: TicketChangeParts, filter?: object | null): boolean {
  const id = cache.identify({ __typename: 'Ticket', id: change.ticket.id })
  if (id === undefined || change.matches === undefined) return change.gap === true
  const ticket: Reference = { __ref: id }
  cache.modify<{ tickets: Page | null }>({
    fields: {
      tickets(stored, { storeFieldName, readField }) {
        const page = stored as Page | null
        const list = toList(storeFieldName)
        if (!page || list?.filterKey !== toFilterKey(filter)) return stored
        const hasNextPage = page.pageInfo?.hasNextPage === true
        const { order } = list
        const toValue = (reference: Reference | undefined): unknown => readField(sortField(order), reference)
        const put = <Item>(items: readonly Item[], toReference: (item: Item) => Reference | undefined, added: Item): Item[] => {
          const own = items.find((item) => toReference(item)?.__ref === id)
          const others = items.filter((item) => item !== own)
          const values = others.map((item) => toValue(toReference(item)))
          const place = change.matches ? findPlace(values, toValue(ticket), order, hasNextPage) : null
          return place === null ? others : [...others.slice(0, place), own ?? added, ...others.slice(place)]
        }
        const edge = { __typename: 'TicketEdge', cursor: '', node: ticket }
        return {
          ...page,
          ...(page.edges && { edges: put(page.edges, ({ node }) => node, edge) }),
          ...(page.nodes && { nodes: put(page.nodes, (node) => node, ticket) }),
        } as typeof stored
      },
    },
  })
  return change.gap === true
}

/** The filter and the order of a list in the cache, from its key. undefined: it is a count. */
function toList(storeFieldName: string) {
  const key = storeFieldName.slice('tickets:'.length)
  if (!key.startsWith('[')) return undefined
  const [filterKey, order] = JSON.parse(key) as [string, string]
  const [field, direction] = order.split(' ')
  return { filterKey, order: toOrder({ field, direction }) }
}
