import type { DeadLetterState, NewChange } from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { CheckpointStore, StoredTicket, Transaction } from '../domain/transaction.ts'
import type { EchoMark } from '../sources/webhook-handler.ts'

/** Identifies a ticket across sources. */
export type TicketKey = Pick<EntityRef, 'sourceKey' | 'tenant' | 'externalId'>

/** An event to be added to the inbox. */
export interface NewInboxEvent extends TicketKey {
  /** The sender's id of the event; null when it sends none. */
  readonly eventId: string | null
  /** SHA-256 of `raw`, in hex. */
  readonly digest: string
  /** The bytes as they arrived. */
  readonly raw: Buffer
  /** When the event first arrived. */
  readonly receivedAt: Instant
  /** True for a replayed dead letter: later events of its ticket may be applied already. */
  readonly late?: boolean
}

/** An event in the inbox that is not applied yet. */
export interface PendingEvent extends NewInboxEvent {
  /** Grows in the order of arrival. */
  readonly id: number
  /** When the same bytes last arrived for this ticket before; null: never. */
  readonly repeatedAt: Instant | null
  /** The digest of the first event with the same event id; null: this is the first one, or it has no event id. */
  readonly firstDigest: string | null
}

/** A pending event of a ticket that the transaction has locked. */
export interface ClaimedEvent extends PendingEvent {
  /** The ticket before all events that were claimed with this one; null: it does not exist yet. */
  readonly stored: StoredTicket | null
}

/** What became of an event. The names are stored in the inbox. QUARANTINED: it is a dead letter now. */
export type ProcessedState = 'APPLIED' | 'SUPERSEDED' | 'DUPLICATE' | 'ECHO' | 'QUARANTINED'

/** An authentic event that cannot be understood or applied. */
export interface NewDeadLetter {
  readonly sourceKey: string
  readonly eventId: string | null
  /** The bytes as they arrived. */
  readonly raw: Buffer
  /** What is wrong and where, without personal data. */
  readonly problem: string
  readonly receivedAt: Instant
}

export interface StoredDeadLetter extends NewDeadLetter {
  /** Grows in the order of insertion. */
  readonly id: number
  readonly state: DeadLetterState
}

/** What reduced events change in the store. */
export interface ReduceEffects {
  readonly tickets: readonly StoredTicket[]
  /** Inbox events, and what became of each. */
  readonly processed: readonly { readonly id: number; readonly state: ProcessedState }[]
  readonly changes: readonly NewChange[]
}

/** A transaction with what ingestion needs. */
export interface EventTransaction extends Transaction {
  /**
   * Locks the tickets that no other process has locked and returns their pending events in order of arrival, at most `limit`.
   * `busy`: the tickets that another process has locked.
   */
  claim(
    keys: readonly TicketKey[],
    limit: number,
  ): Promise<{ readonly events: readonly ClaimedEvent[]; readonly busy: readonly TicketKey[] }>
  /** Saves tickets, marks events as processed and appends changes, in one round trip. Call it last, as `record`. */
  saveEffects(effects: ReduceEffects): Promise<void>
  /** Returns the ids in the order of the events. */
  insertEvents(events: readonly NewInboxEvent[]): Promise<readonly number[]>
  insertDeadLetters(deadLetters: readonly NewDeadLetter[]): Promise<void>
  /** True when this gateway created such a ticket: with this id at any time, or with this fingerprint since `since`. */
  isEcho(sourceKey: string, mark: EchoMark, since: Instant): Promise<boolean>
  /** Locks one dead letter until the end of the transaction; null: it does not exist. */
  lockDeadLetter(id: number): Promise<StoredDeadLetter | null>
  /** Changes the state of a dead letter. `problem` replaces the stored one; `reason` says why it was discarded. */
  resolveDeadLetter(
    id: number,
    state: DeadLetterState,
    change: { readonly problem?: string; readonly reason?: string },
  ): Promise<void>
  saveCheckpoint(name: string, body: unknown): Promise<void>
}

/** The storage that ingestion needs. Every method throws STORAGE_UNAVAILABLE when the database cannot be reached. */
export interface EventStore extends CheckpointStore {
  transaction<T>(work: (tx: EventTransaction) => Promise<T>): Promise<T>
  /** Commits events and dead letters together. Returns the ids of the events, in order. */
  insert(events: readonly NewInboxEvent[], deadLetters: readonly NewDeadLetter[]): Promise<readonly number[]>
  /** Tickets of these sources with pending events that arrived up to `before`, oldest first. */
  findPendingTickets(sourceKeys: readonly string[], before: Instant, limit: number): Promise<readonly TicketKey[]>
  /** What became of these inbox events, by id. Pending events are absent. */
  findOutcomes(ids: readonly number[]): Promise<ReadonlyMap<number, ProcessedState>>
  /** Newest first. `before`: only ids below it; null: from the newest. */
  listDeadLetters(request: {
    readonly sourceKeys: readonly string[]
    readonly before: number | null
    readonly limit: number
  }): Promise<readonly StoredDeadLetter[]>
  /** Ids of the held ones of a source: those that were never decided on first, then those whose last replay is longest ago. */
  findHeldDeadLetters(sourceKey: string, limit: number): Promise<readonly number[]>
  /** In any order. Ids that do not exist are left out. */
  findDeadLetters(ids: readonly number[]): Promise<readonly StoredDeadLetter[]>
}
