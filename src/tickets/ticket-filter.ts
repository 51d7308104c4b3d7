import { DeskgraphError } from '../domain/errors.ts'
import { decodeId, type EntityRef, encodeId } from '../domain/ids.ts'
import type { Ticket } from '../domain/ticket.ts'
import { fieldsOfConditions } from '../sources/filter-table.ts'
import type { FilterField, TicketFilter } from '../sources/source.ts'

type Predicate = (ticket: Ticket) => boolean
type FilterKey = keyof TicketFilter
type PredicateBuilders = { readonly [K in FilterKey]-?: (wanted: NonNullable<TicketFilter[K]>) => Predicate }

// Cached per object, because one change is compared with the filter of every subscriber.
const assigneeNames = cacheLowerCase(({ externalId, name, email }: NonNullable<Ticket['assignee']>) => [externalId, name, email])
const searchedTexts = cacheLowerCase(({ title, description, number, externalId }: Ticket) => [
  title,
  description,
  number,
  externalId,
])

function cacheLowerCase<T extends object>(textsOf: (subject: T) => readonly (string | null | undefined)[]) {
  const cache = new WeakMap<T, readonly string[]>()
  return (subject: T): readonly string[] => {
    let texts = cache.get(subject)
    if (!texts) {
      texts = textsOf(subject).flatMap((text) => (text == null ? [] : [text.toLowerCase()]))
      cache.set(subject, texts)
    }
    return texts
  }
}

/** One predicate per condition. A ticket whose field is null matches no condition on that field. */
const predicates: PredicateBuilders = {
  status: (wanted) => (ticket) => wanted.includes(ticket.status),
  priority: (wanted) => (ticket) => ticket.priority !== null && wanted.includes(ticket.priority),
  channel: (wanted) => (ticket) => ticket.channel !== null && wanted.includes(ticket.channel),
  category: (wanted) => (ticket) => ticket.category !== null && wanted.includes(ticket.category.code),
  assignee: (wanted) => {
    const text = wanted.toLowerCase()
    return ({ assignee }) => assignee !== null && assigneeNames(assignee).includes(text)
  },
  assignedTo: (wanted) => {
    const bySource = new Map(Object.entries(wanted).map(([key, login]) => [key, predicates.assignee(login)]))
    return (ticket) => bySource.get(ticket.source.key)?.(ticket) ?? false
  },
  unassigned: () => (ticket) => ticket.assignee === null,
  ids: (wanted) => {
    const ids = new Set(wanted)
    return (ticket) => ids.has(ticket.id)
  },
  customer: (wanted) => {
    const id = encodeId('customer', wanted.sourceKey, wanted.tenant, wanted.externalId)
    return (ticket) => ticket.customer?.id === id
  },
  customerEmail: (wanted) => {
    const email = wanted.toLowerCase()
    return (ticket) => ticket.customer?.email?.toLowerCase() === email
  },
  vendor: (wanted) => {
    const id = encodeId('vendor', wanted.sourceKey, wanted.tenant, wanted.externalId)
    return (ticket) => ticket.vendor?.id === id
  },
  orderId: (wanted) => (ticket) => ticket.orders?.some((order) => order.externalId === wanted) ?? false,
  tags: (wanted) => (ticket) => ticket.tags?.some((tag) => wanted.includes(tag)) ?? false,
  text: (wanted) => {
    const text = wanted.toLowerCase()
    return (ticket) => searchedTexts(ticket).some((searched) => searched.includes(text))
  },
  createdAfter: (wanted) => (ticket) => ticket.createdAt !== null && ticket.createdAt > wanted,
  createdBefore: (wanted) => (ticket) => ticket.createdAt !== null && ticket.createdAt < wanted,
  updatedAfter: (wanted) => (ticket) => ticket.updatedAt !== null && ticket.updatedAt > wanted,
  updatedBefore: (wanted) => (ticket) => ticket.updatedAt !== null && ticket.updatedAt < wanted,
}

/** What conditions read of a ticket. */
export const testedFields: readonly (keyof Ticket)[] = [
  ...(['status', 'priority', 'channel', 'category', 'assignee', 'customer', 'vendor', 'orders', 'tags'] as const),
  ...(['title', 'description', 'number', 'createdAt', 'updatedAt'] as const),
]

/**
 * The filter without its empty conditions: null and an empty list, except of ids (DECISION-47). Surrounding blanks of `text` are removed.
 * Throws BAD_USER_INPUT for an empty or blank text (DECISION-38): as no condition it would give the tickets of every assignee where a
 * client meant one.
 */
export function conditionsOf(filter: TicketFilter): TicketFilter {
  const isCondition = ([field, wanted]: [string, unknown]) =>
    Array.isArray(wanted) && field !== 'ids' ? wanted.length > 0 : (wanted ?? null) !== null
  const entries = Object.entries(filter).filter(isCondition)
  for (const [field, wanted] of entries) for (const text of [wanted].flat()) checkNotBlank(field, text)
  const conditions: TicketFilter = Object.fromEntries(entries)
  return conditions.text ? { ...conditions, text: conditions.text.trim() } : conditions
}

function checkNotBlank(field: string, wanted: unknown): void {
  if (typeof wanted !== 'string' || wanted.trim() !== '') return
  throw new DeskgraphError(
    'BAD_USER_INPUT',
    `"filter.${field}" has an empty text. Leave the field out, or send null, for no condition.`,
  )
}

/**
 * The filter as one predicate, to be reused for many tickets. Every condition must hold; times are exclusive on both sides.
 * A summary of a list is judged by the fields that it has: `text` sees a description as the list has cut it.
 */
export function toTest(filter: TicketFilter): Predicate {
  const conditions = conditionsOf(filter)
  const all = (Object.keys(conditions) as FilterKey[]).map((key) => toPredicate(key, conditions))
  if (all.length === 1) return all[0]!
  return (ticket) => all.every((predicate) => predicate(ticket))
}

function toPredicate<K extends FilterKey>(key: K, filter: TicketFilter): Predicate {
  const build = predicates[key] as (wanted: TicketFilter[K]) => Predicate
  return build(filter[key])
}

/** True when every condition of the filter holds for this ticket. For many tickets use `toTest` once. */
export function matchesFilter(ticket: Ticket, filter: TicketFilter): boolean {
  return toTest(filter)(ticket)
}

/** A filter, divided by who applies each condition. */
export interface SplitFilter {
  /** The conditions that the source applies itself. */
  readonly pushedDown: TicketFilter
  /** The conditions that the gateway applies to what the source delivers. */
  readonly clientSide: TicketFilter
  /** The fields of `clientSide`, each once. */
  readonly clientSideFilters: readonly FilterField[]
}

/** `pushdownFilters`: the fields that the source applies itself. */
export function splitFilter(conditions: TicketFilter, pushdownFilters: readonly FilterField[]): SplitFilter {
  const entries = Object.entries(conditions) as [FilterKey, unknown][]
  const isPushedDown = ([key]: [FilterKey, unknown]) => pushdownFilters.includes(fieldsOfConditions[key])
  const clientSide = entries.filter((entry) => !isPushedDown(entry))
  return {
    pushedDown: Object.fromEntries(entries.filter(isPushedDown)),
    clientSide: Object.fromEntries(clientSide),
    clientSideFilters: [...new Set(clientSide.map(([key]) => fieldsOfConditions[key]))],
  }
}

/** False when no ticket of this source can match: a customer, a vendor, a login and each id belong to one source. */
export function concernsSource(conditions: TicketFilter, sourceKey: string): boolean {
  const isNamed = !conditions.ids || refsOfSource(conditions.ids, sourceKey).length > 0
  const hasLogin = !conditions.assignedTo || Object.hasOwn(conditions.assignedTo, sourceKey)
  return isNamed && hasLogin && [conditions.customer, conditions.vendor].every((ref) => !ref || ref.sourceKey === sourceKey)
}

/** The tickets of one source among these global ids, each once. */
export function refsOfSource(ids: readonly string[], sourceKey: string): readonly EntityRef[] {
  return [...new Set(ids)].flatMap((id) => {
    const ref = decodeId(id)
    return ref?.kind === 'ticket' && ref.sourceKey === sourceKey ? [ref] : []
  })
}
