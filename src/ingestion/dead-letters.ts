import type { Clock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import type { DeadLetter, DeadLetters } from '../domain/events.ts'
import { decodeId, encodeId } from '../domain/ids.ts'
import { sanitizeForPostgres } from '../domain/sanitize-text.ts'
import { type BulkResult, toUserError } from '../domain/writes.ts'
import { decodeUtf8, parseEventJson } from '../sources/parse-event-json.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'
import type { EventStore, NewInboxEvent, StoredDeadLetter } from './event-store.ts'
import type { IngestionService } from './ingestion-service.ts'
import { toReceivedEvent } from './received-event.ts'

export interface DeadLettersDeps {
  readonly store: { readonly events: EventStore }
  readonly webhookHandlers: readonly WebhookHandler[]
  readonly ingestion: Pick<IngestionService, 'schedule'>
  readonly clock: Clock
}

/** The dead letters of the configured sources. Those of other sources stay in the store and are not shown. */
export function createDeadLetters(deps: DeadLettersDeps): DeadLetters {
  const { store, webhookHandlers, ingestion } = deps
  const { events } = store
  const handlers = new Map(webhookHandlers.map((handler) => [handler.source.key, handler]))
  const show = (stored: StoredDeadLetter): DeadLetter | null => toDeadLetter(stored, handlers.get(stored.sourceKey))

  const findOne = async (rowId: number): Promise<DeadLetter | null> => {
    const [stored] = await events.findDeadLetters([rowId])
    return stored ? show(stored) : null
  }

  return {
    async list({ first, after, sourceKeys: requested }) {
      const sourceKeys = [...handlers.keys()].filter((key) => requested === null || requested.includes(key))
      const before = after === null ? null : parseCursor(after)
      const stored = await events.listDeadLetters({ sourceKeys, before, limit: first + 1 })
      const items = stored.slice(0, first).flatMap((each) => {
        const node = show(each)
        return node ? [{ cursor: toCursor(each.id), node }] : []
      })
      return { items, hasNextPage: stored.length > first }
    },
    async find(ids) {
      const rowIds = ids.map(toRowId)
      const stored = await events.findDeadLetters(rowIds.filter((rowId) => rowId !== null))
      const byRowId = new Map(stored.map((each) => [each.id, show(each)]))
      return rowIds.map((rowId, index) => {
        const found = rowId === null ? null : (byRowId.get(rowId) ?? null)
        // The id also names the source: another source's key with an existing number finds nothing.
        return found?.id === ids[index] ? found : null
      })
    },
    async replay(id) {
      const rowId = toRowId(id)
      if (rowId === null) return null
      const event = await replayOne(events, handlers, rowId)
      if (event) ingestion.schedule([event])
      return findOne(rowId)
    },
    replayMany: (sourceKey, limit) => replayMany(deps, handlers, sourceKey, limit),
    async discard(id, reason) {
      const rowId = toRowId(id)
      if (rowId === null) return null
      await events.transaction(async (tx) => {
        const stored = await tx.lockDeadLetter(rowId)
        if (stored?.state === 'HELD') await tx.resolveDeadLetter(rowId, 'DISCARDED', { reason })
      })
      return findOne(rowId)
    },
  }
}

/**
 * Each event is a transaction of its own: one that fails again leaves the others. An event that another call replayed meanwhile
 * counts as done.
 */
async function replayMany(
  { store: { events }, ingestion, clock }: DeadLettersDeps,
  handlers: ReadonlyMap<string, WebhookHandler>,
  sourceKey: string,
  limit: number,
): Promise<BulkResult> {
  const replayed: NewInboxEvent[] = []
  let done = 0
  let failed = 0
  try {
    for (const rowId of handlers.has(sourceKey) ? await events.findHeldDeadLetters(sourceKey, limit) : []) {
      const event = await replayOne(events, handlers, rowId)
      if (event) replayed.push(event)
      const isHeld = !event && (await events.findDeadLetters([rowId]))[0]?.state === 'HELD'
      if (isHeld) failed += 1
      else done += 1
    }
    return { subject: sourceKey, done, failed, userErrors: [] }
  } catch (error) {
    if (!(error instanceof DeskgraphError)) throw error
    return { subject: sourceKey, done, failed, userErrors: [toUserError(error, clock())], failure: error }
  } finally {
    ingestion.schedule(replayed)
  }
}

/**
 * In one transaction, puts the event into the inbox and marks the dead letter REPLAYED. If it fails again, it stays HELD with the new
 * problem and the result is null. The event keeps its first arrival time, so that later events are not overwritten.
 */
function replayOne(
  events: EventStore,
  handlers: ReadonlyMap<string, WebhookHandler>,
  rowId: number,
): Promise<NewInboxEvent | null> {
  return events.transaction(async (tx) => {
    const stored = await tx.lockDeadLetter(rowId)
    const handler = stored && handlers.get(stored.sourceKey)
    if (!stored || !handler || stored.state !== 'HELD') return null
    const received = toReceivedEvent(handler, stored, stored.receivedAt)
    if (received.kind === 'deadLetter') {
      await tx.resolveDeadLetter(rowId, 'HELD', { problem: received.deadLetter.problem })
      return null
    }
    await tx.insertEvents([{ ...received.event, late: true }])
    await tx.resolveDeadLetter(rowId, 'REPLAYED', {})
    return received.event
  })
}

/** Null when its source is not configured. */
function toDeadLetter(stored: StoredDeadLetter, handler: WebhookHandler | undefined): DeadLetter | null {
  if (!handler) return null
  const { sourceKey, receivedAt, problem, raw, state } = stored
  const id = encodeId('deadLetter', sourceKey, '', String(stored.id))
  return { id, source: handler.source, receivedAt, problem, body: toBody(raw), state }
}

/** The body as JSON, or as text when it is not JSON, with U+FFFD in place of what is not UTF-8. The store keeps the bytes. */
function toBody(raw: Buffer): unknown {
  try {
    return parseEventJson(decodeUtf8(raw))
  } catch {
    return sanitizeForPostgres(raw.toString('utf8'))
  }
}

function toCursor(rowId: number): string {
  return Buffer.from(`q${rowId}`).toString('base64url')
}

function parseCursor(cursor: string): number {
  const match = /^q(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  if (!match)
    throw new DeskgraphError('BAD_USER_INPUT', 'The cursor does not belong to this list. Use a cursor that it returned.')
  return Number(match[1])
}

/** The number in a global id; null when the id is not one of a dead letter. */
function toRowId(id: string): number | null {
  const ref = decodeId(id)
  return ref?.kind === 'deadLetter' && /^\d{1,15}$/.test(ref.externalId) ? Number(ref.externalId) : null
}
