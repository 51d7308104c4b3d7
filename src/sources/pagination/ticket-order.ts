import type { Ticket, TicketPriority } from '../../domain/ticket.ts'
import type { TicketOrder } from '../source.ts'

/**
 * The order that an offset-paginated list is assumed to have. No vendor documents one, so every page is checked:
 * a page that contradicts it makes the report BEST_EFFORT (DECISION-10).
 */
export const assumedOrder: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

/** A sortable text: comparing the text compares the value. null (unknown) sorts last in both directions. */
export type OrderValue = string | null

/** A total order within one source: by value in the asked direction, then by tenant and external id ascending. */
export type OrderKey = readonly [value: OrderValue, tenant: string, externalId: string]

const priorityValues: Readonly<Record<TicketPriority, OrderValue>> = {
  URGENT: '4',
  HIGH: '3',
  MEDIUM: '2',
  LOW: '1',
  UNKNOWN: null,
}

/** The value that this order sorts the ticket by. */
export function orderValue(ticket: Ticket, order: TicketOrder): OrderValue {
  if (order.field === 'UPDATED_AT') return ticket.updatedAt
  if (order.field === 'CREATED_AT') return ticket.createdAt
  return ticket.priority === null ? null : priorityValues[ticket.priority]
}

/** The key that sorts a ticket among all tickets of its source. */
export function orderKey(ticket: Ticket, order: TicketOrder): OrderKey {
  return [orderValue(ticket, order), ticket.tenant, ticket.externalId]
}

/** Negative when `a` sorts before `b`, 0 when the values are equal. */
export function compareValues(a: OrderValue, b: OrderValue, direction: TicketOrder['direction']): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b === (direction === 'ASC') ? -1 : 1
}

/** Compares by UTF-16 code units, so that every process sorts alike. Negative when `a` sorts before `b`. */
export function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Negative when `a` sorts before `b`. */
export function compareKeys(a: OrderKey, b: OrderKey, direction: TicketOrder['direction']): number {
  return compareValues(a[0], b[0], direction) || compareTexts(a[1], b[1]) || compareTexts(a[2], b[2])
}

/** True when no ticket sorts before its predecessor by value. Equal neighbours are in order. */
export function isInOrder(tickets: readonly Ticket[], order: TicketOrder): boolean {
  for (let i = 1; i < tickets.length; i++) {
    const before = orderValue(tickets[i - 1]!, order)
    if (compareValues(before, orderValue(tickets[i]!, order), order.direction) > 0) return false
  }
  return true
}
