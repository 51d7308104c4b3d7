import { createHash } from 'node:crypto'
import { type Call, withoutCache } from '../../domain/call.ts'
import { type EntityRef, encodeId } from '../../domain/ids.ts'
import {
  type CloseTicket,
  type CreateTicket,
  outcomeUnknown,
  type ReassignTicket,
  type ReopenTicket,
  type ReplyToTicket,
  rejected,
  type TransferTicket,
  type UpdateTicket,
  type UserError,
  type WriteResult,
} from '../../domain/writes.ts'
import { toId, toJsonInteger, toRecord } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import {
  concludeFound,
  concludeWishes,
  createVerified,
  isSameText,
  type States,
  type VerifiedWrite,
  writeVerified,
} from '../verified-write.ts'
import {
  type Body,
  join,
  type PreparedTicket,
  toCommonParts,
  toGroupPart,
  toPart,
  toStatusPart,
  toTagsPart,
  toUploads,
} from './changes.ts'
import { isZendeskId, toZendeskRecord, type ZendeskCategory, type ZendeskTicket } from './decode.ts'
import type { Zendesk } from './index.ts'
import { readAgents, readTables } from './lookups.ts'
import { readThread, readTicket, withThread } from './queries.ts'
import { closedForGood, send, toRefusalOf, withWarning } from './send.ts'

// Zendesk answers 200 to a change of which it has dropped a key (ZENDESK-12), so that every change is verified by the ticket afterwards.

type Prepare = (before: ZendeskTicket, fresh: Call) => PreparedTicket | Promise<PreparedTicket>

/** `PUT /tickets/{id}`, and its tags by calls of their own. */
function change(zendesk: Zendesk, ref: EntityRef, operation: string, prepare: Prepare, call: Call): Promise<WriteResult> {
  let answer: Answer | undefined
  const write = toWrite(zendesk, ref, operation, prepare, call)
  const toRefusal = (given: Answer) => {
    answer = given
    return write.toRefusal(given)
  }
  const conclude = ({ before, after, wishes }: States<ZendeskTicket>): WriteResult => {
    const record = toZendeskRecord(toRecord(answer?.body)?.ticket)
    const answered = record?.id === before.id ? { ...before, ...record } : null
    // Another writer may have changed a value since: what the answer shows was done.
    const shown = wishes.map((wish) => ({ ...wish, isLogged: () => answered !== null && wish.isMet(answered) }))
    return withWarning(zendesk, ref, concludeWishes(write)({ before, after, wishes: shown }), answer)
  }
  return writeVerified({ ...write, toRefusal, conclude }, call)
}

function toWrite(
  zendesk: Zendesk,
  ref: EntityRef,
  operation: string,
  prepare: Prepare,
  call: Call,
): VerifiedWrite<ZendeskTicket, Body> {
  const { label } = zendesk.info
  return {
    ref,
    label,
    read: (fresh) => readTicket(zendesk, ref.externalId, fresh),
    prepare(before, fresh) {
      if (before.status === 'closed') return closedForGood(label)
      return before.status === 'deleted' ? rejected('NOT_FOUND', `${label} has deleted this ticket.`) : prepare(before, fresh)
    },
    send: (body) => send(zendesk, ref, operation, body, call),
    toRefusal: (answer) => toRefusalOf(zendesk, ref, answer),
    toTicket: (ticket) => zendesk.toTicket(ticket, zendesk.origin(), true),
  }
}

/** Says always whether the comment is public (ZENDESK-07), and reads it back. */
export function replyToTicket(zendesk: Zendesk, ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult> {
  const { info, config } = zendesk
  const { format = null, body, attachments } = input
  const isPublic = input.visibility === 'PUBLIC'
  let answer: Answer | undefined
  const prepare = (): PreparedTicket => {
    if (format !== null && format !== 'TEXT' && format !== 'HTML')
      return rejected('NOT_SUPPORTED', `${info.label} takes TEXT and HTML.`, ['input', 'format'])
    const text = format === 'HTML' ? { html_body: body } : { body }
    return { body: { fields: { comment: { ...text, public: isPublic, ...toUploads(attachments) } } }, wishes: [] }
  }
  const write = toWrite(zendesk, ref, isPublic ? 'reply' : 'note', prepare, call)
  return writeVerified(
    {
      ...write,
      async read(fresh) {
        const thread = answer === undefined ? null : readThread(zendesk, ref.externalId, fresh)
        const [ticket, comments] = await Promise.all([write.read(fresh), thread])
        return ticket && withThread(ticket, comments)
      },
      toRefusal(given) {
        answer = given
        return write.toRefusal(given)
      },
      conclude({ after }) {
        const auditId = toId(toRecord(toRecord(answer?.body)?.audit)?.id)
        if (auditId === null || after.comments === null) return outcomeUnknown(ref)
        const comment = after.comments.find((one) => one.auditId === auditId)
        const id = encodeId('message', info.key, config.tenant, `${after.id}#${comment?.id}`)
        const complete = zendesk.toTicket(after, zendesk.origin(), false)
        const message = complete.messages?.find((one) => one.id === id)
        const lost = (attachments ?? []).flatMap(({ filename }, index): UserError[] => {
          if (comment?.attachments.some((file) => file.filename === filename)) return []
          const place = ['input', 'attachments', String(index)]
          return [{ code: 'SOURCE_REJECTED', message: `${info.label} wrote the message without this file.`, field: place }]
        })
        const result = concludeFound(message, write.toTicket(after), lost, { ref, label: info.label, input })
        return message ? { ...withWarning(zendesk, ref, result, answer), message } : result
      },
    },
    call,
  )
}

export function updateTicket(zendesk: Zendesk, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const prepare = (before: ZendeskTicket): PreparedTicket => {
    const { ifUpdatedAt = null } = input
    if (ifUpdatedAt !== null && (before.updatedAt ?? '') > ifUpdatedAt)
      return rejected('CONFLICT', 'The ticket was changed after this time.', ['input', 'ifUpdatedAt'])
    const parts = [
      ...toCommonParts(zendesk, before.fields, input),
      toStatusPart(zendesk, before, input),
      toTagsPart(before, input),
    ]
    const prepared = join(parts)
    if (!('body' in prepared) || ifUpdatedAt === null) return prepared
    // Zendesk compares the time itself, and answers 409 where the ticket was changed since it was read (ZENDESK-06).
    return { ...prepared, body: { ...prepared.body, stamp: before.updatedStamp } }
  }
  return change(zendesk, ref, 'update', prepare, call)
}

/** An agent ends a ticket by `solved`. Zendesk closes it later by itself (ZENDESK-09). */
export function closeTicket(zendesk: Zendesk, ref: EntityRef, _: CloseTicket, call: Call): Promise<WriteResult> {
  return setStatus(zendesk, ref, 'close', 'solved', (status) => status !== 'solved', call)
}

export function reopenTicket(zendesk: Zendesk, ref: EntityRef, _: ReopenTicket, call: Call): Promise<WriteResult> {
  return setStatus(zendesk, ref, 'reopen', 'open', (status) => status === 'solved', call)
}

function setStatus(
  zendesk: Zendesk,
  ref: EntityRef,
  operation: string,
  wanted: ZendeskCategory,
  isAllowed: (status: string | null) => boolean,
  call: Call,
): Promise<WriteResult> {
  const prepare = ({ status }: ZendeskTicket): PreparedTicket => {
    if (isAllowed(status)) return toPart({ status: wanted }, (after) => after.status === wanted)
    return rejected('CONFLICT', `${zendesk.info.label} says that the ticket's present state does not allow this.`)
  }
  return change(zendesk, ref, operation, prepare, call)
}

/** An agent by id, e-mail address or name; a group by id. */
export function reassignTicket(zendesk: Zendesk, ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult> {
  const { group = null, unassign } = input
  const wanted = (input.assignee ?? '').trim().toLowerCase()
  const prepare = async (_: ZendeskTicket, fresh: Call): Promise<PreparedTicket> => {
    if (unassign) return toPart({ assignee_id: null }, ({ assigneeId }) => assigneeId === null, 'unassign')
    if (group) return toGroupPart(zendesk, group, 'group')
    const found = isZendeskId(wanted)
      ? [wanted]
      : (await readAgents(zendesk, fresh))
          .filter(({ name, email }) => [name, email].some((one) => one?.toLowerCase() === wanted))
          .map(({ id }) => id)
    const [id] = found
    if (id === undefined) return rejected('INVALID', `${zendesk.info.label} has no such agent.`, ['input', 'assignee'])
    if (found.length > 1) return rejected('INVALID', 'Several agents have this name: use the id.', ['input', 'assignee'])
    return toPart({ assignee_id: toJsonInteger(id) }, ({ assigneeId }) => assigneeId === id, 'assignee')
  }
  return change(zendesk, ref, 'reassign', prepare, call)
}

/** A queue is a group. Zendesk takes the ticket from an agent who is not in it. */
export function transferTicket(zendesk: Zendesk, ref: EntityRef, { queue }: TransferTicket, call: Call): Promise<WriteResult> {
  return change(zendesk, ref, 'transfer', () => toGroupPart(zendesk, queue, 'queue'), call)
}

/** `POST /tickets`. The description is a public comment. */
export async function createTicket(zendesk: Zendesk, input: CreateTicket, call: Call): Promise<WriteResult> {
  const { info, config, upstream } = zendesk
  const {
    title = null,
    description = null,
    queue = null,
    type = null,
    tags,
    customer,
    idempotencyKey = null,
    attachments,
  } = input
  if (!title?.trim()) return rejected('REQUIRED', 'A ticket needs a title.', ['input', 'title'])
  if (!description?.trim()) return rejected('REQUIRED', 'A ticket needs a description.', ['input', 'description'])
  const { externalId: customerId = null, email = null, name = null } = customer ?? {}
  let answer: Answer | undefined
  const prepare = async (): Promise<PreparedTicket> => {
    const { fields } = await readTables(zendesk, call)
    const requester = customerId
      ? { requester_id: isZendeskId(customerId) ? toJsonInteger(customerId) : customerId }
      : { requester: { name: name ?? email, email } }
    const isRequester = ({ requesterId, users }: ZendeskTicket) =>
      customerId ? requesterId === customerId : users.get(requesterId ?? '')?.email?.toLowerCase() === email?.toLowerCase()
    const isDescribed = (after: ZendeskTicket) => isSameText(after.description, description)
    const comment = { body: description, public: true, ...toUploads(attachments) }
    const lowerTags = tags?.map((tag) => tag.toLowerCase()) ?? []
    return join([
      ...toCommonParts(zendesk, fields, input),
      toPart({ comment }, isDescribed, 'description'),
      queue === null ? null : toGroupPart(zendesk, queue, 'queue'),
      type === null ? null : toPart({ type }, (after) => after.type === type, 'type'),
      customerId || email ? toPart(requester, isRequester, 'customer') : null,
      lowerTags.length > 0
        ? toPart({ tags: lowerTags }, (after) => lowerTags.every((tag) => after.tags.includes(tag)), 'tags')
        : null,
    ])
  }
  const result = await createVerified<ZendeskTicket, Body>({
    label: info.label,
    prepare,
    send: ({ fields }) =>
      upstream.write(
        {
          ...{ operation: 'create', method: 'POST', path: '/api/v2/tickets', body: { ticket: fields } },
          ...(idempotencyKey !== null && { headers: { 'idempotency-key': toVendorKey(call, idempotencyKey) } }),
        },
        call,
      ),
    toRefusal(given) {
      answer = given
      return toRefusalOf(zendesk, null, given)
    },
    toCreated: ({ body }) => {
      const record = toZendeskRecord(toRecord(body)?.ticket)
      const nothing = { users: new Map(), groups: new Map(), organizations: new Map(), statuses: [], fields: [] }
      return record && { ...record, ...nothing, comments: null, incidentIds: [] }
    },
    refOf: ({ id }) => ({ kind: 'ticket', sourceKey: info.key, tenant: config.tenant, externalId: id }),
    readAgain: ({ id }) => readTicket(zendesk, id, withoutCache(call)),
  })
  return result.ref ? withWarning(zendesk, result.ref, result, answer) : result
}

/** Keys are the viewers' own: two of them may choose the same one. */
function toVendorKey({ viewer }: Call, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([viewer.id, key]))
    .digest('hex')
}
