import type { MissingFieldHandler, RecordProxy, RecordSourceProxy } from 'relay-runtime'
import { findPlace, sortField, type TicketChangeParts, toOrder } from './live-list.ts'
import { scalarTypes } from './scalars.ts'

/** The settings of relay-compiler that this graph needs, beside `src` and `language`. */
export const relayConfig = {
  schema: 'node_modules/@deskgraph/client/schema.graphql',
  customScalarTypes: scalarTypes,
  eagerEsModules: true,
} as const

/** The fields of `Query` that read an object by its id. */
const fieldsById = new Set(['node', 'ticket', 'customer', 'vendor'])

/** For `new Environment({ missingFieldHandlers })`: `ticket(id)`, `customer(id)`, `vendor(id)` and `node(id)` find what a list has read. */
export const missingFieldHandlers: MissingFieldHandler[] = [
  {
    kind: 'linked',
    handle(field, record, args) {
      const isById = record?.getType() === '__Root' && fieldsById.has(field.name)
      return isById && typeof args.id === 'string' ? args.id : undefined
    },
  },
]

/**
 * Puts a change of `ticketChanged` into one list, in the `updater` of the subscription: a ticket that does not match any more leaves it, one that
 * is new or has moved comes to its place. True: changes were lost, so read the list again (`refetch`).
 *
 * `connection` is `ConnectionHandler.getConnection(store.getRoot(), 'Page_tickets', { filter })`, with the key of your `@connection`.
 */
export function applyTicketChange(
  store: RecordSourceProxy,
  connection: RecordProxy | null | undefined,
  change: TicketChangeParts,
  orderBy?: object | null,
): boolean {
  const ticket = store.get(change.ticket.id)
  const edges = connection?.getLinkedRecords('edges')
  if (!connection || !ticket || !edges || change.matches === undefined) return change.gap === true
  const order = toOrder(orderBy)
  const isOwn = (edge: RecordProxy) => edge.getLinkedRecord('node')?.getDataID() === ticket.getDataID()
  const toValue = (record: RecordProxy | null | undefined) => record?.getValue(sortField(order))
  const own = edges.find(isOwn)
  const others = edges.filter((edge) => !isOwn(edge))
  const hasNextPage = connection.getLinkedRecord('pageInfo')?.getValue('hasNextPage') === true
  const values = others.map((edge) => toValue(edge.getLinkedRecord('node')))
  const place = change.matches ? findPlace(values, toValue(ticket), order, hasNextPage) : null
  const edge = place === null ? undefined : (own ?? addEdge(store, connection, ticket))
  const inOrder = place === null || !edge ? others : [...others.slice(0, place), edge, ...others.slice(place)]
  connection.setLinkedRecords(inOrder, 'edges')
  return change.gap === true
}

function addEdge(store: RecordSourceProxy, connection: RecordProxy, ticket: RecordProxy): RecordProxy {
  const id = `client:added:${connection.getDataID()}:${ticket.getDataID()}`
  const edge = store.get(id) ?? store.create(id, 'TicketEdge')
  edge.setLinkedRecord(ticket, 'node')
  edge.setValue('', 'cursor')
  return edge
}

/**
 * The answer that a write will probably have, for `optimisticResponse`: the ticket as the mutation selects it, with `outcome` and `userErrors`. The store
 * takes it back when the source refuses the write.
 */
export function optimisticWrite<Ticket extends { readonly id: string }>(ticket: Ticket) {
  const userErrors: [] = []
  return { outcome: 'APPLIED', userErrors, ticket } as const
}
