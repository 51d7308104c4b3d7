import type { TicketOrder } from '../source.ts'

/** A place in a list that is sorted by value, then by tenant and external id. It is a place also where no ticket has the value. */
export interface ListPoint {
  /** A time; with the order PRIORITY '1' (LOW) to '4' (URGENT). null: unknown, which sorts last in both directions. */
  readonly value: string | null
  /** Which tickets with this value lie before the point. A ticket: those up to this one. */
  readonly passed: 'NONE' | 'ALL' | TicketKey
}

/** Tells a ticket from the others of its source. */
export interface TicketKey {
  readonly tenant: string
  readonly externalId: string
}

/** Converts points of an order into positions of a source's list, without a call. */
export type ToPosition = (point: ListPoint, order: TicketOrder) => string
