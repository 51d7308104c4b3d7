import { type Instant, toEpochMs } from '../../domain/instant.ts'
import type { TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import { type FilterTable, toTerms } from '../filter-table.ts'
import type { TicketFilter, TicketOrder } from '../source.ts'
import { type IntercomTables, isIntercomId } from './decode.ts'
import { type Dialect, findOption, isResolved, searchedCategories, states, statusOfState } from './mapping.ts'

// The search language of `POST /tickets/search`. Pure. A condition names a field, an operator and a value; groups are nested twice at most, and have 15
// conditions at most.

export type Condition =
  | {
      readonly field: string
      readonly operator: '=' | 'IN' | '>' | '<'
      readonly value: string | number | boolean | readonly string[]
    }
  | { readonly operator: 'AND' | 'OR'; readonly value: readonly Condition[] }

const maxConditions = 15

/** What a condition depends on beside the filter. */
export interface SearchContext {
  readonly tables: IntercomTables
  /** The source's own. */
  readonly sourceKey: string
}

/**
 * How a search applies each condition. Whether a ticket is snoozed cannot be asked for (INTERCOM-08), and a bound of a time may be part of it
 * (INTERCOM-03). A search finds followers too where it is asked for the customer.
 */
export function createFilters(dialect: Dialect): FilterTable<SearchContext, Condition> {
  return {
    CATEGORY: {
      applied: 'EXACT',
      suits: ({ category }) => category?.every((code) => Object.hasOwn(searchedCategories, code)) === true,
      toTerms: ({ category }) => [
        anyOf(
          'category',
          (category ?? []).map((code) => searchedCategories[code]!),
        ),
      ],
    },
    ASSIGNEE: { applied: 'EXACT', toTerms: toAssigneeTerms },
    STATUS: {
      applied: 'NARROWED',
      suits: ({ status }) => status?.includes('UNKNOWN') === false,
      toTerms: ({ status }, { tables }) => toStatusTerms(status ?? [], tables, dialect),
    },
    PRIORITY: {
      applied: 'NARROWED',
      suits: ({ priority }) => dialect.priorityField !== undefined && priority?.includes('UNKNOWN') === false,
      toTerms: ({ priority }, { tables }) => toPriorityTerms(priority ?? [], tables, dialect),
    },
    CUSTOMER: { applied: 'NARROWED', toTerms: ({ customer }) => [anyOf('contact_ids', [customer?.externalId ?? ''])] },
    CREATED: {
      applied: 'NARROWED',
      toTerms: ({ createdAfter, createdBefore }) => toTimeTerms('created_at', createdAfter, createdBefore),
    },
    UPDATED: {
      applied: 'NARROWED',
      toTerms: ({ updatedAfter, updatedBefore }) => toTimeTerms('updated_at', updatedAfter, updatedBefore),
    },
  }
}

/** Newest or oldest change, or creation. A ticket has no rank of its priority to sort by. */
export function sorts({ field }: TicketOrder): boolean {
  return field !== 'PRIORITY'
}

export function toSort({ field, direction }: TicketOrder) {
  return {
    field: field === 'CREATED_AT' ? 'created_at' : 'updated_at',
    order: direction === 'ASC' ? 'ascending' : 'descending',
  }
}

/** Every ticket has a time of its creation: a search needs a condition. */
const every: Condition = { field: 'created_at', operator: '>', value: 0 }

/** The query for a filter; null: no ticket can match. */
export function toQuery(filter: TicketFilter, context: SearchContext, dialect: Dialect): Condition | null {
  const terms = toTerms(createFilters(dialect), filter, context)
  if (terms === null) return null
  // A group has either conditions or groups.
  const groups = terms.filter((term) => !('field' in term))
  const single = terms.filter((term) => 'field' in term)
  if (groups.length === 0) return { operator: 'AND', value: single.length > 0 ? single : [every] }
  return { operator: 'AND', value: [...(single.length > 0 ? [{ operator: 'AND' as const, value: single }] : []), ...groups] }
}

function toAssigneeTerms(
  { assignee, assignedTo, unassigned }: TicketFilter,
  { tables, sourceKey }: SearchContext,
): readonly (Condition | '')[] {
  const named = [assignee, assignedTo && (assignedTo[sourceKey] ?? '')].filter((text) => text != null)
  const terms = named.map((text) => anyOf('admin_assignee_id', toAdminIds(text, tables)))
  return unassigned ? [...terms, anyOf('admin_assignee_id', ['0'])] : terms
}

/** '': nothing. */
function anyOf(field: string, values: readonly string[]): Condition | '' {
  const [only, ...others] = values
  if (only === undefined) return ''
  return others.length === 0 ? { field, operator: '=', value: only } : { field, operator: 'IN', value: values }
}

/** An assignee's id, name or e-mail address, in any casing. A teammate who has left is known by the id alone. */
function toAdminIds(text: string, { admins }: Pick<IntercomTables, 'admins'>): readonly string[] {
  const wanted = text.trim().toLowerCase()
  const found = admins.filter(({ id, name, email }) => [id, name, email].some((one) => one?.toLowerCase() === wanted))
  return [...new Set([...found.map(({ id }) => id), ...(isIntercomId(wanted) ? [wanted] : [])])]
}

/** Wider than asked where a closed or a snoozed ticket is wanted too: it may be in any state that is not resolved. */
function toStatusTerms(
  wanted: readonly TicketStatus[],
  { types }: Pick<IntercomTables, 'types'>,
  dialect: Dialect,
): readonly (Condition | '')[] {
  const named = types.flatMap((type) => type.states).filter((state) => wanted.includes(statusOfState(state, dialect)))
  const categories = new Set([
    ...named.flatMap(({ category }) => category ?? []),
    ...states.words.filter((word) => wanted.includes(states.toValue(word))),
  ])
  const isOpen = [
    ...(wanted.includes('CLOSED') ? [false] : []),
    ...(wanted.includes('ON_HOLD') ? [true] : []),
    ...[...categories].flatMap((category) => (isResolved({ category }) ? [true, false] : [true])),
  ]
  const isAnyState = wanted.includes('CLOSED') || wanted.includes('ON_HOLD')
  const [only, ...others] = [...new Set(isOpen)]
  return [
    ...(only !== undefined && others.length === 0 ? [{ field: 'open', operator: '=' as const, value: only }] : []),
    ...(isAnyState ? [] : [anyOf('state', [...categories])]),
  ]
}

/** By the words and by the ids of choices, of the attribute of each ticket type: the document does not say which of them a search compares. */
function toPriorityTerms(
  wanted: readonly TicketPriority[],
  { types }: Pick<IntercomTables, 'types'>,
  { priorityField, priorities }: Dialect,
): readonly (Condition | '')[] {
  const words = Object.entries(priorities).flatMap(([word, priority]) => (wanted.includes(priority) ? [word] : []))
  const attributes = types.flatMap((type) => type.attributes).filter(({ name }) => name === priorityField)
  const conditions = attributes.flatMap((attribute) => {
    const ids = words.flatMap((word) => findOption(attribute, word)?.id ?? [])
    const term = anyOf(`ticket_attribute.${attribute.id}`, [...new Set([...words, ...ids])])
    return term === '' ? [] : term
  })
  if (conditions.length > maxConditions) return []
  const [first = '', ...others] = conditions
  return others.length === 0 ? [first] : [{ operator: 'OR', value: conditions }]
}

/** In whole seconds, which `>` and `<` may include. */
function toTimeTerms(field: string, after: Instant | null | undefined, before: Instant | null | undefined): readonly Condition[] {
  return [
    ...(after ? [{ field, operator: '>' as const, value: Math.floor(toEpochMs(after) / 1000) }] : []),
    ...(before ? [{ field, operator: '<' as const, value: Math.ceil(toEpochMs(before) / 1000) }] : []),
  ]
}
