import { DeskgraphError } from '../../domain/errors.ts'
import { decodeId, type EntityKind, type EntityRef } from '../../domain/ids.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { LookupName, SourceInfo, TicketSource } from '../../sources/source.ts'
import { tenantsOf } from '../../tickets/ticket-loader.ts'
import type { Sources } from '../../tickets/ticket-service.ts'
import type { GraphContext } from '../context.ts'

// How a resolver finds what an argument names. Each `require…` throws an error for the client, each `find…` may answer null.

const kindNames: Readonly<Record<EntityKind, string>> = {
  ticket: 'ticket',
  customer: 'customer',
  vendor: 'vendor',
  source: 'source',
  message: 'message',
  delivery: 'delivery',
  deadLetter: 'quarantined event',
  agent: 'agent',
  order: 'order',
  event: 'ticket event',
  group: 'group',
  organization: 'organization',
  attachment: 'attachment',
}

/** The reference in a global id. Throws BAD_USER_INPUT, which names the argument, for an id of another kind or no id. */
export function requireRef(id: string, kind: EntityKind, argument = 'id'): EntityRef {
  const ref = decodeId(id)
  if (ref?.kind === kind) return ref
  throw new DeskgraphError('BAD_USER_INPUT', `"${argument}" is not the global id of a ${kindNames[kind]}.`)
}

/** As `requireRef`; null when the viewer sees no source of that key. */
export function findRef(context: GraphContext, id: string, kind: EntityKind): EntityRef | null {
  const ref = requireRef(id, kind)
  return context.sources.get(ref.sourceKey) ? ref : null
}

/** Throws BAD_USER_INPUT for an external id that the source cannot have. Such an id must never reach an upstream. */
export function requireExternalId(context: GraphContext, ref: EntityRef): EntityRef {
  const source = context.sources.get(ref.sourceKey)
  if (source?.isExternalId(ref.externalId) !== false) return ref
  throw new DeskgraphError('BAD_USER_INPUT', `This is not an id that ${source.info.label} uses.`)
}

/** The ticket that a link of a source names; null when this viewer cannot read it, or the source sent no valid id. */
export function findLinked(context: GraphContext, id: string): EntityRef | null {
  const ref = decodeId(id)
  const isReadable = ref?.kind === 'ticket' && context.sources.get(ref.sourceKey)?.isExternalId(ref.externalId)
  return isReadable ? ref : null
}

/** Reads the ticket with this global id; null when there is none for this viewer. Throws BAD_USER_INPUT for another id. */
export function readTicket(context: GraphContext, id: string): Promise<Ticket | null> | null {
  const ref = findRef(context, id, 'ticket')
  return ref && context.reads.ticket(requireExternalId(context, ref))
}

/** Reads the ticket with this external id from the tenants of one source; null when none of them has it. */
export async function readTicketByExternalId(
  context: GraphContext,
  source: TicketSource,
  externalId: string,
): Promise<Ticket | null> {
  const refs = tenantsOf(source).map((tenant): EntityRef => ({ kind: 'ticket', sourceKey: source.info.key, tenant, externalId }))
  const tickets = await Promise.all(refs.map((ref) => context.reads.ticket(requireExternalId(context, ref))))
  return tickets.find((ticket) => ticket !== null) ?? null
}

/** The keys of the sources that the viewer sees. */
export function visibleSourceKeys({ all }: Sources): readonly string[] {
  return all.map(({ info }) => info.key)
}

/** Throws BAD_USER_INPUT, with the same message for a source that does not exist and one that the viewer does not see. */
export function requireSource(sources: Sources, key: string): TicketSource {
  const source = sources.get(key)
  if (source) return source
  throw new DeskgraphError(
    'BAD_USER_INPUT',
    `There is no source "${key}". There are: ${visibleSourceKeys(sources).join(', ') || 'none'}.`,
  )
}

type Ability = {
  [K in keyof TicketSource]-?: NonNullable<TicketSource[K]> extends (...args: never[]) => unknown ? K : never
}[keyof TicketSource]

/** The optional method of a source. Throws UPSTREAM_NOT_SUPPORTED, without any call, when the source lacks it. */
export function requireAbility<K extends Ability>(source: TicketSource, ability: K): NonNullable<TicketSource[K]> {
  const method = source[ability]
  if (typeof method === 'function') return method.bind(source) as NonNullable<TicketSource[K]>
  const { key, label } = source.info
  throw new DeskgraphError('UPSTREAM_NOT_SUPPORTED', `${label} does not offer this.`, { source: key })
}

type Lookups = { readonly [Name in LookupName]: NonNullable<TicketSource[Name]> }

/** A list that the source offers for inputs, read once in an operation; null where the source does not offer it. */
export function readLookup<Name extends LookupName, T>(
  context: GraphContext,
  source: SourceInfo,
  name: Name,
  request: unknown,
  read: (list: Lookups[Name]) => Promise<T>,
): Promise<T> | null {
  const owner = context.sources.get(source.key)
  if (!owner?.[name]) return null
  // Counted before anything can fail: a response with a failed look-up must not be cached (`cacheSeconds`).
  context.lookUps += 1
  const list = owner[name].bind(owner) as Lookups[Name]
  return context.once(`${name} ${source.key} ${JSON.stringify(request)}`, () => read(list))
}

/**
 * Runs an administrative action on one delivery or quarantined event and answers with its result.
 * Throws BAD_USER_INPUT, with the same message, when it does not exist and when the viewer does not see its source.
 */
export async function actOn<T>(
  context: GraphContext,
  id: string,
  kind: 'delivery' | 'deadLetter',
  action: () => Promise<T | null>,
): Promise<T> {
  const result = findRef(context, id, kind) && (await action())
  if (result !== null) return result
  throw new DeskgraphError('BAD_USER_INPUT', `There is no ${kindNames[kind]} with this id.`)
}
