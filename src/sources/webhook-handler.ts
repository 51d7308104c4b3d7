import type { TicketEventKind } from '../domain/events.ts'
import type { Instant } from '../domain/instant.ts'
import type { Actor, Ticket } from '../domain/ticket.ts'
import type { SourceInfo } from './source.ts'

/** One request to an event-fed source, as it came. */
export interface WebhookRequest {
  readonly rawBody: Buffer
  readonly contentType: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** One event cut out of a request: its own bytes. */
export interface RawEvent {
  readonly raw: Buffer
  /** The sender's id of this event; null where it has none. */
  readonly eventId: string | null
}

/** An event that was understood. */
export interface DecodedEvent {
  readonly tenant: string
  readonly externalId: string
  /** The event in the source's own words, JSON-safe. */
  readonly payload: unknown
  /** Recognises the echo of a ticket that this gateway raised: by its id, or without an id by its fingerprint. null: cannot be one. */
  readonly echoOf: EchoMark | null
}

export type EchoMark =
  | { readonly by: 'id'; readonly externalId: string }
  | { readonly by: 'fingerprint'; readonly fingerprint: string }

/** What an event did to its ticket. */
export type ReduceResult =
  /** The ticket is another than before. */
  | {
      readonly outcome: 'APPLIED'
      readonly ticket: Ticket
      readonly state: unknown
      readonly kind: TicketEventKind
      readonly actor: Actor | null
      readonly summary: string
      /** The event's fields whose word the model has none for, so that operations see new ones. */
      readonly unknown: readonly string[]
    }
  /** Older than what is known, a repetition, or an echo: nothing changes for a reader; `state` may still remember it. */
  | { readonly outcome: 'UNCHANGED'; readonly why: 'SUPERSEDED' | 'DUPLICATE' | 'ECHO'; readonly state: unknown }

export interface ReduceContext {
  /** When the event first arrived. */
  readonly receivedAt: Instant
  /** It was held in quarantine meanwhile: events that arrived after it may be applied already, and are not to be undone. */
  readonly late?: boolean
  /** What is kept of this ticket; null: nothing yet. */
  readonly ticket: Ticket | null
  readonly state: unknown
}

/** What is kept of the ticket arrived after this event. */
export function isOvertaken({ late, receivedAt, ticket }: ReduceContext): boolean {
  return late === true && ticket !== null && receivedAt < ticket.freshness.observedAt
}

/** Thrown for an event that cannot be understood. `message` says what and where, without personal data. */
export class EventProblem extends Error {
  override readonly name = 'EventProblem'
}

export type ItemOutcome = 'KEPT' | 'UNCHANGED' | 'QUARANTINED'
export interface ItemResult {
  readonly index: number
  readonly outcome: ItemOutcome
  readonly problem?: string
}

/** What an event-fed source knows of its events. Pure but for `authorise`'s secrets. */
export interface WebhookHandler {
  readonly source: SourceInfo
  /** Looks at the raw bytes, in constant time. False: 401, and nothing is kept. */
  authorise(request: WebhookRequest): boolean
  /** Cuts a request into events; a body that cannot be cut is one event, which `decode` then refuses. */
  split(request: WebhookRequest): readonly RawEvent[]
  /** Throws EventProblem. */
  decode(event: RawEvent): DecodedEvent
  /** Folds an event into its ticket. Throws EventProblem. */
  reduce(event: DecodedEvent, context: ReduceContext): ReduceResult
  /** The same bytes for the same ticket within this time are one event; null: however late. */
  readonly duplicateWindowMs: number | null
  /** True when the sender is told what became of every event, which then takes until all are applied. */
  readonly answersPerItem: boolean
}
