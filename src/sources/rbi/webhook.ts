import { createHash, createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { kindOf } from '../../domain/change-description.ts'
import { toKeyBytes } from '../../domain/config-values.ts'
import type { Instant } from '../../domain/instant.ts'
import { withFields } from '../../domain/ticket-view.ts'
import { decodeUtf8, parseEventJson } from '../parse-event-json.ts'
import type { SourceInfo } from '../source.ts'
import {
  type DecodedEvent,
  type EchoMark,
  equalSecrets,
  isOvertaken,
  type ReduceContext,
  type ReduceResult,
  type WebhookHandler,
  type WebhookRequest,
} from '../webhook-handler.ts'
import type { RbiConfig } from './config.ts'
import { type RbiTicket, toEchoFingerprint, toExternalId, toRbiTicket } from './decode.ts'
import { toTicket } from './mapping.ts'

/** Stored beside the ticket as JSON: the time of the event that the ticket shows. */
interface RbiState {
  readonly eventAt: Instant
}

export interface RbiWebhookDeps {
  readonly source: SourceInfo
  readonly config: RbiConfig
}

/** Receives the webhooks of the guest-ticketing middleware: tickets that partners raise, and echoes of our own (RBI-06). */
export function createRbiWebhookHandler({ source, config }: RbiWebhookDeps): WebhookHandler {
  const key = toKeyBytes(config.secret)
  return {
    source,
    duplicateWindowMs: null,
    answersPerItem: false,
    authorise: (request) => key !== null && isSigned(request, key),
    split({ rawBody, headers }) {
      const eventId = headers['webhook-id']
      return [{ raw: rawBody, eventId: typeof eventId === 'string' && eventId !== '' ? toEventId(eventId) : null }]
    },
    decode({ raw, eventId }): DecodedEvent {
      const payload = toRbiTicket(parseEventJson(decodeUtf8(raw)))
      return { tenant: '', externalId: toExternalId(payload, eventId), payload, echoOf: toEchoMark(payload) }
    },
    reduce: (event, context) => reduce(event.externalId, event.payload as RbiTicket, context, source),
  }
}

/** `x-signature` is the hex HMAC-SHA256 of the raw body (RBI-07). */
function isSigned({ headers, rawBody }: WebhookRequest, key: Buffer): boolean {
  const given = headers['x-signature']
  if (typeof given !== 'string') return false
  return equalSecrets(given.toLowerCase(), createHmac('sha256', key).update(rawBody).digest('hex'))
}

/** A long id becomes its hash: cut off, two ids could become one. */
function toEventId(given: string): string {
  return given.length <= 256 ? given : `sha256:${createHash('sha256').update(given).digest('hex')}`
}

function toEchoMark(ticket: RbiTicket): EchoMark {
  if (ticket.id !== null) return { by: 'id', externalId: ticket.id }
  return { by: 'fingerprint', fingerprint: toEchoFingerprint(ticket) }
}

/** Events are snapshots and the latest wins. An event without a time counts as of its arrival. */
function reduce(externalId: string, event: RbiTicket, context: ReduceContext, source: SourceInfo): ReduceResult {
  const { receivedAt, ticket: before } = context
  const state = context.state as RbiState | null
  const eventAt = event.sentAt ?? event.createdAt ?? receivedAt
  const isOlder = state !== null && (eventAt < state.eventAt || (eventAt === state.eventAt && isOvertaken(context)))
  if (isOlder) return { outcome: 'UNCHANGED', why: 'SUPERSEDED', state }
  const snapshot = toTicket(event, externalId, { source, tenant: '', observedAt: receivedAt }, eventAt)
  if (before && isDeepStrictEqual(before.raw, snapshot.raw)) return { outcome: 'UNCHANGED', why: 'DUPLICATE', state }
  const createdAt = event.createdAt ?? before?.createdAt ?? snapshot.createdAt
  const ticket = withFields(snapshot, { createdAt, routing: before?.routing ?? null })
  const kind = before === null ? 'CREATED' : kindOf(before, ticket)
  const actor = { kind: 'PARTNER', externalId: null, name: null } as const
  const unknown = ticket.channel === 'UNKNOWN' ? ['channel'] : []
  return { outcome: 'APPLIED', ticket, state: { eventAt }, kind, actor, unknown }
}
