import type { Instant } from './instant.ts'
import type { Page, PageRequest } from './page.ts'

export type DeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED' | 'DEAD'

/** One submission of a routed ticket to one partner. */
export interface Delivery {
  readonly id: string
  readonly event: string
  readonly partner: string
  readonly state: DeliveryState
  readonly attempts: number
  /** The HTTP status of the last answer; null when none came. */
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly nextAttemptAt: Instant | null
  readonly deliveredAt: Instant | null
  readonly createdAt: Instant
}

/** Which deliveries are meant. */
export interface DeliveryFilter {
  /** Any of these; null: all. */
  readonly states: readonly DeliveryState[] | null
  /** Of tickets of these sources; null: of all, also of those that are no longer configured. */
  readonly sourceKeys: readonly string[] | null
}

export interface Deliveries {
  /** Newest first. */
  list(page: PageRequest & DeliveryFilter): Promise<Page<Delivery>>
  /** By global ids, in order; null where there is none. */
  find(ids: readonly string[]): Promise<readonly (Delivery | null)[]>
  /** The deliveries of each ticket (global ids), oldest first. */
  ofTickets(ticketIds: readonly string[]): Promise<readonly (readonly Delivery[])[]>
  /** Starts the schedule anew under the same webhook-id. null: no such delivery. */
  replay(id: string): Promise<Delivery | null>
}
