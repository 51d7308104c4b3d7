import { DeskgraphError } from '../domain/errors.ts'
import type { DeadLetter, DeadLetters } from '../domain/events.ts'
import { decodeId, encodeId } from '../domain/ids.ts'
import { sanitizeForPostgres } from '../domain/sanitize-text.ts'
import { parseEventJson } from '../sources/parse-event-json.ts'
import type { WebhookHandler } from '../sources/webhook-handler.ts'
import type { EventStore, StoredDeadLetter } from './event-store.ts'
import type { IngestionService } from './ingestion-service.ts'
import { readEvent } from './read-request.ts'

export interface DeadLettersDeps {
  readonly store: { readonly events: EventStore }
  readonly webhookHandlers: readonly WebhookHandler[]
  readonly ingestion: Pick<IngestionService, 'schedule'>
}

/** The body as JSON where it is JSON, else as text. */
function toBody(raw: Buffer): unknown {
  const text = raw.toString('utf8')
  try {
    return parseEventJson(text)
  } catch {
    return sanitizeForPostgres(text)
  }
}

const toCursor = (id: number): string => Buffer.from(`q${id}`).toString('base64url')

function fromCursor(cursor: string): number {
  const match = /^q(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  if (!match) throw new DeskgraphError('BAD_USER_INPUT', 'The cursor does not belong to this list.')
  return Number(match[1])
}

/** The number behind a global id; null when it names something else. */
function toNumber(id: string): number | null {
  const ref = decodeId(id)
  return ref?.kind === 'quarantined' && /^\d{1,15}$/.test(ref.externalId) ? Number(ref.externalId) : null
}

/** Events that could not be understood, of the sources that are configured. */
export function createDeadLetters({ store: { events }, webhookHandlers, ingestion }: DeadLettersDeps): DeadLetters {
  const byKey = new Map(webhookHandlers.map((each) => [each.source.key, each]))

  const toEvent = (held: StoredDeadLetter): DeadLetter | null => {
    const source = byKey.get(held.sourceKey)?.source
    if (!source) return null
    const id = encodeId('quarantined', held.sourceKey, '', String(held.id))
    return { id, source, receivedAt: held.receivedAt, problem: held.problem, body: toBody(held.raw), state: held.state }
  }

  const findOne = async (id: number): Promise<DeadLetter | null> => {
    const [held] = await events.findDeadLetters([id])
    return held ? toEvent(held) : null
  }

  /**
   * In one transaction: either the event is in the inbox and marked REPLAYED, or it stays HELD with the new problem. It
   * counts as of when it first arrived: what came after it is not undone.
   */
  const replayOne = (id: number) =>
    events.transaction(async (tx) => {
      const held = await tx.lockDeadLetter(id)
      const source = held && byKey.get(held.sourceKey)
      if (!held || !source || held.state !== 'HELD') return null
      const read = readEvent(source, held, held.receivedAt)
      if (read.kind === 'held') {
        await tx.resolveDeadLetter(id, 'HELD', { problem: read.held.problem })
        return null
      }
      await tx.insertEvents([{ ...read.event, late: true }])
      await tx.resolveDeadLetter(id, 'REPLAYED', {})
      return read.event
    })

  return {
    async list({ first, after, sourceKeys: asked }) {
      const sourceKeys = [...byKey.keys()].filter((key) => asked === null || asked.includes(key))
      const before = after === null ? null : fromCursor(after)
      const held = await events.listDeadLetters({ sourceKeys, before, limit: first + 1 })
      const items = held.slice(0, first).flatMap((each) => {
        const node = toEvent(each)
        return node ? [{ cursor: toCursor(each.id), node }] : []
      })
      return { items, hasNextPage: held.length > first }
    },
    async find(ids) {
      const numbers = ids.map(toNumber)
      const held = await events.findDeadLetters(numbers.filter((number) => number !== null))
      const found = new Map(held.map((each) => [each.id, toEvent(each)]))
      return numbers.map((number, index) => {
        const event = number === null ? null : (found.get(number) ?? null)
        return event?.id === ids[index] ? event : null
      })
    },
    async replay(id) {
      const number = toNumber(id)
      if (number === null) return null
      const event = await replayOne(number)
      if (event) ingestion.schedule([event])
      return findOne(number)
    },
    async discard(id, reason) {
      const number = toNumber(id)
      if (number === null) return null
      await events.transaction(async (tx) => {
        const held = await tx.lockDeadLetter(number)
        if (held?.state === 'HELD') await tx.resolveDeadLetter(number, 'DISCARDED', { reason })
      })
      return findOne(number)
    },
  }
}
