import type { DeskgraphError } from './errors.ts'
import type { Instant } from './instant.ts'
import type { Page, PageRequest, Range, RangePage } from './page.ts'
import type { PullStream } from './pull-stream.ts'
import type { SourceInfo } from './source-info.ts'
import type { Actor, Ticket } from './ticket.ts'
import type { BulkResult } from './writes.ts'

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

/** A changed field of a ticket, as text for people. `message` is the id of an added message. */
export interface FieldChange {
  readonly field: string
  /** null: empty, or not known. */
  readonly before: string | null
  readonly after: string | null
}

/** One entry of a ticket's history. */
export interface TicketEvent {
  /** The global id. */
  readonly id: string
  readonly kind: TicketEventKind
  readonly at: Instant
  readonly actor: Actor | null
  readonly summary: string
  /** null: the ticket before was not known, and nothing tells what changed. */
  readonly changes: readonly FieldChange[] | null
}

/** A change that is not in the change log yet: by an event, a write, a delivery, or the poller. */
export interface NewChange {
  readonly kind: TicketEventKind
  readonly ticket: Ticket
  /** The ticket before the change; null: it was not known. */
  readonly before: Ticket | null
  readonly at: Instant
  readonly actor: Actor | null
  readonly summary: string
  /** What a write asked for, so that its entry tells it also where the source does not show it. `before` is not read. */
  readonly asked?: readonly FieldChange[]
}

/** A change of the change log, as subscribers receive it. */
export interface Change {
  /** The position behind this change: `subscribe` resumes there. */
  readonly cursor: string
  readonly kind: TicketEventKind
  readonly ticket: Ticket
  readonly before: Ticket | null
  readonly event: TicketEvent
  /** True when changes before this one are no longer in the change log: the subscriber missed some. */
  readonly gap: boolean
}

export interface ChangeRecorder {
  /** Appends the change to the change log, from which the subscribers of every replica receive it. */
  record(change: NewChange): Promise<void>
}

export interface ChangeStream {
  /**
   * Every change behind the cursor `after` (null: from now), in the order of the change log, each once, in batches of those that
   * have arrived. All subscribers receive the same object for a change, except where `gap` differs. Ends when the signal
   * aborts. Fails with OVERLOADED when the subscriber is too slow for its bounded queue.
   */
  subscribe(options: {
    readonly after: string | null
    readonly signal: AbortSignal
    /** False for a change to leave out. It runs for every change and subscriber, so it must be fast. Absent: all changes. */
    readonly concerns?: (change: Change) => boolean
  }): PullStream<readonly Change[]>
  /** The number of subscribers in this process. The poller pauses at 0. */
  subscriberCount(): number
  /** Calls the listener at each new subscription in this process. Returns a function that removes the listener. */
  onSubscribed(listener: () => void): () => void
}

/** An event with its number in the change log. */
export interface NumberedEvent {
  readonly seq: number
  readonly event: TicketEvent
}

/** A place between two events, by time and number. */
export interface EventBound {
  readonly at: Instant
  readonly seq: number
}

export interface EventWindow {
  /** `start`: the earliest events of the window. `end`: the latest. They are returned with the earliest first in both cases. */
  readonly from: 'start' | 'end'
  readonly limit: number
  /** Exclusive. null: none. */
  readonly after: EventBound | null
  readonly before: EventBound | null
  /** The kinds to read. */
  readonly kinds: readonly TicketEventKind[]
}

/** One list of events out of several that are read together. */
export interface EventsRequest<T> {
  /** The ticket's global id. */
  readonly ticketId: string
  readonly part: T
}

export interface TicketHistory {
  /** The history of each ticket, oldest first, in the order of the requests. BAD_USER_INPUT stands for a cursor of another list. */
  eventsOf(requests: readonly EventsRequest<Range>[]): Promise<readonly (RangePage<TicketEvent> | DeskgraphError)[]>
  /** Events by their own time, which is not always the order in which they were recorded; ties by their number. In the order of the requests. */
  eventsByTime(requests: readonly EventsRequest<EventWindow>[]): Promise<readonly (readonly NumberedEvent[])[]>
  /** The department of the latest escalation of each of these tickets, in their order; null where the change log does not tell. */
  departmentsOf(ticketIds: readonly string[]): Promise<readonly (string | null)[]>
  /** The cursor of the latest change of any ticket: a subscription after it gets every later one. */
  latestCursor(): Promise<string>
  /** By global ids, in their order; null where there is none. */
  findEvents(ids: readonly string[]): Promise<readonly (TicketEvent | null)[]>
}

export type DeadLetterState = 'HELD' | 'REPLAYED' | 'DISCARDED'

/** An authentic event that could not be decoded or applied, with its original body. The graph calls it a quarantined event. */
export interface DeadLetter {
  /** The global id. */
  readonly id: string
  readonly source: SourceInfo
  readonly receivedAt: Instant
  /** What is wrong with the body and where, without personal data. */
  readonly problem: string
  readonly body: unknown
  readonly state: DeadLetterState
}

export interface DeadLetters {
  /** Newest first. Those of these sources; null: of all configured sources. */
  list(page: PageRequest & { readonly sourceKeys: readonly string[] | null }): Promise<Page<DeadLetter>>
  /** By global ids, in their order; null where there is none. */
  find(ids: readonly string[]): Promise<readonly (DeadLetter | null)[]>
  /** Processes the event again. When that fails it stays HELD, with the new problem. null: there is no such event. */
  replay(id: string): Promise<DeadLetter | null>
  /**
   * Processes held events of a source again, those that were tried least recently first. `done`: how many are not held any more;
   * `failed`: how many still are, with the new problem.
   */
  replayMany(sourceKey: string, limit: number): Promise<BulkResult>
  /** null: there is no such event. */
  discard(id: string, reason: string): Promise<DeadLetter | null>
}
