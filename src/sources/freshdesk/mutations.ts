import { type Call, withoutCache } from '../../domain/call.ts'
import { type EntityRef, encodeId } from '../../domain/ids.ts'
import {
  type AttachmentDraft,
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
import { toForm } from '../file-upload.ts'
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
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
import { type FreshdeskTables, type FreshdeskTicket, isFreshdeskId, toFreshdeskRecord, toProblems } from './decode.ts'
import type { Freshdesk } from './index.ts'
import { readTables } from './lookups.ts'
import { closedId, isFixed, toLevels, toMissingToClose } from './mapping.ts'
import { readThread, readTicket } from './queries.ts'

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

/** Freshdesk answers 405, or knows no such path (FRESHDESK-06, FRESHDESK-07). */
function toFixed(label: string, { isArchived, isDeleted }: Pick<FreshdeskTicket, 'isArchived' | 'isDeleted'>): WriteResult {
  if (isDeleted) return rejected('NOT_FOUND', `${label} has deleted this ticket.`)
  const state = isArchived ? 'has archived this ticket: open a new one in its place' : 'has this ticket among the spam'
  return rejected('CONFLICT', `${label} ${state}.`)
}

/** The fields of inputs by the names that Freshdesk gives in `errors`. */
const inputFields: Readonly<Record<string, string>> = {
  ...{ subject: 'title', description: 'description', priority: 'priority', status: 'status', tags: 'tags', body: 'body' },
  ...{ responder_id: 'assignee', group_id: 'group', type: 'type', ticket_type: 'type', 'attachments[]': 'attachments' },
  ...{ attachments: 'attachments', requester_id: 'customer', email: 'customer', name: 'customer' },
}

/** null: Freshdesk took the request, and the ticket tells what was done. The first field that it names is named (FRESHDESK-08). */
function toRefusalOf(
  { info }: Freshdesk,
  ref: EntityRef | null,
  tables: FreshdeskTables | undefined,
  answer: Answer,
): WriteResult | null {
  const { status, body } = answer
  const { label } = info
  if (status < 300) return null
  if (status === 405)
    return rejected('CONFLICT', `${label} takes no change of this ticket now: it is in the trash, or among the spam.`)
  const names = toProblems(body).map(({ field }) => field.replace(/^custom_fields[.[]/, '').replace(/\]$/, ''))
  const own = tables?.fields.flatMap(toLevels).find(({ name }) => names.includes(name))
  if (status === 400 && own) {
    const message = `${label} did not accept the value of "${own.label}" (${own.name}), or asks for one.`
    return rejected('INVALID', message, ['input', 'customFields'])
  }
  const name = names.map((one) => inputFields[one]).find((one) => one !== undefined)
  const toField = () => (name === undefined ? null : ['input', name])
  return toWriteResult({ ended: 'answered', answer }, { source: info, ref, toApplied: () => outcomeUnknown(ref), toField })
}

/** Freshdesk takes so many bytes for one ticket. */
const maxFileBytes = 20 * 1024 * 1024

/** A message or a ticket, as a form where it has files: Freshdesk takes a file only together with these. */
function toContent(body: Body, files: readonly AttachmentDraft[]) {
  if (files.length === 0) return { body }
  const toFields = (name: string, value: unknown): (readonly [string, string])[] => {
    if (Array.isArray(value)) return value.map((one) => [`${name}[]`, String(one)])
    const record = toRecord(value)
    const isRaw = record !== null && (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(record)
    if (record && !isRaw) return Object.entries(record).flatMap(([key, one]) => toFields(`${name}[${key}]`, one))
    return [[name, isRaw ? JSON.stringify(value) : String(value ?? '')]]
  }
  const fields = Object.entries(body).flatMap(([name, value]) => toFields(name, value))
  const parts = files.map(({ filename, contentType = null, size = null, open }) => {
    if (!open) throw new Error('an attachment without its bytes')
    return { field: 'attachments[]', filename, contentType, size, open }
  })
  return { file: toForm(fields, parts) }
}

function findTooLarge(label: string, files: readonly AttachmentDraft[]): WriteResult | null {
  const bytes = files.reduce((sum, { size }) => sum + (size ?? 0), 0)
  return bytes > maxFileBytes
    ? rejected('INVALID', `${label} takes 20 MB of files for a ticket.`, ['input', 'attachments'])
    : null
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
        const conversations = answer === undefined ? null : readThread(freshdesk, ref.externalId, fresh)
        const ticket = await write.read(fresh)
        return ticket && { ...ticket, conversations: await conversations }
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
      return record && tables ? { ...record, tables, conversations: null, associatedIds: null, isArchived: false } : null
    },
    refOf: ({ id }) => ({ kind: 'ticket', sourceKey: info.key, tenant: config.tenant, externalId: id }),
    readAgain: ({ id }) => readTicket(freshdesk, id, withoutCache(call), ['requester']),
  })
}

function isSameTag(one: string, other: string): boolean {
  return isSameText(one.toLowerCase(), other.toLowerCase())
}
