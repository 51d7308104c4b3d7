import type { SourceInfo } from '../sources/source.ts'
import type { Instant } from './instant.ts'
import type { Page, PageRequest } from './page.ts'
import type { PullStream } from './pull-stream.ts'
import type { Actor, Ticket } from './ticket.ts'

export const ticketEventKinds = [
  'CREATED',
  'UPDATED',
  'STATUS_CHANGED',
  'ESCALATED',
  'CLOSED',
  'REASSIGNED',
  'TRANSFERRED',
  'MESSAGE',
  'ROUTED',
  'DELIVERED',
  'DELIVERY_FAILED',
  'DELETED',
] as const
export type TicketEventKind = (typeof ticketEventKinds)[number]

export interface FieldChange {
  readonly field: string
  readonly before: string | null
  readonly after: string | null
}

/** One journal entry of one ticket. */
export interface TicketEvent {
  readonly id: string
  readonly kind: TicketEventKind
  readonly at: Instant
  readonly actor: Actor | null
  readonly summary: string
  readonly changes: readonly FieldChange[]
}

/** A change to be journalled: by an inbound event, one of our own writes, a delivery, or the poller. */
export interface NewChange {
  readonly kind: TicketEventKind
  readonly ticket: Ticket
  /** The ticket as last seen; null when it was not known. */
  readonly before: Ticket | null
  readonly at: Instant
  readonly actor: Actor | null
  readonly summary: string
}

/** A journalled change, as subscribers get it. */
export interface Change {
  /** Behind this change; `after` resumes there. */
  readonly cursor: string
  readonly kind: TicketEventKind
  readonly ticket: Ticket
  readonly before: Ticket | null
  readonly event: TicketEvent
  /** Changes before this one are no longer kept: the subscriber missed some. */
  readonly gap: boolean
}

export interface ChangeRecorder {
  /** Journals the change and tells the subscribers of every replica. */
  record(change: NewChange): Promise<void>
}

export interface ChangeStream {
  /**
   * Every change that concerns the reader (absent: all) in journal order from `after` (exclusive; null: from now), nothing
   * missed, nothing twice; as many at a time as have come. All readers get the same object for a change, but for one that tells
   * of a gap.
   * Ends when the signal aborts; throws OVERLOADED when the reader is too slow for its bounded buffer.
   */
  subscribe(options: {
    readonly after: string | null
    readonly signal: AbortSignal
    /** Asked as the change comes, for every reader: it has to be quick. */
    readonly concerns?: (change: Change) => boolean
  }): PullStream<readonly Change[]>
  /** How many are subscribed here. The poller of pull sources rests at 0. */
  subscriberCount(): number
  /** Calls back whenever somebody subscribes here. Returns how to stop that. */
  onSubscribed(listener: () => void): () => void
}

export interface TicketHistory {
  /** A ticket's journal, oldest first. */
  eventsOf(ticketId: string, page: PageRequest): Promise<Page<TicketEvent>>
}

export type DeadLetterState = 'HELD' | 'REPLAYED' | 'DISCARDED'

/** An authentic event that could not be understood, kept whole. */
export interface DeadLetter {
  readonly id: string
  readonly source: SourceInfo
  readonly receivedAt: Instant
  /** What is wrong and where in the body, without personal data. */
  readonly problem: string
  readonly body: unknown
  readonly state: DeadLetterState
}

export interface DeadLetters {
  /** Newest first. Of these sources; null: of all that are configured. */
  list(page: PageRequest & { readonly sourceKeys: readonly string[] | null }): Promise<Page<DeadLetter>>
  /** By global ids, in order; null where there is none. */
  find(ids: readonly string[]): Promise<readonly (DeadLetter | null)[]>
  /** Tries the event again; it stays HELD, with the new problem, when it fails again. null: no such event. */
  replay(id: string): Promise<DeadLetter | null>
  discard(id: string, reason: string): Promise<DeadLetter | null>
}
