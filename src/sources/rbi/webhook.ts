import { createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Instant } from '../../domain/instant.ts'
import { submissionFingerprint } from '../../domain/submission.ts'
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
import { type RbiTicket, toRbiTicket } from './decode.ts'
import { toExternalId } from './external-id.ts'
import { toTicket } from './mapping.ts'

/** What is remembered beside the ticket: the time of the event that it shows. */
interface RbiState {
  readonly eventAt: Instant
}

/** A secret behind `whsec_` is base64, any other its UTF-8 bytes; the same as for what we send. */
function toKey(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8')
}

/** `x-signature`: HMAC-SHA256 of the raw body, in hex. */
function isSigned({ headers, rawBody }: WebhookRequest, key: Buffer): boolean {
  const given = headers['x-signature']
  if (typeof given !== 'string') return false
  return equalSecrets(given.toLowerCase(), createHmac('sha256', key).update(rawBody).digest('hex'))
}

function toEchoMark(ticket: RbiTicket): EchoMark {
  if (ticket.id !== null) return { by: 'id', externalId: ticket.id }
  const { category, subcategory, comments, store, order } = ticket
  const fingerprint = submissionFingerprint({
    category,
    subcategory,
    comments,
    storeId: store?.id ?? null,
    orderId: order?.id ?? null,
  })
  return { by: 'fingerprint', fingerprint }
}

/** The webhooks of the guest-ticketing middleware: tickets that partners raise, and echoes of our own. */
export function createRbiWebhookHandler({
  source,
  config,
}: {
  readonly source: SourceInfo
  readonly config: RbiConfig
}): WebhookHandler {
  const key = toKey(config.secret)
  return {
    source,
    duplicateWindowMs: null,
    answersPerItem: false,
    authorise: (request) => isSigned(request, key),
    split({ rawBody, headers }) {
      const eventId = headers['webhook-id']
      return [{ raw: rawBody, eventId: typeof eventId === 'string' && eventId !== '' ? eventId.slice(0, 256) : null }]
    },
    decode({ raw, eventId }): DecodedEvent {
      const payload = toRbiTicket(parseEventJson(decodeUtf8(raw)))
      return { tenant: '', externalId: toExternalId(payload, eventId), payload, echoOf: toEchoMark(payload) }
    },
    reduce: (event, context) => reduce(event.externalId, event.payload as RbiTicket, context, source),
  }
}

/** Snapshots: the latest counts; one without a time of its own counts as of when it came. */
function reduce(externalId: string, event: RbiTicket, context: ReduceContext, source: SourceInfo): ReduceResult {
  const { receivedAt, ticket: before } = context
  const state = context.state as RbiState | null
  const eventAt = event.sentAt ?? event.createdAt ?? receivedAt
  const isOlder = state !== null && (eventAt < state.eventAt || (eventAt === state.eventAt && isOvertaken(context)))
  if (isOlder) return { outcome: 'UNCHANGED', why: 'SUPERSEDED', state }
  const ticket = toTicket(event, externalId, { source, tenant: '', observedAt: receivedAt }, eventAt)
  if (before && isDeepStrictEqual(before.raw, ticket.raw)) return { outcome: 'UNCHANGED', why: 'DUPLICATE', state }
  const createdAt = before?.createdAt ?? ticket.createdAt
  const kept = { ...ticket, createdAt: event.createdAt ?? createdAt, routing: before?.routing ?? null }
  const kind = before === null ? 'CREATED' : 'UPDATED'
  const summary = before === null ? 'A partner raised it.' : 'A partner changed it.'
  const actor = { kind: 'PARTNER', id: null, name: null } as const
  const unknown = kept.channel === 'UNKNOWN' ? ['channel'] : []
  return { outcome: 'APPLIED', ticket: kept, state: { eventAt }, kind, actor, summary, unknown }
}
