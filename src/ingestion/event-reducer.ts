import type { NewChange } from '../domain/events.ts'
import { encodeId } from '../domain/ids.ts'
import { toEpochMs, toInstant } from '../domain/instant.ts'
import { echoWindowMs } from '../domain/submission.ts'
import type { StoredTicket } from '../domain/transaction.ts'
import { type DecodedEvent, EventProblem, type WebhookHandler } from '../sources/webhook-handler.ts'
import type { ClaimedEvent, EventTransaction, NewDeadLetter, PendingEvent, ProcessedState, ReduceEffects } from './event-store.ts'
import { problemOf } from './read-request.ts'

export interface ReducedEvents {
  readonly effects: ReduceEffects
  readonly deadLetters: readonly { readonly id: number; readonly problem: string; readonly cause: unknown }[]
  /** Fields of applied events whose word the model has none for. */
  readonly unknown: readonly { readonly sourceKey: string; readonly field: string }[]
}

/** What events did so far, in their order. */
interface Noted {
  readonly changes: NewChange[]
  readonly unknown: { sourceKey: string; field: string }[]
}

interface Working extends StoredTicket {
  readonly dirty: boolean
}

const keyOf = (event: PendingEvent): string => encodeId('ticket', event.sourceKey, event.tenant, event.externalId)

/** The same event as one before it? Throws EventProblem when only its id is the same. */
function isDuplicate(event: PendingEvent, webhookHandler: WebhookHandler): boolean {
  if (event.firstDigest !== null && event.firstDigest !== event.digest) {
    throw new EventProblem('Another event came before with the same event id and a different body.')
  }
  if (event.firstDigest !== null) return true
  if (event.repeatedAt === null) return false
  const age = toEpochMs(event.receivedAt) - toEpochMs(event.repeatedAt)
  return webhookHandler.duplicateWindowMs === null || age < webhookHandler.duplicateWindowMs
}

async function findEchoes(
  tx: EventTransaction,
  decoded: readonly { readonly event: PendingEvent; readonly decoded: DecodedEvent | null }[],
): Promise<ReadonlySet<number>> {
  const echoes = new Set<number>()
  for (const { event, decoded: understood } of decoded) {
    if (!understood?.echoOf) continue
    const since = toInstant(toEpochMs(event.receivedAt) - echoWindowMs)
    if (await tx.isEcho(event.sourceKey, understood.echoOf, since)) echoes.add(event.id)
  }
  return echoes
}

/**
 * Folds events, in the order given, into their tickets, which the transaction must hold: says what is to be saved and journalled,
 * and what became of each event. What cannot be folded is put into quarantine.
 */
export async function reduceEvents(
  tx: EventTransaction,
  events: readonly ClaimedEvent[],
  webhookHandlers: ReadonlyMap<string, WebhookHandler>,
): Promise<ReducedEvents> {
  const outcomes = new Map<number, ProcessedState>()
  const quarantined: { id: number; problem: string; cause: unknown }[] = []
  const noted: Noted = { changes: [], unknown: [] }
  const tickets = toWorking(events)
  const decoded = events.map((event) => ({ event, ...tryDecode(event, webhookHandlers) }))
  const echoes = await findEchoes(tx, decoded)
  const hold = (id: number, cause: unknown): void => {
    outcomes.set(id, 'QUARANTINED')
    quarantined.push({ id, problem: problemOf(cause), cause })
  }
  for (const { event, webhookHandler, decoded: understood, failure } of decoded) {
    if (!webhookHandler || !understood) {
      hold(event.id, failure)
      continue
    }
    try {
      if (echoes.has(event.id)) outcomes.set(event.id, 'ECHO')
      else if (isDuplicate(event, webhookHandler)) outcomes.set(event.id, 'DUPLICATE')
      else outcomes.set(event.id, foldOne(event, understood, webhookHandler, tickets, noted))
    } catch (error) {
      hold(event.id, error)
    }
  }
  if (quarantined.length > 0) await tx.insertDeadLetters(quarantined.map((held) => toQuarantined(held, events)))
  const effects = {
    tickets: [...tickets.values()].filter((ticket): ticket is Working => ticket?.dirty === true),
    processed: [...outcomes].map(([id, state]) => ({ id, state })),
    changes: noted.changes,
  }
  return { effects, deadLetters: quarantined, unknown: noted.unknown }
}

function toQuarantined(held: { id: number; problem: string }, events: readonly PendingEvent[]): NewDeadLetter {
  const event = events.find(({ id }) => id === held.id) as PendingEvent
  return {
    sourceKey: event.sourceKey,
    eventId: event.eventId,
    raw: event.raw,
    problem: held.problem,
    receivedAt: event.receivedAt,
  }
}

function tryDecode(
  event: PendingEvent,
  webhookHandlers: ReadonlyMap<string, WebhookHandler>,
): { readonly webhookHandler: WebhookHandler | null; readonly decoded: DecodedEvent | null; readonly failure: unknown } {
  const webhookHandler = webhookHandlers.get(event.sourceKey) ?? null
  try {
    if (webhookHandler === null) throw new EventProblem('The source is no longer configured.')
    return { webhookHandler, decoded: webhookHandler.decode(event), failure: null }
  } catch (failure) {
    return { webhookHandler, decoded: null, failure }
  }
}

function toWorking(events: readonly ClaimedEvent[]): Map<string, Working | null> {
  return new Map(events.map((event) => [keyOf(event), event.stored && { ...event.stored, dirty: false }]))
}

/** Reduces one event; puts the ticket's new state and the change, if there is one, where the next event finds them. */
function foldOne(
  event: PendingEvent,
  decoded: DecodedEvent,
  webhookHandler: WebhookHandler,
  tickets: Map<string, Working | null>,
  noted: Noted,
): ProcessedState {
  const key = keyOf(event)
  const known = tickets.get(key) ?? null
  const reduction = webhookHandler.reduce(decoded, {
    receivedAt: event.receivedAt,
    late: event.late ?? false,
    ticket: known?.ticket ?? null,
    state: known?.state ?? null,
  })
  const submission = known?.submission ?? null
  if (reduction.outcome === 'UNCHANGED') {
    if (known && reduction.state !== known.state) tickets.set(key, { ...known, state: reduction.state, dirty: true })
    return reduction.why
  }
  const { ticket, state, kind, actor, summary, unknown } = reduction
  tickets.set(key, { ticket, state, submission, dirty: true })
  for (const field of unknown) noted.unknown.push({ sourceKey: event.sourceKey, field })
  noted.changes.push({ kind, ticket, before: known?.ticket ?? null, at: event.receivedAt, actor, summary })
  return 'APPLIED'
}
