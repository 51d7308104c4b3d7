import { type Instant, toEpochMs } from '../../domain/instant.ts'
import type { TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import type { FilterField, TicketFilter, TicketOrder } from '../source.ts'
import { type IntercomTables, isIntercomId } from './decode.ts'
import { type Dialect, findOption, searchedCategories, states, statusOfState } from './mapping.ts'

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

/** The conditions that a search applies exactly. */
export function toPushdownFilters({ assignee, assignedTo, unassigned, category }: TicketFilter): readonly FilterField[] {
  const isKnown = category?.every((code) => Object.hasOwn(searchedCategories, code))
  return [
    ...(assignee || assignedTo || unassigned ? ['ASSIGNEE' as const] : []),
    ...(category && isKnown ? ['CATEGORY' as const] : []),
  ]
}

/**
 * The conditions of which a search leaves out tickets that certainly do not match. Whether a ticket is snoozed cannot be asked for, and a bound of a
 * time may be part of it (INTERCOM-03). A search finds followers too where it is asked for the customer.
 */
export function toNarrowingFilters(
  filter: TicketFilter,
  { priorityField }: Pick<Dialect, 'priorityField'>,
): readonly FilterField[] {
  const { createdAfter, createdBefore, updatedAfter, updatedBefore, customer, status, priority } = filter
  return [
    ...(status && !status.includes('UNKNOWN') ? ['STATUS' as const] : []),
    ...(priority && priorityField !== undefined && !priority.includes('UNKNOWN') ? ['PRIORITY' as const] : []),
    ...(customer ? ['CUSTOMER' as const] : []),
    ...(createdAfter || createdBefore ? ['CREATED' as const] : []),
    ...(updatedAfter || updatedBefore ? ['UPDATED' as const] : []),
  ]
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

/** The query for a filter; null: no ticket can match. `sourceKey`: the source's own. */
export function toQuery(filter: TicketFilter, tables: IntercomTables, dialect: Dialect, sourceKey: string): Condition | null {
  const exact = new Set(toPushdownFilters(filter))
  const narrowing = new Set(toNarrowingFilters(filter, dialect))
  const { category, status, priority, customer, assignee, assignedTo, unassigned } = filter
  const conditions: readonly (Condition | null)[] = [
    ...(category && exact.has('CATEGORY')
      ? [
          anyOf(
            'category',
            category.flatMap((code) => searchedCategories[code] ?? []),
          ),
        ]
      : []),
    ...(unassigned ? [anyOf('admin_assignee_id', ['0'])] : []),
    ...(assignee ? [anyOf('admin_assignee_id', toAdminIds(assignee, tables))] : []),
    ...(assignedTo ? [anyOf('admin_assignee_id', toAdminIds(assignedTo[sourceKey] ?? '', tables))] : []),
    ...(status && narrowing.has('STATUS') ? toStatusConditions(status, tables, dialect) : []),
    ...(priority && narrowing.has('PRIORITY') ? toPriorityConditions(priority, tables, dialect) : []),
    ...(customer ? [anyOf('contact_ids', [customer.externalId])] : []),
    ...toTimeConditions('created_at', filter.createdAfter, filter.createdBefore),
    ...toTimeConditions('updated_at', filter.updatedAfter, filter.updatedBefore),
  ]
  const set = conditions.filter((condition) => condition !== null)
  if (set.length < conditions.length) return null
  return { operator: 'AND', value: set.length > 0 ? set : [every] }
}

/** null: nothing. */
function anyOf(field: string, values: readonly string[]): Condition | null {
  const [only, ...others] = values
  if (only === undefined) return null
  return others.length === 0 ? { field, operator: '=', value: only } : { field, operator: 'IN', value: values }
}

/** An assignee's id, name or e-mail address, in any casing. A teammate who has left is known by the id alone. */
function toAdminIds(text: string, { admins }: Pick<IntercomTables, 'admins'>): readonly string[] {
  const wanted = text.trim().toLowerCase()
  const found = admins.filter(({ id, name, email }) => [id, name, email].some((one) => one?.toLowerCase() === wanted))
  return [...new Set([...found.map(({ id }) => id), ...(isIntercomId(wanted) ? [wanted] : [])])]
}

function toStatusConditions(
  wanted: readonly TicketStatus[],
  { types }: Pick<IntercomTables, 'types'>,
  dialect: Dialect,
): readonly (Condition | null)[] {
  const [closed, snoozed] = [wanted.includes('CLOSED'), wanted.includes('ON_HOLD')]
  const ofStates = types
    .flatMap((type) => type.states)
    .filter((state) => wanted.includes(statusOfState(state, dialect)))
    .flatMap(({ category }) => category ?? [])
  const ofCategories = states.words.filter((word) => wanted.includes(states.toValue(word)))
  const ofAny = anyOf('state', [...new Set([...ofStates, ...ofCategories])])
  const isOpen = (value: boolean): Condition => ({ field: 'open', operator: '=', value })
  // A snoozed ticket may be in any state.
  if (snoozed) return closed ? [] : [isOpen(true)]
  if (!closed) return [isOpen(true), ofAny]
  return [ofAny === null ? isOpen(false) : { operator: 'OR', value: [isOpen(false), ofAny] }]
}

/** By the words and by the ids of choices, of the attribute of each ticket type: the document does not say which of them a search compares. */
function toPriorityConditions(
  wanted: readonly TicketPriority[],
  { types }: Pick<IntercomTables, 'types'>,
  { priorityField, priorities }: Dialect,
): readonly (Condition | null)[] {
  const words = Object.entries(priorities).flatMap(([word, priority]) => (wanted.includes(priority) ? [word] : []))
  const attributes = types.flatMap((type) => type.attributes).filter(({ name }) => name === priorityField)
  const conditions = attributes.flatMap((attribute) => {
    const ids = words.flatMap((word) => findOption(attribute, word)?.id ?? [])
    return anyOf(`ticket_attribute.${attribute.id}`, [...new Set([...words, ...ids])]) ?? []
  })
  if (conditions.length > maxConditions) return []
  const [first = null, ...others] = conditions
  return others.length === 0 ? [first] : [{ operator: 'OR', value: conditions }]
}

/** In whole seconds, which `>` and `<` may include. */
function toTimeConditions(
  field: string,
  after: Instant | null | undefined,
  before: Instant | null | undefined,
): readonly Condition[] {
  return [
    ...(after ? [{ field, operator: '>' as const, value: Math.floor(toEpochMs(after) / 1000) }] : []),
    ...(before ? [{ field, operator: '<' as const, value: Math.ceil(toEpochMs(before) / 1000) }] : []),
  ]
}
