import type { Instant } from './instant.ts'
import type { Page, PageRequest } from './page.ts'
import type { BulkResult } from './writes.ts'

/**
 * `FAILED`: an attempt failed and another follows. `HELD`: the partner's endpoint is switched off; it is sent when that is switched on
 * again. `DEAD`: no attempt follows until a replay.
 */
export type DeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED' | 'HELD' | 'DEAD'

/** One submission of a routed ticket to one partner. */
export interface Delivery {
  /** The global id. */
  readonly id: string
  /** The partner's name for the event. */
  readonly event: string
  readonly partner: string
  readonly state: DeliveryState
  /** The number of attempts since the creation or the latest replay. */
  readonly attempts: number
  /** The HTTP status of the latest answer; null: no answer came. */
  readonly lastStatus: number | null
  readonly lastError: string | null
  /** null: no attempt is planned. */
  readonly nextAttemptAt: Instant | null
  readonly deliveredAt: Instant | null
  readonly createdAt: Instant
}

export interface DeliveryFilter {
  /** Deliveries in any of these states; null: in all. */
  readonly states: readonly DeliveryState[] | null
  /** Deliveries to the partner of this key; absent or null: to all. */
  readonly partner?: string | null
  /** Deliveries of these sources; null: of all, also of sources that are no longer configured. */
  readonly sourceKeys: readonly string[] | null
}

/** Which deliveries to replay. */
export interface ReplaySelection {
  readonly partner: string
  readonly states: readonly DeliveryState[]
  /** Only those of these sources. */
  readonly sourceKeys: readonly string[]
  readonly limit: number
}

/** The deliveries, for the graph. */
export interface Deliveries {
  /** Newest first. */
  list(page: PageRequest & DeliveryFilter): Promise<Page<Delivery>>
  /** By global ids, in their order; null where there is none. */
  find(ids: readonly string[]): Promise<readonly (Delivery | null)[]>
  /** The deliveries of each ticket (global ids), oldest first. */
  ofTickets(ticketIds: readonly string[]): Promise<readonly (readonly Delivery[])[]>
  /**
   * Starts the retry schedule again, with the same `webhook-id`, and switches the endpoint on if a 410 switched it off. null: there is
   * no such delivery.
   */
  replay(id: string): Promise<Delivery | null>
  /** As `replay`, for the oldest deliveries of a partner. `done`: how many. */
  replayMany(selection: ReplaySelection): Promise<BulkResult>
  /** Switches a partner's endpoints on again, in every market of the source. `done`: how many held deliveries are sent now. */
  enablePartner(sourceKey: string, partner: string): Promise<BulkResult>
}
