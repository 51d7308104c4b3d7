import type { Reply, Route } from '../simulator.ts'
import { toIsoSeconds } from '../times.ts'
import { asObject, type Call } from './endpoint.ts'
import { forbidden, invalidRecord, noRecord, refused } from './errors.ts'
import { newUser } from './generate.ts'
import { createIdempotency } from './idempotency.ts'
import { brands, forms } from './installation.ts'
import { toId } from './json.ts'
import { findTicket, isReply, printTickets, type ReadContext } from './read-routes.ts'
import type { Comment, Ticket, User } from './records.ts'
import { applyWishes, commit, toEvent } from './ticket-changes.ts'
import { type Action, defaultStatus, readInput } from './ticket-input.ts'
import type { Uploads } from './uploads.ts'
import { printAudit } from './wire.ts'

export interface WriteContext extends ReadContext {
  readonly uploads: Uploads
  /** How many comments a ticket has at most. */
  readonly maxComments: number
}

/** Creating, changing and deleting one ticket. */
export function writeRoutes(context: WriteContext): Route[] {
  const { state, endpoints } = context
  const idempotency = createIdempotency()
  const onTicket = (handle: (call: Call, ticket: Ticket) => Reply) => (call: Call) => {
    const found = findTicket(context, call)
    return isReply(found) ? found : handle(call, found)
  }
  return [
    endpoints.on('POST', '/tickets', 'create', (call) => idempotency.once(call, () => create(context, call))),
    endpoints.on(
      'PUT',
      '/tickets/:id',
      'update',
      onTicket((call, ticket) => {
        const done = update(context, call, ticket, asObject(call.body().ticket), 'update')
        return isReply(done.ticket) ? done.ticket : answer(context, call, 200, done.ticket, done.dropped)
      }),
      { limit: 'tickets-update' },
    ),
    endpoints.on(
      'DELETE',
      '/tickets/:id',
      'delete',
      onTicket((call, ticket) => {
        const deletion = { at: call.now, actorId: call.user.id, previous: ticket.status }
        state.put({ ...ticket, status: 'deleted', deletion, updatedAt: call.now, generatedAt: call.now }, call.user.id)
        return { status: 204 }
      }),
    ),
    endpoints.on(
      'PUT',
      '/tickets/:id/comments/:id/make_private',
      'make_private',
      onTicket((call, ticket) => {
        const comment = ticket.comments.find(({ id }) => id === toId(call.params[1]))
        if (!comment) return noRecord
        const comments = ticket.comments.map((one) => (one === comment ? { ...one, isPublic: false } : one))
        state.put({ ...ticket, comments, updatedAt: call.now, generatedAt: call.now }, call.user.id)
        return { status: 200, body: '' }
      }),
    ),
  ]
}

/** The written ticket, with the audit of the write. */
function answer(context: WriteContext, call: Call, status: number, ticket: Ticket, dropped: readonly string[]): Reply {
  const { tickets } = printTickets(context, call, 'tickets', [ticket])
  const audit = ticket.audits.at(-1)
  const warning = `Removed restricted keys ${JSON.stringify(dropped.map((key) => `ticket.${key}`))} from parameters according to whitelist`
  return {
    status,
    headers: {
      ...(dropped.length > 0 && { 'x-zendesk-api-warn': warning }),
      ...(status === 201 && { location: `${call.origin}/api/v2/tickets/${ticket.id}.json` }),
    },
    body: { ticket: (tickets as readonly unknown[])[0], audit: audit && printAudit(ticket.id, audit) },
  }
}

/** Changes a ticket as `sent` says. The `ticket` is the refusal when nothing was changed. */
export function update(
  context: WriteContext,
  call: Pick<Call, 'user' | 'now'>,
  ticket: Ticket,
  sent: Readonly<Record<string, unknown>>,
  action: Action,
): { readonly ticket: Ticket | Reply; readonly dropped: readonly string[] } {
  const { wishes, problems, dropped } = readInput(context.state, sent, ticket, action)
  const refusal =
    findStale(sent, ticket) ?? findClosed(ticket) ?? (Object.keys(problems).length > 0 ? invalidRecord(problems) : undefined)
  if (refusal) return { ticket: refusal, dropped }
  const comment = sent.comment === undefined ? null : readComment(context, call, asObject(sent.comment), ticket)
  if (comment !== null && 'status' in comment) return { ticket: comment, dropped }
  const tags = [
    ...(wishes.tags ?? ticket.tags),
    ...(action === 'update_many' ? [sent.additional_tags ?? []].flat().map(String) : []),
  ]
  const removed = new Set(action === 'update_many' ? [sent.remove_tags ?? []].flat().map(String) : [])
  const isTagged = action === 'update_many' && (sent.additional_tags !== undefined || removed.size > 0)
  const all = { ...wishes, ...(isTagged && { tags: tags.filter((tag) => !removed.has(tag)) }) }
  return { ticket: commit(context.state, ticket, applyWishes(ticket, all, call.user), comment, call.user), dropped }
}

/** Nothing about a closed ticket can be changed. */
export function findClosed({ status }: Ticket): Reply | undefined {
  return status === 'closed' ? invalidRecord({ status: [{ description: 'Status: closed prevents ticket update' }] }) : undefined
}

/** `safe_update` with any value, false too, wants the ticket to be as old as `updated_stamp` says. The stamp has whole seconds. */
export function findStale(
  { safe_update: safe, updated_stamp: stamp }: Readonly<Record<string, unknown>>,
  ticket: Ticket,
): Reply | undefined {
  if (safe === undefined || safe === null) return undefined
  if (typeof stamp !== 'string') return refused(400, 'BadRequest', 'updated_stamp is missing')
  return Date.parse(stamp) >= Date.parse(toIsoSeconds(ticket.updatedAt))
    ? undefined
    : refused(
        409,
        'UpdateConflict',
        'Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket data and try again.',
      )
}

/** A comment to add, or the refusal. Without `public` it is as public as the first comment of the ticket. */
function readComment(
  { state, uploads, maxComments }: WriteContext,
  { user, now }: Pick<Call, 'user' | 'now'>,
  sent: Readonly<Record<string, unknown>>,
  ticket: Pick<Ticket, 'comments' | 'channel'>,
): Comment | Reply {
  const html = typeof sent.html_body === 'string' && sent.html_body.trim() !== '' ? sent.html_body : null
  const body = html === null ? (typeof sent.body === 'string' ? sent.body : '') : toPlain(html)
  if (body.trim() === '') return invalidRecord({ base: [{ description: 'Comment: cannot be blank', error: 'BlankValue' }] })
  if (ticket.comments.length >= maxComments) {
    return invalidRecord({
      base: [{ description: `Ticket has reached the limit of ${maxComments} comments`, error: 'TooManyComments' }],
    })
  }
  const tokens = [sent.uploads ?? sent.upload ?? []].flat().map(String)
  const attachments = uploads.take(tokens, now)
  if (attachments === null)
    return invalidRecord({ base: [{ description: 'Upload: token is invalid or expired', error: 'InvalidValue' }] })
  const inherited = ticket.comments[0]?.isPublic ?? true
  const isWished = user.role === 'end-user' || (typeof sent.public === 'boolean' ? sent.public : inherited)
  // A light agent's comment is private, and the answer does not say so.
  const isPublic = isWished && !user.isLight
  const authorId = state.user(toId(sent.author_id) ?? 0n)?.id ?? user.id
  return {
    ...{ id: state.nextId(), auditId: state.nextId(), authorId, body, html, isPublic, channel: 'api', attachments, at: now },
  }
}

function toPlain(html: string): string {
  const text = html
    .replace(/<br\s*\/?>/g, '\n')
    .replace(/<\/p>\s*<p[^>]*>/g, '\n\n')
    .replace(/<[^>]+>/g, '')
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&').trim()
}

function create(context: WriteContext, call: Call): Reply {
  const { state } = context
  const sent = asObject(call.body().ticket)
  const requester = readRequester(context, call, sent)
  if ('status' in requester) return requester
  const source = sent.via_followup_source_id === undefined ? null : state.ticket(toId(sent.via_followup_source_id) ?? 0n)
  if (source === undefined || (source !== null && source.status !== 'closed')) {
    return invalidRecord({ base: [{ description: 'Follow-up: the source ticket is not closed', error: 'InvalidValue' }] })
  }
  // The requester is the submitter too, unless the call names one. The submitter writes the first comment.
  const submitter = state.user(toId(sent.submitter_id) ?? 0n) ?? requester
  const blank = blankTicket(call, requester, submitter, source)
  const { wishes, problems, dropped } = readInput(state, sent, blank, 'create')
  if (Object.keys(problems).length > 0) return invalidRecord(problems)
  const isDescribed = sent.comment === undefined && typeof sent.description === 'string'
  const opening = isDescribed
    ? { body: sent.description }
    : typeof sent.comment === 'string'
      ? { body: sent.comment }
      : asObject(sent.comment)
  const comment = readComment(context, { user: call.user, now: call.now }, { author_id: submitter.id, ...opening }, blank)
  if ('status' in comment) return invalidRecord({ base: [{ description: 'Description: cannot be blank', error: 'BlankValue' }] })
  const wished = applyWishes(blank, wishes, call.user)
  const subject = wished.subject === '' ? comment.body.slice(0, 80) : wished.subject
  const events = [toEvent(comment), { id: state.nextId(), type: 'Create', field_name: 'subject', value: subject }]
  const audit = { id: comment.auditId, authorId: call.user.id, channel: 'api', at: call.now, events }
  const ticket = { ...wished, id: state.nextTicketId(), subject, comments: [comment], audits: [audit] }
  state.put(ticket, call.user.id)
  if (source) state.put({ ...source, followupIds: [...source.followupIds, ticket.id], generatedAt: call.now }, call.user.id)
  return answer(context, call, 201, ticket, dropped)
}

/** A follow-up begins with the fields and tags of the ticket that it follows. */
function blankTicket({ now }: Call, requester: User, submitter: User, source: Ticket | null): Ticket {
  return {
    ...{ id: 0n, externalId: null, subject: '', status: 'new', customStatusId: defaultStatus('new'), priority: null, type: null },
    ...{
      requesterId: requester.id,
      submitterId: submitter.id,
      assigneeId: null,
      groupId: null,
      organizationId: requester.organizationId,
    },
    ...{ brandId: source?.brandId ?? brands[0]!.id, formId: source?.formId ?? forms[0]!.id, channel: 'api', recipient: null },
    ...{ tags: source?.tags ?? [], fields: source?.fields ?? {}, problemId: null, followupSourceId: source?.id ?? null },
    ...{ followupIds: [], followerIds: [], emailCcIds: [], dueAt: null, satisfaction: null, isArchived: false, deletion: null },
    ...{ createdAt: now, updatedAt: now, generatedAt: now, comments: [], audits: [] },
  }
}

/** The requester: by id, by address (a new one becomes a user), or the caller. */
function readRequester({ state }: WriteContext, { user }: Call, sent: Readonly<Record<string, unknown>>): User | Reply {
  const id = toId(sent.requester_id)
  if (id !== undefined) return state.user(id) ?? invalidRecord({ requester: [{ description: 'Requester: is invalid' }] })
  if (sent.requester === undefined) return user
  if (user.role === 'end-user') return forbidden
  const { name, email } = asObject(sent.requester)
  const known = typeof email === 'string' ? state.userByEmail(email) : undefined
  if (known) return known
  if (typeof name !== 'string' || name.trim() === '') {
    return invalidRecord({ requester: [{ description: 'Requester: Name: is too short (minimum is 1 characters)' }] })
  }
  return state.putUser(newUser(state, name, typeof email === 'string' ? email : ''))
}
