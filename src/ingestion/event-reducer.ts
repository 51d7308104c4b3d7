import { summarize } from '../domain/change-description.ts'
import type { NewChange } from '../domain/events.ts'
import { encodeId } from '../domain/ids.ts'
import { toEpochMs, toInstant } from '../domain/instant.ts'
import { changesOf } from '../domain/ticket-diff.ts'
import type { StoredTicket } from '../domain/transaction.ts'
import { type DecodedEvent, EventProblem, type WebhookHandler } from '../sources/webhook-handler.ts'
import type { ClaimedEvent, EventTransaction, NewDeadLetter, PendingEvent, ProcessedState, ReduceEffects } from './event-store.ts'
import { describeProblem } from './received-event.ts'

/** How long an echo without an id is recognised by its fingerprint (DECISION-31). */
const echoWindowMs = 10 * 60_000

export interface ReducedEvents {
  /** To be saved by the caller, in the same transaction. */
  readonly effects: ReduceEffects
  readonly failures: readonly FailedEvent[]
  /** Fields of applied events with a value that the model has no word for. */
  readonly unknownFields: readonly { readonly sourceKey: string; readonly field: string }[]
}

/** An event that could not be reduced. Its dead letter is inserted already. */
interface FailedEvent {
  readonly deadLetter: NewDeadLetter
  readonly cause: unknown
}

/**
 * Reduces events into their tickets, in the order given. The transaction must have locked the tickets.
 * Events that cannot be reduced become dead letters.
 */
export async function reduceEvents(
  tx: EventTransaction,
  events: readonly ClaimedEvent[],
  webhookHandlers: ReadonlyMap<string, WebhookHandler>,
): Promise<ReducedEvents> {
  const decoded = events.map((event) => tryDecode(event, webhookHandlers))
  const echoes = await findEchoes(tx, decoded)
  const reducer = new EventReducer(events)
  for (const each of decoded) {
    if (each.decoded === null) reducer.fail(each.event, each.error)
    else reducer.reduce(each, echoes.has(each.event.id))
  }
  const reduced = reducer.result()
  await tx.insertDeadLetters(reduced.failures.map(({ deadLetter }) => deadLetter))
  return reduced
}

interface Decoded {
  readonly event: PendingEvent
  readonly handler: WebhookHandler
  readonly decoded: DecodedEvent
}

type DecodeResult = Decoded | { readonly event: PendingEvent; readonly decoded: null; readonly error: unknown }

function tryDecode(event: PendingEvent, webhookHandlers: ReadonlyMap<string, WebhookHandler>): DecodeResult {
  const { sourceKey } = event
  try {
    const handler = webhookHandlers.get(sourceKey)
    if (handler) return { event, handler, decoded: handler.decode(event) }
    throw new EventProblem(`The source "${sourceKey}" is not configured any more. Configure it, then replay the event.`)
  } catch (error) {
    return { event, decoded: null, error }
  }
}

/** The ids of the events that report a ticket which this gateway created itself. */
async function findEchoes(tx: EventTransaction, results: readonly DecodeResult[]): Promise<ReadonlySet<number>> {
  const echoes = new Set<number>()
  for (const { event, decoded } of results) {
    if (!decoded?.echoOf) continue
    const since = toInstant(toEpochMs(event.receivedAt) - echoWindowMs)
    if (await tx.isEcho(event.sourceKey, decoded.echoOf, since)) echoes.add(event.id)
  }
  return echoes
}

const ticketIdOf = (event: PendingEvent): string => encodeId('ticket', event.sourceKey, event.tenant, event.externalId)

/** Collects what a batch of events does. Each event sees its ticket as the events before it left it. */
class EventReducer {
  readonly #tickets: Map<string, StoredTicket | null>
  readonly #modified = new Set<string>()
  readonly #outcomes = new Map<number, ProcessedState>()
  readonly #changes: NewChange[] = []
  readonly #failures: FailedEvent[] = []
  readonly #unknownFields: { sourceKey: string; field: string }[] = []

  constructor(events: readonly ClaimedEvent[]) {
    this.#tickets = new Map(events.map((event) => [ticketIdOf(event), event.stored]))
  }

  reduce(decoded: Decoded, isEcho: boolean): void {
    const { event, handler } = decoded
    try {
      if (isEcho) this.#outcomes.set(event.id, 'ECHO')
      else if (isDuplicate(event, handler)) this.#outcomes.set(event.id, 'DUPLICATE')
      else this.#outcomes.set(event.id, this.#apply(decoded))
    } catch (error) {
      this.fail(event, error)
    }
  }

  fail({ id, sourceKey, eventId, raw, receivedAt }: PendingEvent, cause: unknown): void {
    this.#outcomes.set(id, 'QUARANTINED')
    this.#failures.push({ deadLetter: { sourceKey, eventId, raw, receivedAt, problem: describeProblem(cause) }, cause })
  }

  result(): ReducedEvents {
    const tickets = [...this.#modified].flatMap((ticketId) => this.#tickets.get(ticketId) ?? [])
    const processed = [...this.#outcomes].map(([id, state]) => ({ id, state }))
    const effects = { tickets, processed, changes: this.#changes }
    return { effects, failures: this.#failures, unknownFields: this.#unknownFields }
  }

  #apply({ event, handler, decoded }: Decoded): ProcessedState {
    const ticketId = ticketIdOf(event)
    const before = this.#tickets.get(ticketId) ?? null
    const reduced = handler.reduce(decoded, {
      receivedAt: event.receivedAt,
      late: event.late ?? false,
      ticket: before?.ticket ?? null,
      state: before?.state ?? null,
    })
    if (reduced.outcome === 'UNCHANGED') {
      if (before && reduced.state !== before.state) this.#setTicket(ticketId, { ...before, state: reduced.state })
      return reduced.why
    }
    const { ticket, state, kind, actor, note, unknown } = reduced
    this.#setTicket(ticketId, { ticket, state, submission: before?.submission ?? null })
    for (const field of unknown) this.#unknownFields.push({ sourceKey: event.sourceKey, field })
    const states = { before: before?.ticket ?? null, ticket }
    const summary = summarize(kind, changesOf(states)) + (note ? ` (${note})` : '')
    this.#changes.push({ ...states, kind, at: event.receivedAt, actor, summary })
    return 'APPLIED'
  }

  #setTicket(ticketId: string, ticket: StoredTicket): void {
    this.#tickets.set(ticketId, ticket)
    this.#modified.add(ticketId)
  }
}

/** True when the same event arrived before. Throws EventProblem when another event used its event id (WEBHOOK-04). */
function isDuplicate(event: PendingEvent, { duplicateWindowMs }: WebhookHandler): boolean {
  if (event.firstDigest !== null && event.firstDigest !== event.digest) {
    throw new EventProblem(
      'An earlier event has the same event id and a different body. Send each new event with an id of its own.',
    )
  }
  if (event.firstDigest !== null) return true
  if (event.repeatedAt === null) return false
  const ageMs = toEpochMs(event.receivedAt) - toEpochMs(event.repeatedAt)
  return duplicateWindowMs === null || ageMs < duplicateWindowMs
}
