import type { NewChange } from './events.ts'
import type { EntityRef } from './ids.ts'
import type { Ticket } from './ticket.ts'

/** A ticket as the store keeps it, with what its webhook handler needs to reduce the next event. */
export interface StoredTicket {
  readonly ticket: Ticket
  /** The webhook handler's own state (JSON-safe), given back unchanged with the next event. null: none. */
  readonly state: unknown
  /** Set when this gateway raised the ticket itself: what recognises its echo (the fingerprint of an `EchoMark`). null: it came from outside. */
  readonly submission: string | null
}

/**
 * One database transaction: all of it or nothing. Inside it use only this object, never the store
 * itself: the embedded database has one connection, which this transaction holds.
 */
export interface Transaction {
  /** Runs SQL in this transaction: how a job engine on the same database joins it. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  /** Holds these tickets against every other writer on every replica until the end. Take all at once, and first. */
  lockTickets(refs: readonly EntityRef[]): Promise<void>
  /** In the same order; null where there is none. */
  findTickets(refs: readonly EntityRef[]): Promise<readonly (StoredTicket | null)[]>
  saveTickets(tickets: readonly StoredTicket[]): Promise<void>
  /** Journals changes; subscribers hear of them after the commit. Call it last: it orders all writers until the commit. */
  record(changes: readonly NewChange[]): Promise<void>
}

export interface UnitOfWork {
  /** Commits when `work` returns and rolls back when it throws. `work` may be run again after a deadlock: keep other effects out of it. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
}

/** Leases by name, so that one of several replicas does a thing. */
export interface Leases {
  /** Takes or renews the lease for `holder`. False while another holder's has not run out. */
  acquire(name: string, holder: string, ttlMs: number): Promise<boolean>
  release(name: string, holder: string): Promise<void>
}
