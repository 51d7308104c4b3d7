import { createHash, timingSafeEqual } from 'node:crypto'
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

/** One event of a request. */
export interface RawEvent {
  /** The bytes of this event alone. */
  readonly raw: Buffer
  /** The sender's id of this event; null: it has none. */
  readonly eventId: string | null
}

/** An event in the vendor's own terms. */
export interface DecodedEvent {
  readonly tenant: string
  readonly externalId: string
  /** Survives JSON unchanged. */
  readonly payload: unknown
  /** How to recognise the echo of a ticket that this gateway created; null: the event cannot be an echo. */
  readonly echoOf: EchoMark | null
}

/** The id of the created ticket, or without an id the fingerprint of its content. */
export type EchoMark =
  | { readonly by: 'id'; readonly externalId: string }
  | { readonly by: 'fingerprint'; readonly fingerprint: string }

/** The effect of an event on its ticket. `state` is stored beside the ticket, for the reduction of later events. */
export type ReduceResult =
  | {
      readonly outcome: 'APPLIED'
      readonly ticket: Ticket
      readonly state: unknown
      readonly kind: TicketEventKind
      readonly actor: Actor | null
      /** What a reader of the change log should also know; it follows the summary in brackets. Absent or null: nothing. */
      readonly note?: string | null
      /** The event's fields whose value the model has no word for. They are counted in a metric. */
      readonly unknown: readonly string[]
    }
  /** The ticket stays as it is: the event is older than the ticket, a repetition, or an echo. */
  | { readonly outcome: 'UNCHANGED'; readonly why: 'SUPERSEDED' | 'DUPLICATE' | 'ECHO'; readonly state: unknown }

export interface ReduceContext {
  /** When the event first arrived. */
  readonly receivedAt: Instant
  /** True for a replayed dead letter: events that arrived after it may be applied already, and must not be undone. */
  readonly late?: boolean
  /** The stored ticket; null: there is none yet. */
  readonly ticket: Ticket | null
  /** The state that the latest reduction returned; null: there was none. */
  readonly state: unknown
}

/** True for a late event when the stored ticket shows an event that arrived after it. */
export function isOvertaken({ late, receivedAt, ticket }: ReduceContext): boolean {
  return late === true && ticket !== null && receivedAt < ticket.freshness.observedAt
}

/** Why an event cannot be decoded or applied. The message says what and where, without personal data. */
export class EventProblem extends Error {
  override readonly name = 'EventProblem'
}

/** What became of one event of a request. */
export type ItemOutcome = 'KEPT' | 'UNCHANGED' | 'QUARANTINED'
export interface ItemResult {
  readonly index: number
  readonly outcome: ItemOutcome
  readonly problem?: string
}

/** The port for the events of one source. Every method is pure. */
export interface WebhookHandler {
  readonly source: SourceInfo
  /** Checks the secret or signature over the raw bytes, in constant time. False: the answer is 401 and nothing is stored. */
  authorise(request: WebhookRequest): boolean
  /** The events of a request, in order. A body that cannot be split is one event, which `decode` then refuses. */
  split(request: WebhookRequest): readonly RawEvent[]
  /** Throws EventProblem or JsonProblem: the event becomes a dead letter. */
  decode(event: RawEvent): DecodedEvent
  /** Applies an event to its ticket. Throws EventProblem: the event becomes a dead letter. */
  reduce(event: DecodedEvent, context: ReduceContext): ReduceResult
  /** A key that every event has at its top: without it, an object with lists may be a page of events. Absent: the source sends no pages. */
  readonly recordKey?: string
  /** For how long the same bytes for the same ticket are one event, in milliseconds; null: forever. */
  readonly duplicateWindowMs: number | null
  /** True when the response reports the outcome of every event. It is then sent after all of them are applied. */
  readonly answersPerItem: boolean
}

/** Compares secrets in a time that depends on neither their content nor their length. */
export function equalSecrets(a: string | Buffer, b: string | Buffer): boolean {
  const digest = (value: string | Buffer): Buffer => createHash('sha256').update(value).digest()
  return timingSafeEqual(digest(a), digest(b))
}

/**
 * Compares a secret that came in the query of a URL with the expected one, in constant time. URL parsers read `+` as a blank, as forms
 * write it (WHATWG URL §5.1); by RFC 3986 §3.4 it stands for itself, and some senders do not escape it. A blank of the parsed value
 * therefore also counts as the `+` of the secret at its place.
 */
export function equalQuerySecrets(given: string, secret: string): boolean {
  const restored = given.replaceAll(' ', (blank, index: number) => (secret[index] === '+' ? '+' : blank))
  return equalSecrets(restored, secret)
}
