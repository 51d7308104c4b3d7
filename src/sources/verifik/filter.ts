import type { FilterField, TicketFilter } from '../source.ts'
import { fromPriority } from './vocabulary.ts'

/** The filter fields that Verifik can apply: one value each. */
export const filters: readonly FilterField[] = ['status', 'priority', 'category']

/** The vendor's only word for each of these; IN_PROGRESS has two (`in_progress`, `progress`), UNKNOWN any. */
const statuses: Readonly<Record<string, string>> = {
  OPEN: 'open',
  PENDING: 'pending',
  RESOLVED: 'resolved',
  CLOSED: 'closed',
  CANCELLED: 'cancelled',
}

/** Those fields of this very filter that Verifik applies exactly: a single value, and one word for it. */
export function toAppliedFilters(filter: TicketFilter): readonly FilterField[] {
  return toPairs(filter).map(([field]) => field)
}

/** As a query, to be put behind another parameter. */
export function toFilterQuery(filter: TicketFilter): string {
  return toPairs(filter)
    .map(([field, word]) => `&${field}=${encodeURIComponent(word)}`)
    .join('')
}

function toPairs(filter: TicketFilter): readonly [FilterField, string][] {
  const status = only(filter.status)
  const priority = only(filter.priority)
  const category = only(filter.category)
  const words: [FilterField, string | null | undefined][] = [
    ['status', status && statuses[status]],
    ['priority', priority && fromPriority(priority)],
    ['category', category],
  ]
  return words.filter((pair): pair is [FilterField, string] => typeof pair[1] === 'string' && pair[1] !== '')
}

function only<T>(values: readonly T[] | null | undefined): T | null {
  return values?.length === 1 ? (values[0] ?? null) : null
}
