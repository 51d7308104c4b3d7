import { DeskgraphError, toLogFields } from '../domain/errors.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'
import { type ReducedEvents, reduceEvents } from './event-reducer.ts'
import type { EventStore, NewDeadLetter, PendingEvent, TicketKey } from './event-store.ts'

export interface ApplyEventsDeps {
  readonly events: EventStore
  /** By source key. */
  readonly webhookHandlers: ReadonlyMap<string, WebhookHandler>
  readonly metrics: Metrics
  readonly logger: Logger
}

/** Events per transaction. The embedded database works in this thread, so a large batch would block the event loop (STORAGE-06). */
const maxEvents = 100

/**
 * Applies the pending events of these tickets in one transaction. Returns the tickets that may have more: another process has
 * them locked, or the limit was reached. When the transaction fails, each half is tried, down to the ticket that causes it:
 * its events become dead letters, so that they do not block other tickets. Throws STORAGE_UNAVAILABLE: try all tickets again.
 */
export async function applyPendingEvents(deps: ApplyEventsDeps, keys: readonly TicketKey[]): Promise<readonly TicketKey[]> {
  try {
    return await applyInTransaction(deps, keys)
  } catch (error) {
    if (error instanceof DeskgraphError && error.code === 'STORAGE_UNAVAILABLE') throw error
    if (keys.length === 1) {
      await moveToDeadLetters(deps, keys, error)
      return []
    }
    const middle = Math.ceil(keys.length / 2)
    const unfinished = await applyPendingEvents(deps, keys.slice(0, middle))
    return [...unfinished, ...(await applyPendingEvents(deps, keys.slice(middle)))]
  }
}

async function applyInTransaction(deps: ApplyEventsDeps, keys: readonly TicketKey[]): Promise<readonly TicketKey[]> {
  const { pending, busy, reduced } = await deps.events.transaction(async (tx) => {
    const { events: pending, busy } = await tx.claim(keys, maxEvents)
    if (pending.length === 0) return { pending, busy, reduced: null }
    const reduced = await reduceEvents(tx, pending, deps.webhookHandlers)
    await tx.saveEffects(reduced.effects)
    return { pending, busy, reduced }
  })
  // Only after the commit: the transaction may run several times.
  if (reduced) reportOutcomes(deps, pending, reduced)
  return pending.length === maxEvents ? keys : busy
}

function reportOutcomes(
  { metrics, logger }: ApplyEventsDeps,
  pending: readonly PendingEvent[],
  { effects, failures, unknownFields }: ReducedEvents,
): void {
  const outcomes = new Map(effects.processed.map(({ id, state }) => [id, state]))
  for (const { sourceKey, field } of unknownFields) metrics.count('unknown_values_total', { source: sourceKey, field })
  for (const { id, sourceKey } of pending) {
    metrics.count('webhook_events_total', { source: sourceKey, outcome: (outcomes.get(id) ?? 'pending').toLowerCase() })
  }
  for (const { deadLetter, cause } of failures) {
    const { sourceKey, problem } = deadLetter
    logger.warn({ source: sourceKey, problem, ...toLogFields(cause) }, 'an event became a dead letter; see the quarantine')
  }
}

async function moveToDeadLetters({ events, logger }: ApplyEventsDeps, keys: readonly TicketKey[], cause: unknown): Promise<void> {
  logger.error(toLogFields(cause), 'the events of a ticket cannot be applied and become dead letters; see the quarantine')
  await events.transaction(async (tx) => {
    const { events: pending } = await tx.claim(keys, maxEvents)
    await tx.insertDeadLetters(pending.map(toDeadLetter))
    await tx.saveEffects({ tickets: [], processed: pending.map(({ id }) => ({ id, state: 'QUARANTINED' })), changes: [] })
  })
}

function toDeadLetter({ sourceKey, eventId, raw, receivedAt }: PendingEvent): NewDeadLetter {
  const problem = 'The event could not be stored because of an internal fault. Replay it after the gateway is repaired.'
  return { sourceKey, eventId, raw, receivedAt, problem }
}
