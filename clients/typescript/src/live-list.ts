/** What makes two lists of tickets the same list. */
export interface ListArguments {
  readonly filter?: object | null | undefined
  readonly orderBy?: object | null | undefined
}

/** What a live list reads of a change; `TicketChangedDocument` selects it. */
export interface TicketChangeParts {
  readonly gap?: boolean
  /** Not selected: the lists stay as they are. */
  readonly matches?: boolean
  readonly ticket: { readonly id: string }
}

/**
 * A text that is the same for two lists of tickets with the same filter and order: a condition that is null, undefined or an empty list is
 * no condition, and the order of names does not matter. `ids: []` matches nothing and stays.
 */
export function toListKey({ filter, orderBy }: ListArguments): string {
  const order = toOrder(orderBy)
  return JSON.stringify([toFilterKey(filter), `${order.field} ${order.direction}`])
}

export function toFilterKey(filter: object | null | undefined): string {
  const entries = Object.entries(filter ?? {}).filter(
    ([name, value]) => value !== null && value !== undefined && (name === 'ids' || !Array.isArray(value) || value.length > 0),
  )
  return JSON.stringify(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** The order of a list. Without `orderBy`, the last changed ticket comes first. */
export interface ListOrder {
  readonly field: string
  readonly direction: string
}
export function toOrder(orderBy: object | null | undefined): ListOrder {
  return { field: 'UPDATED_AT', direction: 'DESC', ...orderBy }
}

/** The field of a ticket that a list is sorted by. */
export function sortField({ field }: ListOrder): 'updatedAt' | 'createdAt' | 'priority' {
  if (field === 'CREATED_AT') return 'createdAt'
  return field === 'PRIORITY' ? 'priority' : 'updatedAt'
}

const priorities = ['LOW', 'MEDIUM', 'HIGH', 'URGENT']

/**
 * Where a ticket belongs in a list, as an index between its other tickets; null: on a page that was not read yet. Tickets without a value come
 * last. A ticket whose value was not selected has just changed: it is the latest by time, and last by any other order.
 */
export function findPlace(others: readonly unknown[], own: unknown, order: ListOrder, hasNextPage: boolean): number | null {
  const value = own === undefined && order.field === 'UPDATED_AT' ? '9999' : toSortValue(own, order)
  const index = others.findIndex((other) => comesBefore(value, toSortValue(other, order), order))
  if (index >= 0) return index
  return hasNextPage ? null : others.length
}

/** A text: comparing two texts compares the values. null sorts last in both directions. */
function toSortValue(value: unknown, { field }: ListOrder): string | null {
  if (typeof value !== 'string') return null
  if (field !== 'PRIORITY') return value
  const rank = priorities.indexOf(value)
  return rank < 0 ? null : String(rank)
}

/** Of two tickets that were changed at the same time, the one that a change has just told of is the later one. */
function comesBefore(one: string | null, other: string | null, { field, direction }: ListOrder): boolean {
  if (one === null) return false
  if (one === other) return field === 'UPDATED_AT' && direction === 'DESC'
  if (other === null) return true
  return one < other === (direction === 'ASC')
}
