import { DeskgraphError } from '../../domain/errors.ts'
import { decodeId, type EntityKind, type EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { TicketSource } from '../../sources/source.ts'
import type { GraphContext } from '../context.ts'

/** What a global id names. Throws BAD_USER_INPUT, naming the argument, when it is not an id of this kind. */
export function requireRef(id: string, kind: EntityKind, argument = 'id'): EntityRef {
  const ref = decodeId(id)
  if (ref?.kind === kind) return ref
  throw new DeskgraphError('BAD_USER_INPUT', `"${argument}" is not the global id of a ${kindNames[kind]}.`)
}

/** The same, and null when the source is not configured or not to be seen: there is no such thing for this viewer. */
export function findRef(context: GraphContext, id: string, kind: EntityKind): EntityRef | null {
  const ref = requireRef(id, kind)
  return context.sources.get(ref.sourceKey) ? ref : null
}

const kindNames: Readonly<Record<EntityKind, string>> = {
  ticket: 'ticket',
  customer: 'customer',
  vendor: 'vendor',
  source: 'source',
  message: 'message',
  delivery: 'delivery',
  quarantined: 'quarantined event',
  agent: 'agent',
  order: 'order',
  event: 'journal entry',
}

/** Throws BAD_USER_INPUT for an id outside the source's own alphabet: it must never reach an upstream. */
export function checkExternalId(context: GraphContext, ref: EntityRef): EntityRef {
  const source = context.sources.get(ref.sourceKey)
  if (source?.isExternalId(ref.externalId) !== false) return ref
  throw new DeskgraphError('BAD_USER_INPUT', `This is not an id that ${source.info.label} uses.`)
}

/** The ticket that a source's link names; null where it cannot be read here, also when what the source sent is no id. */
export function findLinked(context: GraphContext, id: string): EntityRef | null {
  const ref = decodeId(id)
  const isReadable = ref?.kind === 'ticket' && context.sources.get(ref.sourceKey)?.isExternalId(ref.externalId)
  return isReadable ? ref : null
}

/** A ticket by the id that its source's users know, whichever of the source's tenants it belongs to. */
export async function readTicketByExternalId(
  context: GraphContext,
  source: TicketSource,
  externalId: string,
): Promise<Ticket | null> {
  const tenants = source.tenant === null ? (source.tenants?.() ?? ['']) : [source.tenant]
  const refs = tenants.map((tenant): EntityRef => ({ kind: 'ticket', sourceKey: source.info.key, tenant, externalId }))
  const tickets = await Promise.all(refs.map((ref) => context.reads.ticket(checkExternalId(context, ref))))
  return tickets.find((ticket) => ticket !== null) ?? null
}
