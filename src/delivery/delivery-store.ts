import type { DeliveryFilter, DeliveryState } from '../domain/delivery.ts'
import type { Instant } from '../domain/instant.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Transaction } from '../domain/transaction.ts'
import type { PartnerRef } from './partner-directory.ts'

/** A delivery as the database stores it. */
export interface DeliveryRecord extends PartnerRef {
  /** Also the `webhook-id` header: the same at every attempt and every replay. */
  readonly id: string
  /** The ticket's global id. */
  readonly ticketId: string
  readonly event: string
  /** The exact bytes (UTF-8) that are signed and sent. */
  readonly body: string
  readonly state: DeliveryState
  /** How many attempts this run of the schedule has made. */
  readonly attempts: number
  /** Grows by one with each replay. `run` and `attempts` together name one attempt, so that a repeated job is recognised. */
  readonly run: number
  readonly lastStatus: number | null
  readonly lastError: string | null
  /** null: no further attempt is planned. */
  readonly nextAttemptAt: Instant | null
  readonly deliveredAt: Instant | null
  readonly createdAt: Instant
}

export type NewDelivery = Pick<
  DeliveryRecord,
  'id' | 'sourceKey' | 'market' | 'ticketId' | 'partner' | 'event' | 'body' | 'createdAt'
>

/** The fields that an attempt or a replay changes. */
export type DeliveryProgress = Pick<
  DeliveryRecord,
  'state' | 'attempts' | 'run' | 'lastStatus' | 'lastError' | 'nextAttemptAt' | 'deliveredAt'
>

/** One address of one partner. `url` is part of the key: a new address is a new endpoint, and is enabled. */
export interface EndpointRef extends PartnerRef {
  readonly url: string
}

/** Which deliveries of one partner to start again, the oldest first. */
export interface RestartSelection {
  readonly partner: PartnerRef
  /** Deliveries that are under way or made are never started again in bulk. */
  readonly states: readonly StoppedState[]
  readonly limit: number
}

/** The states of a delivery that `restart` may start again. */
export type StoppedState = Extract<DeliveryState, 'FAILED' | 'HELD' | 'DEAD'>

/** How many deliveries of a partner wait for an operator. */
export interface StoppedCount extends PartnerRef {
  readonly state: 'HELD' | 'DEAD'
  readonly count: number
}

/** The deliveries in the database. Methods with a transaction commit with it. */
export interface DeliveryStore {
  /** Stores new deliveries, due at once. Returns those that did not exist before: one per ticket, partner and event. */
  add(tx: Transaction, deliveries: readonly NewDelivery[]): Promise<readonly DeliveryRecord[]>
  /** The delivery, locked until the transaction ends; null: there is none. */
  lock(tx: Transaction, id: string): Promise<DeliveryRecord | null>
  update(tx: Transaction, id: string, progress: DeliveryProgress): Promise<void>
  disableEndpoint(tx: Transaction, endpoint: EndpointRef, at: Instant): Promise<void>
  enableEndpoint(tx: Transaction, endpoint: EndpointRef): Promise<void>
  /** Those of the endpoints that answered 410 and were not enabled since. */
  findDisabled<T extends EndpointRef>(endpoints: readonly T[]): Promise<readonly T[]>
  /** Makes stopped deliveries PENDING and due at once, in a new run of the schedule. Returns them. Rows that another transaction locks are left out. */
  restart(tx: Transaction, selection: RestartSelection, at: Instant): Promise<readonly DeliveryRecord[]>
  /** By partner and state, without zeros. */
  countStopped(): Promise<readonly StoppedCount[]>
  /** Newest first. */
  list(page: PageRequest & DeliveryFilter): Promise<Page<DeliveryRecord>>
  /** In the order of the ids; null where there is none. */
  find(ids: readonly string[]): Promise<readonly (DeliveryRecord | null)[]>
  /** For each ticket (global ids), its deliveries, oldest first. */
  ofTickets(ticketIds: readonly string[]): Promise<readonly (readonly DeliveryRecord[])[]>
  /** The number of deliveries that are PENDING or FAILED, and the earliest time at which one of them is due. */
  backlog(): Promise<{ readonly depth: number; readonly earliest: Instant | null }>
  /** Deliveries due before this time and not made yet, the most overdue first. */
  overdue(before: Instant, limit: number): Promise<readonly DeliveryRecord[]>
  /** Removes DELIVERED and DEAD deliveries created before this time. Returns their number. */
  removeDone(before: Instant): Promise<number>
  /** Removes every delivery of these tickets (global ids), in any state. Returns their number. */
  erase(tx: Transaction, ticketIds: readonly string[]): Promise<number>
}
