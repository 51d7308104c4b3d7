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
  incomplete,
  join,
  type PreparedTicket,
  toAgentPart,
  toCommonParts,
  toGroupPart,
  toHtml,
  toPart,
  toStatusPart,
  toTagsPart,
} from './changes.ts'
import { type FreshdeskTables, type FreshdeskTicket, isFreshdeskId, toFreshdeskRecord } from './decode.ts'
import type { Freshdesk } from './index.ts'
import { readTables } from './lookups.ts'
import { closedId, isFixed, toMissingToClose } from './mapping.ts'
import { readThread, readTicket } from './queries.ts'
import { findTooLarge, toContent, toFixed, toRefusalOf } from './send.ts'

// Freshdesk answers a change with the ticket. Rules of the account may change it once more, so that it is read again.

type Prepare = (before: FreshdeskTicket, fresh: Call) => PreparedTicket | Promise<PreparedTicket>

/** `PUT /tickets/{id}`. */
function change(freshdesk: Freshdesk, ref: EntityRef, operation: string, prepare: Prepare, call: Call): Promise<WriteResult> {
  let answer: Answer | undefined
  const write = toWrite(freshdesk, ref, prepare, (body) =>
    freshdesk.upstream.write(
      { operation, method: 'PUT', path: `/api/v2/tickets/${ref.externalId}`, body, limits: ['update'] },
      call,
    ),
  )
  const toRefusal = (given: Answer) => {
    answer = given
    return write.toRefusal(given)
  }
  const conclude = ({ before, after, wishes }: States<FreshdeskTicket>): WriteResult => {
    const record = toFreshdeskRecord(answer?.body)
    const answered = record?.id === before.id ? { ...before, ...record } : null
    // A rule of the account may have changed a value since: what the answer shows was done.
    const shown = wishes.map((wish) => ({ ...wish, isLogged: () => answered !== null && wish.isMet(answered) }))
    return concludeWishes(write)({ before, after, wishes: shown })
  }
  return writeVerified({ ...write, toRefusal, conclude }, call)
}

function toWrite(
  freshdesk: Freshdesk,
  ref: EntityRef,
  prepare: Prepare,
  send: VerifiedWrite<FreshdeskTicket, Body>['send'],
): VerifiedWrite<FreshdeskTicket, Body> {
  const { label } = freshdesk.info
  let tables: FreshdeskTables | undefined
  return {
    ref,
    label,
    send,
    read: (fresh) => readTicket(freshdesk, ref.externalId, fresh),
    prepare(before, fresh) {
      tables = before.tables
      return isFixed(before) ? toFixed(label, before) : prepare(before, fresh)
    },
    toRefusal: (answer) => toRefusalOf(freshdesk, ref, tables, answer),
    toTicket: (ticket) => freshdesk.toTicket(ticket, freshdesk.origin(), true),
  }
}

/** A reply is mailed to the customer always. A note always says that it is private (FRESHDESK-09). Both are read back. */
export async function replyToTicket(
  freshdesk: Freshdesk,
  ref: EntityRef,
  input: ReplyToTicket,
  call: Call,
): Promise<WriteResult> {
  const { info, config, upstream } = freshdesk
  const { format = null, body } = input
  const files = input.attachments ?? []
  const isPublic = input.visibility === 'PUBLIC'
  let answer: Answer | undefined
  const prepare = ({ sourceId }: FreshdeskTicket): PreparedTicket => {
    if (format !== null && format !== 'TEXT' && format !== 'HTML')
      return rejected('NOT_SUPPORTED', `${info.label} takes TEXT and HTML.`, ['input', 'format'])
    const tooLarge = findTooLarge(info.label, files)
    if (tooLarge) return tooLarge
    const isChat = isPublic && sourceId === chatId && files.length === 0
    if (isChat && format === 'HTML') return rejected('NOT_SUPPORTED', `${info.label} takes TEXT in a chat.`, ['input', 'format'])
    const text = isChat ? toStructured(body) : { body: format === 'HTML' ? body : toHtml(body) }
    return { body: { ...text, ...(!isPublic && { private: true }) }, wishes: [] }
  }
  const path = `/api/v2/tickets/${ref.externalId}/${isPublic ? 'reply' : 'notes'}`
  const write = toWrite(freshdesk, ref, prepare, (given) =>
    upstream.write({ operation: isPublic ? 'reply' : 'note', method: 'POST', path, ...toContent(given, files) }, call),
  )
  return writeVerified(
    {
      ...write,
      async read(fresh) {
        const ticket = await write.read(fresh)
        return ticket && { ...ticket, conversations: answer === undefined ? null : await readThread(freshdesk, ticket, fresh) }
      },
      toRefusal(given) {
        answer = given
        return write.toRefusal(given)
      },
      conclude({ after }) {
        const id = toId(toRecord(answer?.body)?.id)
        if (id === null || after.conversations === null) return outcomeUnknown(ref)
        const written = after.conversations.find((one) => one.id === id)
        const globalId = encodeId('message', info.key, config.tenant, `${after.id}#${id}`)
        const complete = freshdesk.toTicket(after, freshdesk.origin(), false)
        const message = complete.messages?.find((one) => one.id === globalId)
        const lost = files.flatMap(({ filename }, index): UserError[] => {
          if (written?.attachments.some((file) => file.filename === filename)) return []
          const field = ['input', 'attachments', String(index)]
          return [{ code: 'SOURCE_REJECTED', message: `${info.label} wrote the message without this file.`, field }]
        })
        return concludeFound(message, write.toTicket(after), lost, { ref, label: info.label, input })
      },
    },
    call,
  )
}

/** Tickets of a chat take messages of parts (FRESHDESK-12). */
const chatId = '7'
function toStructured(text: string): Body {
  return { structured_body: { body_contents: [{ type: 'text', data: { content: text } }] } }
}

export function updateTicket(freshdesk: Freshdesk, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const prepare = (before: FreshdeskTicket): PreparedTicket => {
    const { ifUpdatedAt = null } = input
    // Freshdesk cannot compare: a change between this read and the write is not noticed.
    if (ifUpdatedAt !== null && (before.updatedAt ?? '') > ifUpdatedAt)
      return rejected('CONFLICT', 'The ticket was changed after this time.', ['input', 'ifUpdatedAt'])
    return join([
      ...toCommonParts(freshdesk, before.tables, input),
      toStatusPart(freshdesk, before, input),
      toTagsPart(before, input),
    ])
  }
  return change(freshdesk, ref, 'update', prepare, call)
}

export function closeTicket(freshdesk: Freshdesk, ref: EntityRef, _: CloseTicket, call: Call): Promise<WriteResult> {
  const prepare = (before: FreshdeskTicket): PreparedTicket => {
    if (before.statusId === closedId) return wrongState(freshdesk)
    const missing = toMissingToClose(before)
    return missing.length > 0 ? incomplete(freshdesk.info.label, missing, null) : toStatus(closedId)
  }
  return change(freshdesk, ref, 'close', prepare, call)
}

export function reopenTicket(freshdesk: Freshdesk, ref: EntityRef, _: ReopenTicket, call: Call): Promise<WriteResult> {
  const prepare = ({ statusId }: FreshdeskTicket) =>
    statusId === '4' || statusId === closedId ? toStatus('2') : wrongState(freshdesk)
  return change(freshdesk, ref, 'reopen', prepare, call)
}

function toStatus(id: string): PreparedTicket {
  return toPart({ status: Number(id) }, ({ statusId }) => statusId === id)
}

function wrongState({ info }: Freshdesk): WriteResult {
  return rejected('CONFLICT', `${info.label} says that the ticket's present state does not allow this.`)
}

/** An agent by id, e-mail address or name; a group by id. */
export function reassignTicket(freshdesk: Freshdesk, ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult> {
  const { assignee, group, unassign } = input
  const prepare = ({ tables }: FreshdeskTicket): PreparedTicket => {
    if (unassign) return toPart({ responder_id: null }, ({ agentId }) => agentId === null, 'unassign')
    return group ? toGroupPart(freshdesk, group, 'group') : toAgentPart(freshdesk, tables, assignee ?? '')
  }
  return change(freshdesk, ref, 'reassign', prepare, call)
}

/** A queue is a group. */
export function transferTicket(
  freshdesk: Freshdesk,
  ref: EntityRef,
  { queue }: TransferTicket,
  call: Call,
): Promise<WriteResult> {
  return change(freshdesk, ref, 'transfer', () => toGroupPart(freshdesk, queue, 'queue'), call)
}

/** `POST /tickets`, which needs a status, a priority and a requester. The times of its service levels come later (FRESHDESK-10). */
export async function createTicket(freshdesk: Freshdesk, input: CreateTicket, call: Call): Promise<WriteResult> {
  const { info, config, upstream } = freshdesk
  const { title = null, description = null, queue = null, type = null, tags } = input
  const files = input.attachments ?? []
  const { externalId: customerId = null, email = null, name = null } = input.customer ?? {}
  if (!title?.trim()) return rejected('REQUIRED', 'A ticket needs a title.', ['input', 'title'])
  if (!description?.trim()) return rejected('REQUIRED', 'A ticket needs a description.', ['input', 'description'])
  if (customerId === null && email === null)
    return rejected('REQUIRED', `${info.label} opens no ticket without a customer.`, ['input', 'customer'])
  if (customerId !== null && !isFreshdeskId(customerId))
    return rejected('INVALID', `${info.label} has no such customer.`, ['input', 'customer', 'externalId'])
  const tooLarge = findTooLarge(info.label, files)
  if (tooLarge) return tooLarge
  let tables: FreshdeskTables | undefined
  const prepare = async (): Promise<PreparedTicket> => {
    tables = await readTables(freshdesk, call)
    const requester =
      customerId === null ? { email, ...(name !== null && { name }) } : { requester_id: toJsonInteger(customerId) }
    const isRequester = ({ requesterId, requester: given }: FreshdeskTicket) =>
      customerId === null ? given?.email?.toLowerCase() === email?.toLowerCase() : requesterId === customerId
    const hasTags = (after: FreshdeskTicket) => tags?.every((tag) => after.tags.some((one) => isSameTag(one, tag))) === true
    return join([
      { body: { status: 2, priority: 1 }, wishes: [] },
      ...toCommonParts(freshdesk, tables, input),
      toPart(requester, isRequester, 'customer'),
      queue === null ? null : toGroupPart(freshdesk, queue, 'queue'),
      type === null ? null : toPart({ type }, (after) => after.type === type, 'type'),
      tags?.length ? toPart({ tags }, hasTags, 'tags') : null,
      ...files.map(({ filename }, index) => {
        const isMet = ({ attachments }: FreshdeskTicket) => attachments.some((file) => file.filename === filename)
        return toPart({}, isMet, 'attachments', String(index))
      }),
    ])
  }
  return createVerified<FreshdeskTicket, Body>({
    label: info.label,
    prepare,
    send: (body) =>
      upstream.write(
        { operation: 'create', method: 'POST', path: '/api/v2/tickets', limits: ['create'], ...toContent(body, files) },
        call,
      ),
    toRefusal: (answer) => toRefusalOf(freshdesk, null, tables, answer),
    toCreated: ({ body }) => {
      const record = toFreshdeskRecord(body)
      return record && tables ? { ...record, tables, conversations: null, associatedIds: [], isArchived: false } : null
    },
    refOf: ({ id }) => ({ kind: 'ticket', sourceKey: info.key, tenant: config.tenant, externalId: id }),
    readAgain: ({ id }) => readTicket(freshdesk, id, withoutCache(call), ['requester']),
  })
}

function isSameTag(one: string, other: string): boolean {
  return isSameText(one.toLowerCase(), other.toLowerCase())
}
