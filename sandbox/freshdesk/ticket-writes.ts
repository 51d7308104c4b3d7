import type { Reply, Route } from '../simulator.ts'
import type { Call } from './endpoint.ts'
import { type FieldError, invalid, notFound, wrongMethod } from './errors.ts'
import { takeFiles } from './files.ts'
import { agents, emailConfigId } from './installation.ts'
import { findTicket, isRefusal, type ReadContext } from './read-routes.ts'
import type { Attachment, Ticket } from './records.ts'
import { withNextDue } from './service-levels.ts'
import type { FreshdeskState } from './state.ts'
import { statsAfterStatus } from './stats.ts'
import { readWishes, type Wishes } from './ticket-input.ts'
import { printTicket } from './wire.ts'

export interface WriteContext extends ReadContext {
  /** How long the account takes to work out what is due. */
  readonly slaDelayMs: number
}

/** Creating, changing, deleting and restoring tickets. */
export function ticketWrites(context: WriteContext): Route[] {
  const { endpoints, state } = context
  return [
    endpoints.on('POST', '/tickets', 'create', (call) => create(context, call), { endpoint: 'ticket-create' }),
    endpoints.on('PUT', '/tickets/:id', 'update', (call) => update(context, call), { endpoint: 'ticket-update' }),
    endpoints.on('DELETE', '/tickets/:id', 'delete', (call) => {
      const ticket = findWritable(state, call)
      if (isRefusal(ticket)) return ticket
      state.put({ ...ticket, deleted: true, updatedAt: call.now })
      return { status: 204 }
    }),
    endpoints.on('PUT', '/tickets/:id/restore', 'restore', (call) => {
      const ticket = findTicket(state, call)
      if (isRefusal(ticket)) return ticket
      if (!ticket.deleted) return notFound
      state.put({ ...ticket, deleted: false, updatedAt: call.now })
      return { status: 204 }
    }),
  ]
}

/** The ticket of the path, when it takes writes: a deleted one and spam do not. */
export function findWritable(state: FreshdeskState, call: Call): Ticket | Reply {
  const ticket = findTicket(state, call)
  if (isRefusal(ticket)) return ticket
  return ticket.deleted || ticket.spam ? wrongMethod(['GET']) : ticket
}

function create(context: WriteContext, call: Call): Reply {
  const { state } = context
  const wishes = readWishes(state, call.input, undefined)
  if (isFaults(wishes)) return invalid(...wishes)
  const attachments = takeFiles(state, call.input, undefined)
  if ('status' in attachments) return attachments
  const ticket = apply(context, emptyTicket(state, wishes), wishes, attachments)
  const headers = { location: `${call.origin}/api/v2/tickets/${ticket.id}` }
  return { status: 201, headers, body: printTicket(store(state, ticket, wishes), context.sceneOf(call)) }
}

function emptyTicket(state: FreshdeskState, { requesterId, companyId }: Wishes): Ticket {
  const now = state.now()
  const never = { agentRespondedAt: null, requesterRespondedAt: null, firstRespondedAt: null, reopenedAt: null }
  return {
    ...{ id: state.nextTicketId(), subject: null, description: '', status: 2, priority: 1, source: 2, type: null },
    ...{ requesterId: requesterId ?? agents[0]!.id, responderId: null, groupId: null, companyId: companyId ?? null },
    ...{ productId: null, emailConfigId: null, internalAgentId: null, internalGroupId: null, ccEmails: [], toEmails: null },
    ...{ spam: false, deleted: false, tags: [], customFields: {}, attachments: [], conversations: [], watcherIds: [] },
    ...{ ratings: [], parentId: null, trackerId: null, due: { by: null, firstBy: null }, nextDue: null },
    stats: { ...never, statusUpdatedAt: now, resolvedAt: null, closedAt: null, pendingSince: null },
    ...{ createdAt: now, updatedAt: now },
  }
}

function update(context: WriteContext, call: Call): Reply {
  const { state } = context
  const ticket = findWritable(state, call)
  if (isRefusal(ticket)) return ticket
  const changed = change(context, ticket, call)
  return 'refusal' in changed ? changed.refusal : { status: 200, body: printTicket(changed.ticket, context.sceneOf(call)) }
}

/** Changes a ticket as a call asks, or refuses all of it. */
export function change(
  context: WriteContext,
  ticket: Ticket,
  { input }: Pick<Call, 'input'>,
): { readonly ticket: Ticket } | { readonly refusal: Reply } {
  const { state } = context
  if (Object.keys(input.values).length === 0 && input.files.length === 0) {
    const message = 'Missing params in request body'
    return { refusal: { status: 400, body: { code: 'missing_params', message } } }
  }
  const wishes = readWishes(state, input, ticket)
  if (isFaults(wishes)) return { refusal: invalid(...wishes) }
  const attachments = takeFiles(state, input, ticket)
  if ('status' in attachments) return { refusal: attachments }
  return { ticket: store(state, apply(context, ticket, wishes, attachments), wishes) }
}

function isFaults(wishes: Wishes | readonly FieldError[]): wishes is readonly FieldError[] {
  return Array.isArray(wishes)
}

/** The ticket as wished. What is due follows some seconds later, unless the write names it. */
function apply(
  { state, slaDelayMs }: WriteContext,
  ticket: Ticket,
  { due, relatedIds: _, ...wishes }: Wishes,
  attachments: readonly Attachment[],
): Ticket {
  const now = state.now()
  const status = wishes.status ?? ticket.status
  const changed: Ticket = {
    ...ticket,
    ...wishes,
    emailConfigId: wishes.emailConfigId ?? (wishes.source === 1 ? emailConfigId : ticket.emailConfigId),
    attachments: [...ticket.attachments, ...attachments],
    stats: statsAfterStatus(ticket.stats, ticket, status, now),
    updatedAt: now,
  }
  return due === undefined ? withNextDue(changed, now, slaDelayMs) : { ...changed, due, nextDue: null }
}

/** Stores it, and makes it the tracker of the tickets that the write names. */
function store(state: FreshdeskState, ticket: Ticket, { relatedIds = [] }: Wishes): Ticket {
  const stored = state.put(ticket)
  for (const id of relatedIds) {
    const related = state.ticket(id)
    if (related) state.put({ ...related, trackerId: stored.id, updatedAt: state.now() })
  }
  return stored
}
