import type { Ticket, TicketPriority } from '../../domain/ticket.ts'
import type { TicketOrder } from '../../sources/source.ts'

/** What lists are sorted by: text whose order is the order meant. null (not known) comes last in both directions. */
export type OrderValue = string | null

/** Where a ticket stands within its source: by value in the order's direction, then by tenant and external id. */
export type OrderKey = readonly [value: OrderValue, tenant: string, externalId: string]

const priorityValues: Readonly<Record<TicketPriority, OrderValue>> = {
  URGENT: '4',
  HIGH: '3',
  MEDIUM: '2',
  LOW: '1',
  UNKNOWN: null,
}

export function orderValue(ticket: Ticket, order: TicketOrder): OrderValue {
  if (order.field === 'UPDATED_AT') return ticket.updatedAt
  if (order.field === 'CREATED_AT') return ticket.createdAt
  return ticket.priority === null ? null : priorityValues[ticket.priority]
}

export function orderKey(ticket: Ticket, order: TicketOrder): OrderKey {
  return [orderValue(ticket, order), ticket.tenant, ticket.externalId]
}

/** Negative when `a` comes first. */
export function compareValues(a: OrderValue, b: OrderValue, direction: TicketOrder['direction']): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b === (direction === 'ASC') ? -1 : 1
}

/** By code units, so that every process agrees. Negative when `a` comes first. */
export function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Negative when `a` comes first. */
export function compareKeys(a: OrderKey, b: OrderKey, direction: TicketOrder['direction']): number {
  return compareValues(a[0], b[0], direction) || compareTexts(a[1], b[1]) || compareTexts(a[2], b[2])
}

/** Do these stand in the asked order? Equal neighbours do. */
export function isInOrder(tickets: readonly Ticket[], order: TicketOrder): boolean {
  for (let i = 1; i < tickets.length; i++) {
    const before = orderValue(tickets[i - 1]!, order)
    if (compareValues(before, orderValue(tickets[i]!, order), order.direction) > 0) return false
  }
  return true
}
