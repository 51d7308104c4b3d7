import type { FilterField, TicketFilter, TicketSource } from './source.ts'

// How a vendor's search applies the conditions of a filter: one table, from which follow what is pushed down, what is narrowed, what is counted
// and what is asked for. `Context` is what terms need beside the filter, such as the words of an installation.

/** How one field of a filter is applied. `Term`: a text, or a record where the search language has records. */
export interface FilterRule<Context, Term = string> {
  /** NARROWED: the vendor leaves out tickets that certainly do not match, and returns others that do not match either. */
  readonly applied: 'EXACT' | 'NARROWED'
  /** False: the vendor does not apply it with these values. Absent: with all. */
  readonly suits?: (filter: TicketFilter) => boolean
  /** The terms of the search, which all have to be true. '': no ticket can match. */
  readonly toTerms: (filter: TicketFilter, context: Context) => readonly (Term | '')[]
}

export type FilterTable<Context, Term = string> = Readonly<Partial<Record<FilterField, FilterRule<Context, Term>>>>

/** The field of each condition. */
export const fieldsOfConditions: Readonly<Record<keyof TicketFilter, FilterField>> = {
  status: 'STATUS',
  priority: 'PRIORITY',
  channel: 'CHANNEL',
  category: 'CATEGORY',
  assignee: 'ASSIGNEE',
  assignedTo: 'ASSIGNEE',
  unassigned: 'ASSIGNEE',
  ids: 'IDS',
  customer: 'CUSTOMER',
  customerEmail: 'CUSTOMER_EMAIL',
  vendor: 'VENDOR',
  orderId: 'ORDER',
  tags: 'TAGS',
  text: 'TEXT',
  createdAfter: 'CREATED',
  createdBefore: 'CREATED',
  updatedAfter: 'UPDATED',
  updatedBefore: 'UPDATED',
}

/** The fields of a filter that the vendor applies with these values, in the order of the table. `applied`: in this way only. */
function fieldsApplied(
  table: FilterTable<never, unknown>,
  filter: TicketFilter,
  applied?: FilterRule<never>['applied'],
): readonly FilterField[] {
  const asked = new Set(fieldsOf(filter))
  return (Object.keys(table) as FilterField[]).filter((field) => {
    const rule = table[field]
    return asked.has(field) && rule?.suits?.(filter) !== false && (!applied || rule?.applied === applied)
  })
}

/** True where the vendor applies every condition of a filter exactly: its totals are those of the filter. */
export function isExact(table: FilterTable<never, unknown>, filter: TicketFilter): boolean {
  return fieldsApplied(table, filter, 'EXACT').length === fieldsOf(filter).length
}

/** The terms of a search for a filter; null: no ticket can match. */
export function toTerms<Context, Term = string>(
  table: FilterTable<Context, Term>,
  filter: TicketFilter,
  context: Context,
): readonly Term[] | null {
  const terms = fieldsApplied(table, filter).flatMap((field) => table[field]?.toTerms(filter, context) ?? [])
  const possible = terms.filter((term): term is Exclude<typeof term, ''> => term !== '')
  return possible.length < terms.length ? null : possible
}

/** The methods of a source that follow. */
export function toFilterMethods(
  table: FilterTable<never, unknown>,
): Required<Pick<TicketSource, 'pushdownFilters' | 'narrowingFilters'>> {
  return {
    pushdownFilters: (filter) => fieldsApplied(table, filter, 'EXACT'),
    narrowingFilters: (filter) => fieldsApplied(table, filter, 'NARROWED'),
  }
}

function fieldsOf(filter: TicketFilter): readonly FilterField[] {
  const keys = (Object.keys(filter) as (keyof TicketFilter)[]).filter((key) => filter[key] != null)
  return [...new Set(keys.map((key) => fieldsOfConditions[key]))]
}
