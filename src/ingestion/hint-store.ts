import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { TicketKey } from './event-store.ts'

/** One webhook of a pulled source, as it is stored. */
export interface NewHint {
  readonly sourceKey: string
  /** The same at each retry of the sender; null: it sends none. */
  readonly deliveryId: string | null
  readonly tickets: readonly TicketKey[]
  readonly removed: boolean
  readonly requestId: string
  readonly receivedAt: Instant
}

/** A ticket that has to be read. All hints for it since the last read are one. */
export interface PendingHint extends TicketKey {
  /** True when one of the hints said that the ticket is gone. */
  readonly removed: boolean
  /** Grows with every further hint. */
  readonly version: number
  /** How often the read was begun, this time included. */
  readonly attempts: number
  /** When the first of the hints arrived. */
  readonly receivedAt: Instant
  /** Of the request that brought the latest hint. */
  readonly requestId: string
}

/** The hints that wait for a read. */
export interface HintStore {
  /**
   * Commits hints, due at `dueAt`. Returns for each whether it is new: false for a delivery that was stored before. Rejects with
   * STORAGE_UNAVAILABLE when nothing was stored.
   */
  insert(hints: readonly NewHint[], dueAt: Instant): Promise<readonly boolean[]>
  /** Takes hints of a source that are due, oldest first. Until `leaseUntil` no other process gets them. */
  claim(
    sourceKey: string,
    options: { readonly now: Instant; readonly leaseUntil: Instant; readonly limit: number },
  ): Promise<readonly PendingHint[]>
  /** Removes hints. One that a further hint has joined since it was claimed stays. */
  finish(hints: readonly PendingHint[]): Promise<void>
  /** Makes claimed hints due again later. One that a further hint has joined keeps its time. */
  postpone(hints: readonly PendingHint[], dueAt: Instant): Promise<void>
  /** When the next hint of each of these sources is due. A source without hints is left out. */
  nextDue(sourceKeys: readonly string[]): Promise<ReadonlyMap<string, Instant>>
}

/** The tickets of pulled sources that were seen and are not known to be gone. */
export interface ObservedTickets {
  /** In the order of their keys, behind `after` (null: from the first). */
  list(
    sourceKey: string,
    range: { readonly after: readonly [tenant: string, externalId: string] | null; readonly limit: number },
  ): Promise<readonly EntityRef[]>
  count(sourceKey: string): Promise<number>
}
