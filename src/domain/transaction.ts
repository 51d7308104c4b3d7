import type { NewChange } from './events.ts'
import type { EntityRef } from './ids.ts'
import type { Ticket } from './ticket.ts'

/** A ticket in the store, with what the reduction of its next event needs. */
export interface StoredTicket {
  readonly ticket: Ticket
  /** The state that the webhook handler's latest reduction returned. It survives JSON. null: there is none. */
  readonly state: unknown
  /** For a ticket that this gateway created: the fingerprint that an `EchoMark` has. null: the ticket came by an event. */
  readonly submission: string | null
}

/** The state in which a ticket of a pulled source was last seen. */
export interface ObservedTicket {
  readonly ticket: Ticket
  /** False: it was seen, and the change log does not have it. */
  readonly recorded: boolean
}

/**
 * One database transaction. Inside it use only this object and never the store: the embedded database has one connection, which
 * this transaction occupies, so a call to the store would wait forever.
 */
export interface Transaction {
  /** Runs SQL in this transaction. The job engine on the same database joins by it. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  /** Locks these tickets against all other writers until the end. Call it first, and once: a second call may deadlock. */
  lockTickets(refs: readonly EntityRef[]): Promise<void>
  /** In the order of the references; null where there is none. */
  findTickets(refs: readonly EntityRef[]): Promise<readonly (StoredTicket | null)[]>
  saveTickets(tickets: readonly StoredTicket[]): Promise<void>
  /** The states in which tickets of pulled sources were last seen, in the order of the references; null where none was seen. */
  findObserved(refs: readonly EntityRef[]): Promise<readonly (ObservedTicket | null)[]>
  /** Keeps how tickets of pulled sources are, without an entry of the change log. An older state than the known one is ignored. */
  saveObserved(tickets: readonly Ticket[]): Promise<void>
  /** Appends to the change log, and keeps the states of pulled tickets as seen; subscribers receive the changes after the commit. Call it last: it serialises all writers until then. */
  record(changes: readonly NewChange[]): Promise<void>
}

export interface UnitOfWork {
  /**
   * Commits when `work` resolves, and rolls back when it rejects. After a deadlock `work` runs again, so it must have no other
   * effects.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
}

/** Named leases. Of several replicas, the holder of a lease does a task. */
export interface Leases {
  /** Acquires or renews a lease. False while another holder has it. */
  acquire(name: string, holder: string, ttlMs: number): Promise<boolean>
  release(name: string, holder: string): Promise<void>
}

/** Where long-running work stores how far it has come, under a name of its own. */
export interface CheckpointStore {
  /** Null when nothing was saved under this name. */
  findCheckpoint(name: string): Promise<unknown>
  /** Replaces what was saved before. `body` is JSON-safe. */
  saveCheckpoint(name: string, body: unknown): Promise<void>
}
