import type { DeliveryFilter, DeliveryState } from '../domain/delivery.ts'
import type { Instant } from '../domain/instant.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Transaction } from '../domain/transaction.ts'

/** A delivery as it is kept. */
export interface DeliveryRecord {
  /** Also the `webhook-id`: the same at every attempt and every replay. */
  readonly id: string
  readonly sourceKey: string
  /** The market's key: a partner's key is unique only within it. */
  readonly market: string
  /** The ticket's global id. */
  readonly ticketId: string
  readonly partner: string
  readonly event: string
  /** Exactly what is sent and signed. */
  readonly body: string
  readonly state: DeliveryState
  /** How many attempts were made in this run of the schedule. */
  readonly attempts: number
  /** Grows with each replay. With `attempts` it names one attempt, so that a job that comes twice is seen. */
  readonly run: number
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly nextAttemptAt: Instant | null
  readonly deliveredAt: Instant | null
  readonly createdAt: Instant
}

export type NewDelivery = Pick<
  DeliveryRecord,
  'id' | 'sourceKey' | 'market' | 'ticketId' | 'partner' | 'event' | 'body' | 'createdAt'
>

/** What an attempt or a replay changes. */
export type DeliveryProgress = Pick<
  DeliveryRecord,
  'state' | 'attempts' | 'run' | 'lastStatus' | 'lastError' | 'nextAttemptAt' | 'deliveredAt'
>

/** Where a partner's deliveries go. `url` is part of the name: another address is another endpoint. */
export interface EndpointRef {
  readonly sourceKey: string
  readonly market: string
  readonly partner: string
  readonly url: string
}

/** The deliveries in the store. What takes a transaction commits with it. */
export interface DeliveryStore {
  /** Keeps new deliveries, due at once, and gives those that were not there: one per ticket, partner and event. */
  add(tx: Transaction, deliveries: readonly NewDelivery[]): Promise<readonly DeliveryRecord[]>
  /** The delivery, locked until the transaction ends. */
  lock(tx: Transaction, id: string): Promise<DeliveryRecord | null>
  update(tx: Transaction, id: string, progress: DeliveryProgress): Promise<void>
  disableEndpoint(tx: Transaction, endpoint: EndpointRef, at: Instant): Promise<void>
  enableEndpoint(tx: Transaction, endpoint: EndpointRef): Promise<void>
  isDisabled(endpoint: EndpointRef): Promise<boolean>
  /** Newest first. */
  list(page: PageRequest & DeliveryFilter): Promise<Page<DeliveryRecord>>
  /** In the order of the ids; null where there is none. */
  find(ids: readonly string[]): Promise<readonly (DeliveryRecord | null)[]>
  /** Of each ticket (global ids), oldest first. */
  ofTickets(ticketIds: readonly string[]): Promise<readonly (readonly DeliveryRecord[])[]>
  /** What is neither delivered nor dead: how many, and the earliest time at which one of them was due. */
  backlog(): Promise<{ readonly depth: number; readonly earliest: Instant | null }>
  /** Deliveries that were due before this time and still are not made, the most overdue first. */
  overdue(before: Instant, limit: number): Promise<readonly DeliveryRecord[]>
  /** Removes deliveries that were made or given up and are older than this; how many. */
  removeDone(before: Instant): Promise<number>
  /** Removes every delivery of these tickets (global ids), made or not; how many. */
  erase(tx: Transaction, ticketIds: readonly string[]): Promise<number>
}
