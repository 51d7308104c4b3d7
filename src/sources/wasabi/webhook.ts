import { kindOf } from '../../domain/change-description.ts'
import { splitRecords } from '../json-pages.ts'
import { detectLayout } from '../json-splitter.ts'
import { isSameTicket } from '../mapped-ticket.ts'
import { decodeUtf8, parseEventJson } from '../parse-event-json.ts'
import type { SourceInfo } from '../source.ts'
import {
  type DecodedEvent,
  equalSecrets,
  isOvertaken,
  type ReduceContext,
  type ReduceResult,
  type WebhookHandler,
} from '../webhook-handler.ts'
import type { WasabiConfig } from './config.ts'
import { recordKey, repairRecord, toWasabiEvent, type WasabiEvent } from './decode.ts'
import { findUnknownFields, toTicket } from './mapping.ts'

export interface WasabiWebhookDeps {
  readonly source: SourceInfo
  readonly config: WasabiConfig
  /** Repairs trailing commas and no-break spaces, as the documented example has them. Only the file import sets it. */
  readonly lenient?: boolean
}

const bearer = /^bearer +(\S+) *$/i

/** Receives Wasabi events: full snapshots, each with a time of its own. */
export function createWasabiWebhookHandler({ source, config, lenient = false }: WasabiWebhookDeps): WebhookHandler {
  return {
    source,
    duplicateWindowMs: null,
    answersPerItem: true,
    authorise({ headers }) {
      const given = typeof headers.authorization === 'string' ? bearer.exec(headers.authorization)?.[1] : undefined
      return given !== undefined && equalSecrets(given, config.token)
    },
    recordKey,
    split({ rawBody, contentType }) {
      const layout = /ndjson|jsonl/i.test(contentType) ? 'lines' : detectLayout(rawBody)
      return splitRecords(rawBody, layout, recordKey).map((raw) => ({ raw, eventId: null }))
    },
    decode({ raw }): DecodedEvent {
      const text = decodeUtf8(raw)
      const payload = toWasabiEvent(parseEventJson(lenient ? repairRecord(text) : text))
      return { tenant: '', externalId: payload.ticketId, payload, echoOf: null }
    },
    reduce: (event, context) => reduce(event.payload as WasabiEvent, context, source),
  }
}

/** The latest snapshot wins; of two with the same time, the one that arrived later (DECISION-26). */
function reduce(event: WasabiEvent, context: ReduceContext, source: SourceInfo): ReduceResult {
  const before = context.ticket
  const known = before?.updatedAt ?? ''
  if (event.updatedAt < known || (event.updatedAt === known && isOvertaken(context))) {
    return { outcome: 'UNCHANGED', why: 'SUPERSEDED', state: context.state }
  }
  const ticket = toTicket(event, { source, tenant: '', observedAt: context.receivedAt })
  if (before && isSameTicket(before, ticket)) return { outcome: 'UNCHANGED', why: 'DUPLICATE', state: context.state }
  const kind = before === null ? 'CREATED' : kindOf(before, ticket)
  const hasAssumedUtc = event.assumedUtc.length > 0
  const note = hasAssumedUtc ? `times without an offset, read as UTC: ${event.assumedUtc.join(', ')}` : null
  const state = hasAssumedUtc ? { assumedUtc: event.assumedUtc } : null
  return { outcome: 'APPLIED', ticket, state, kind, actor: null, note, unknown: findUnknownFields(ticket) }
}
