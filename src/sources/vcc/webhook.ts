import { kindOf } from '../../domain/change-description.ts'
import type { TicketEventKind } from '../../domain/events.ts'
import type { Actor, Ticket } from '../../domain/ticket.ts'
import { isSameTicket } from '../mapped-ticket.ts'
import { decodeUtf8, parseEventJson } from '../parse-event-json.ts'
import type { SourceInfo } from '../source.ts'
import {
  type DecodedEvent,
  equalQuerySecrets,
  isOvertaken,
  type ReduceContext,
  type ReduceResult,
  type WebhookHandler,
} from '../webhook-handler.ts'
import type { VccConfig } from './config.ts'
import { toVccEvent, type VccEvent } from './decode.ts'
import { findUnknownFields, toTicket } from './mapping.ts'
import { emptyState, reduceState, type VccState } from './state.ts'

export interface VccWebhookDeps {
  readonly source: SourceInfo
  readonly config: VccConfig
}

/** VCC Live's webhook. Its events have no id: the same body within a minute is one event (VCC-10). */
export function createVccWebhookHandler({ source, config }: VccWebhookDeps): WebhookHandler {
  return {
    source,
    duplicateWindowMs: 60_000,
    answersPerItem: false,
    authorise({ query }) {
      const given = query['secret-key']
      return typeof given === 'string' && equalQuerySecrets(given, config.secret)
    },
    split: ({ rawBody }) => [{ raw: rawBody, eventId: null }],
    decode({ raw }): DecodedEvent {
      const payload = toVccEvent(parseEventJson(decodeUtf8(raw)))
      return { tenant: config.account, externalId: `${payload.projectId}-${payload.ticketId}`, payload, echoOf: null }
    },
    reduce: (event, context) => reduce(event.payload as VccEvent, context, source, config.account),
  }
}

function reduce(event: VccEvent, context: ReduceContext, source: SourceInfo, tenant: string): ReduceResult {
  const before = (context.state as VccState | null) ?? emptyState
  const state = reduceState(before, event, context)
  const updatedAt = isOvertaken(context) && context.ticket ? context.ticket.freshness.observedAt : context.receivedAt
  const ticket = toTicket(state, event, { source, tenant, observedAt: updatedAt }, updatedAt)
  if (context.ticket && isSameTicket(context.ticket, ticket, { updatedAt: null }))
    return { outcome: 'UNCHANGED', why: 'SUPERSEDED', state }
  const kind = toKind(event, before, context.ticket, ticket)
  return { outcome: 'APPLIED', ticket, state, kind, actor: toActor(event), unknown: findUnknownFields(event) }
}

function toKind(event: VccEvent, state: VccState, before: Ticket | null, after: Ticket): TicketEventKind {
  if (event.action === 'delete') return 'DELETED'
  // An add that arrives after its delete, or a second time, creates nothing.
  if (event.action === 'add') return state.add || after.deletedAt ? 'UPDATED' : 'CREATED'
  return kindOf(before, after)
}

/** `userId` is the user who made the change, not the assignee (VCC-08). */
function toActor({ fields }: VccEvent): Actor | null {
  const { userId } = fields
  return typeof userId === 'number' || typeof userId === 'string'
    ? { kind: 'AGENT', externalId: String(userId), name: null }
    : null
}
