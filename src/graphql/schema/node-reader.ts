import type { GraphQLSchema } from 'graphql'
import { isInterfaceType } from 'graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { decodeId, type EntityKind, type EntityRef } from '../../domain/ids.ts'
import { may } from '../../domain/permissions.ts'
import type { ThreadMessage, TicketReason } from '../../domain/ticket.ts'
import type { GraphContext } from '../context.ts'
import { checkExternalId } from './entity-refs.ts'

type Reader = (context: GraphContext, ref: EntityRef, id: string) => unknown

/** How each kind of node is read. The loaders behind gather what one operation asks for. */
const readers: Partial<Record<EntityKind, Reader>> = {
  ticket: (context, ref) => context.reads.ticket(checkExternalId(context, ref)),
  customer: (context, ref) => context.reads.customer(ref),
  vendor: (context, ref) => context.reads.vendor(ref),
  source: (context, ref, id) => {
    const info = context.sources.get(ref.sourceKey)?.info
    return info?.id === id ? info : null
  },
  message: readMessage,
  delivery: (context, _ref, id) => (may(context.viewer, 'routing:admin') ? context.deliveries.load(id) : null),
  quarantined: (context, _ref, id) => (may(context.viewer, 'routing:admin') ? context.deadLetters.load(id) : null),
}

/** Anything by its global id. null: not there, or not for this viewer. Throws BAD_USER_INPUT for what is no id of ours. */
export function readNode(context: GraphContext, id: string): unknown {
  const ref = decodeId(id)
  if (!ref) throw new DeskgraphError('BAD_USER_INPUT', '"id" is not a global id of this graph.')
  if (!context.sources.get(ref.sourceKey)) return null
  return readers[ref.kind]?.(context, ref, id) ?? null
}

/** A message's own id is its ticket's, "#" and its place or name. */
async function readMessage(context: GraphContext, ref: EntityRef, id: string): Promise<ThreadMessage | null> {
  const end = ref.externalId.lastIndexOf('#')
  if (end < 1) return null
  const ticketRef: EntityRef = { ...ref, kind: 'ticket', externalId: ref.externalId.slice(0, end) }
  const ticket = await context.reads.ticket(checkExternalId(context, ticketRef))
  return ticket?.messages?.find((message) => message.id === id) ?? null
}

const typeOfKind: Partial<Record<EntityKind, string>> = {
  ticket: 'Ticket',
  customer: 'Customer',
  vendor: 'Vendor',
  source: 'Source',
  message: 'ThreadMessage',
  delivery: 'Delivery',
  quarantined: 'QuarantinedEvent',
}

const typeOfReason: Record<TicketReason['kind'], string> = {
  ORDER: 'OrderReason',
  CANCELLATION: 'CancellationReason',
  SUBJECT_ACCESS_REQUEST: 'SubjectAccessRequestReason',
  GENERAL: 'GeneralReason',
}

/** Tells the interfaces' types apart by the data itself; synchronously, where type-graphql's own way is asynchronous. */
export function attachTypeResolvers(schema: GraphQLSchema): void {
  const node = schema.getType('Node')
  const reason = schema.getType('TicketReason')
  if (!isInterfaceType(node) || !isInterfaceType(reason)) throw new Error('The schema lacks Node or TicketReason')
  node.resolveType = (value: { readonly id: string }) => typeOfKind[decodeId(value.id)?.kind ?? 'event']
  reason.resolveType = (value: TicketReason) => typeOfReason[value.kind]
}

/** Many, in order; a bad id becomes an error in its own place. Throws BAD_USER_INPUT for more than a page. */
export function readNodes(context: GraphContext, ids: readonly string[]): unknown[] {
  const { maxPageSize } = context.services
  if (ids.length > maxPageSize) throw new DeskgraphError('BAD_USER_INPUT', `"ids" may hold at most ${maxPageSize}.`)
  return ids.map((id) => {
    try {
      return readNode(context, id)
    } catch (error) {
      return error
    }
  })
}
