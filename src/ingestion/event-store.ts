import type { CheckpointStore } from '../changes/change-sink.ts'
import type { NewChange } from '../domain/events.ts'
import type { EntityRef } from '../domain/ids.ts'
import type { Instant } from '../domain/instant.ts'
import type { StoredTicket, Transaction } from '../domain/transaction.ts'
import type { EchoMark } from '../sources/webhook-handler.ts'

export type TicketKey = Pick<EntityRef, 'sourceKey' | 'tenant' | 'externalId'>

export interface NewInboxEvent extends TicketKey {
  readonly eventId: string | null
  /** SHA-256 of the bytes, in hex. */
  readonly digest: string
  readonly raw: Buffer
  /** When it first arrived. */
  readonly receivedAt: Instant
  /** It was held in quarantine: events of its ticket that arrived after it may be applied already. */
  readonly late?: boolean
}

export interface PendingEvent extends NewInboxEvent {
  /** Grows in the order of arrival. */
  readonly id: number
  /** When the same bytes came for this ticket before; null: never. */
  readonly repeatedAt: Instant | null
  /** The digest of the first event with this event id; null: this is the first, or it has none. */
  readonly firstDigest: string | null
}

export interface NewDeadLetter {
  readonly sourceKey: string
  readonly eventId: string | null
  readonly raw: Buffer
  readonly problem: string
  readonly receivedAt: Instant
}

export interface StoredDeadLetter extends NewDeadLetter {
  readonly id: number
  readonly state: 'HELD' | 'REPLAYED' | 'DISCARDED'
}

export type ProcessedState = 'APPLIED' | 'SUPERSEDED' | 'DUPLICATE' | 'ECHO' | 'QUARANTINED'

/** An event of a ticket that the transaction holds. */
export interface ClaimedEvent extends PendingEvent {
  /** Its ticket before all events that were claimed with it; null: there is none yet. */
  readonly stored: StoredTicket | null
}

/** What folding events comes to. */
export interface ReduceEffects {
  readonly tickets: readonly StoredTicket[]
  readonly processed: readonly { readonly id: number; readonly state: ProcessedState }[]
  readonly changes: readonly NewChange[]
}

/** What intake does inside one transaction. */
export interface EventTransaction extends Transaction {
  /** Holds those of the tickets that no other process holds (`busy`), and gives their pending events in order of arrival, at most `limit`. */
  claim(
    keys: readonly TicketKey[],
    limit: number,
  ): Promise<{ readonly events: readonly ClaimedEvent[]; readonly busy: readonly TicketKey[] }>
  /** Saves tickets, settles events of the inbox and journals changes in one round trip. Like `record`, it comes last. */
  saveEffects(effects: ReduceEffects): Promise<void>
  /** The ids, in the same order. */
  insertEvents(events: readonly NewInboxEvent[]): Promise<readonly number[]>
  insertDeadLetters(events: readonly NewDeadLetter[]): Promise<void>
  /** Did this gateway raise such a ticket: with this id ever, or with this fingerprint since then? */
  isEcho(sourceKey: string, mark: EchoMark, since: Instant): Promise<boolean>
  /** Holds one quarantined event against other deciders; null: no such event. */
  lockDeadLetter(id: number): Promise<StoredDeadLetter | null>
  resolveDeadLetter(
    id: number,
    state: StoredDeadLetter['state'],
    change: { readonly problem?: string; readonly reason?: string },
  ): Promise<void>
  saveCheckpoint(name: string, body: unknown): Promise<void>
}

/** What intake needs of the store. */
export interface EventStore extends CheckpointStore {
  transaction<T>(work: (tx: EventTransaction) => Promise<T>): Promise<T>
  /** Commits events and quarantined ones together, in one round trip where it can. The events' ids, in order. */
  insert(events: readonly NewInboxEvent[], held: readonly NewDeadLetter[]): Promise<readonly number[]>
  /** Tickets with pending events of these sources that came before then, oldest first. */
  findPendingTickets(sourceKeys: readonly string[], before: Instant, limit: number): Promise<readonly TicketKey[]>
  /** What became of these events; absent while pending. */
  findOutcomes(ids: readonly number[]): Promise<ReadonlyMap<number, ProcessedState>>
  /** Newest first. */
  listDeadLetters(request: {
    sourceKeys: readonly string[]
    before: number | null
    limit: number
  }): Promise<readonly StoredDeadLetter[]>
  findDeadLetters(ids: readonly number[]): Promise<readonly StoredDeadLetter[]>
}
