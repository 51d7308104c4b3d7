import { encodeId } from '../domain/ids.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { FilterField, TicketFilter } from '../sources/source.ts'

type Test = (ticket: Ticket) => boolean
type Tests = { readonly [K in keyof TicketFilter]-?: (wanted: NonNullable<TicketFilter[K]>) => Test }

// In lower case, once for all who ask: a change is tested for every subscriber.
const namesOf = rememberLowerCase((assignee: NonNullable<Ticket['assignee']>) => [
  assignee.externalId,
  assignee.name,
  assignee.email,
])
const wordsOf = rememberLowerCase(({ title, description, number, externalId }: Ticket) => [
  title,
  description,
  number,
  externalId,
])

function rememberLowerCase<T extends object>(textsOf: (subject: T) => readonly (string | null | undefined)[]) {
  const known = new WeakMap<T, readonly string[]>()
  return (subject: T): readonly string[] => {
    let texts = known.get(subject)
    if (!texts) {
      texts = textsOf(subject).flatMap((text) => (text == null ? [] : [text.toLowerCase()]))
      known.set(subject, texts)
    }
    return texts
  }
}

/** One test per field. A field that the ticket does not have (null) never matches a condition on it. */
const tests: Tests = {
  status: (wanted) => (ticket) => wanted.includes(ticket.status),
  priority: (wanted) => (ticket) => ticket.priority !== null && wanted.includes(ticket.priority),
  channel: (wanted) => (ticket) => ticket.channel !== null && wanted.includes(ticket.channel),
  category: (wanted) => (ticket) => ticket.category !== null && wanted.includes(ticket.category.code),
  assignee: (wanted) => {
    const text = wanted.toLowerCase()
    return ({ assignee }) => assignee !== null && namesOf(assignee).includes(text)
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
    return (ticket) => wordsOf(ticket).some((words) => words.includes(text))
  },
  createdAfter: (wanted) => (ticket) => ticket.createdAt !== null && ticket.createdAt > wanted,
  createdBefore: (wanted) => (ticket) => ticket.createdAt !== null && ticket.createdAt < wanted,
  updatedAfter: (wanted) => (ticket) => ticket.updatedAt !== null && ticket.updatedAt > wanted,
  updatedBefore: (wanted) => (ticket) => ticket.updatedAt !== null && ticket.updatedAt < wanted,
}

type FilterKey = keyof TicketFilter
const fieldOfKey = (key: FilterKey): FilterField => (key === 'customer' ? 'customerId' : key === 'vendor' ? 'vendorId' : key)

/** The filter without what is no condition: null, an empty list, blank text. */
export function conditionsOf(filter: TicketFilter): TicketFilter {
  const isCondition = (wanted: unknown) =>
    typeof wanted === 'string' ? wanted.trim() !== '' : Array.isArray(wanted) ? wanted.length > 0 : (wanted ?? null) !== null
  const conditions: TicketFilter = Object.fromEntries(Object.entries(filter).filter(([, wanted]) => isCondition(wanted)))
  return conditions.text ? { ...conditions, text: conditions.text.trim() } : conditions
}

/**
 * The filter as one test, to be used for many tickets. A partial ticket is judged by what its list shows:
 * `text` then sees a description that the list has cut.
 */
export function toTest(filter: TicketFilter): Test {
  const conditions = conditionsOf(filter)
  const all = (Object.keys(conditions) as FilterKey[]).map((key) => testOf(key, conditions))
  if (all.length === 1) return all[0]!
  return (ticket) => all.every((test) => test(ticket))
}

function testOf<K extends FilterKey>(key: K, filter: TicketFilter): Test {
  const build = tests[key] as (wanted: TicketFilter[K]) => Test
  return build(filter[key])
}

/** Does every condition of the filter hold for this ticket? Times are exclusive on both sides. */
export function matchesFilter(ticket: Ticket, filter: TicketFilter): boolean {
  return toTest(filter)(ticket)
}

/** What a source applies itself, and what is left to be applied here. */
export interface SplitFilter {
  readonly there: TicketFilter
  readonly here: TicketFilter
  /** The graph's names of the fields of `here`. */
  readonly hereFields: readonly FilterField[]
}

export function splitFilter(conditions: TicketFilter, appliedThere: readonly FilterField[]): SplitFilter {
  const entries = Object.entries(conditions) as [FilterKey, unknown][]
  const isThere = ([key]: [FilterKey, unknown]) => appliedThere.includes(fieldOfKey(key))
  const here = entries.filter((entry) => !isThere(entry))
  return {
    there: Object.fromEntries(entries.filter(isThere)),
    here: Object.fromEntries(here),
    hereFields: here.map(([key]) => fieldOfKey(key)),
  }
}

/** Could a ticket of this source match at all? A customer or vendor belongs to one source. */
export function concernsSource(conditions: TicketFilter, sourceKey: string): boolean {
  return [conditions.customer, conditions.vendor].every((ref) => !ref || ref.sourceKey === sourceKey)
}
