import { Arg, Ctx, Extensions, ID, Query, Resolver } from 'type-graphql'
import { DeskgraphError } from '../../domain/errors.ts'
import { decodeId, type EntityKind, type EntityRef } from '../../domain/ids.ts'
import { may } from '../../domain/permissions.ts'
import type { ThreadMessage } from '../../domain/ticket.ts'
import type { GraphContext } from '../context.ts'
import { requireExternalId } from './lookup.ts'
import { NodeType } from './node.ts'

@Resolver()
export class NodeQueries {
  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1 } })
  @Query(() => NodeType, {
    nullable: true,
    description:
      'Reads any object by its global id. null when it does not exist or the viewer may not see it; BAD_USER_INPUT when the text is not a global id.',
  })
  node(@Arg('id', () => ID, { description: 'A global id of this graph.' }) id: string, @Ctx() context: GraphContext) {
    return readNode(context, id)
  }

  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' }, cost: { calls: 1, items: { argument: 'ids' } } })
  @Query(() => [NodeType], {
    nullable: 'items',
    description:
      'Reads many objects by their global ids, in the same order and with as few upstream calls as possible. An invalid id makes only its own item null, with an error.',
  })
  nodes(
    @Arg('ids', () => [ID], { description: 'Global ids, at most as many as the largest page size (100 by default).' })
    ids: string[],
    @Ctx() context: GraphContext,
  ) {
    return readNodes(context, ids)
  }
}

type Reader = (context: GraphContext, ref: EntityRef, id: string) => unknown

/** How each kind is read. The loaders in the context batch the calls of one operation. */
const readers: Partial<Record<EntityKind, Reader>> = {
  ticket: (context, ref) => context.reads.ticket(requireExternalId(context, ref)),
  customer: (context, ref) => context.reads.customer(ref),
  vendor: (context, ref) => context.reads.vendor(ref),
  source: readSource,
  message: readMessage,
  delivery: (context, _ref, id) => (may(context.viewer, 'routing:admin') ? context.deliveries.load(id) : null),
  event: (context, _ref, id) => context.events.load(id),
  deadLetter: (context, _ref, id) => (may(context.viewer, 'routing:admin') ? context.deadLetters.load(id) : null),
}

/** The object with this global id; null when it does not exist for this viewer. Throws BAD_USER_INPUT for any other text. */
function readNode(context: GraphContext, id: string): unknown {
  const ref = decodeId(id)
  if (!ref) throw new DeskgraphError('BAD_USER_INPUT', '"id" is not a global id of this graph.')
  if (!context.sources.get(ref.sourceKey)) return null
  return readEntity(context, ref, id)
}

/** The object that a decoded id names; null when it does not exist for this viewer. The viewer has to see its source. */
export function readEntity(context: GraphContext, ref: EntityRef, id: string): unknown {
  return readers[ref.kind]?.(context, ref, id) ?? null
}

/** In the order of the ids; an error in the place of an invalid one. Throws BAD_USER_INPUT for more ids than a page holds. */
function readNodes(context: GraphContext, ids: readonly string[]): unknown[] {
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

function readSource(context: GraphContext, ref: EntityRef, id: string) {
  const info = context.sources.get(ref.sourceKey)?.info
  return info?.id === id ? info : null
}

/** The external id of a message is the id of its ticket, "#", and the message's number or name. */
async function readMessage(context: GraphContext, ref: EntityRef, id: string): Promise<ThreadMessage | null> {
  const end = ref.externalId.lastIndexOf('#')
  if (end < 1) return null
  const ticketRef: EntityRef = { ...ref, kind: 'ticket', externalId: ref.externalId.slice(0, end) }
  const ticket = await context.reads.ticket(requireExternalId(context, ticketRef))
  return ticket?.messages?.find((message) => message.id === id) ?? null
}
