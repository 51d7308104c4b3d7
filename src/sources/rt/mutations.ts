import { type Call, withoutCache } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { TicketStatus } from '../../domain/ticket.ts'
import {
  type AttachmentDraft,
  applied,
  type CloseTicket,
  type CreateTicket,
  outcomeUnknown,
  partial,
  type ReassignTicket,
  type ReopenTicket,
  type ReplyToTicket,
  rejected,
  type TransferTicket,
  type UpdateTicket,
  type WriteResult,
} from '../../domain/writes.ts'
import { toRecord, toText, toTexts } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
import {
  concludeWishes,
  createVerified,
  findUnmet,
  isSameText,
  type States,
  type VerifiedWrite,
  writeVerified,
} from '../verified-write.ts'
import {
  type Body,
  join,
  type PreparedTicket,
  toFieldParts,
  toPart,
  toPriorityPart,
  toStatusPart,
  toTagsPart,
} from './changes.ts'
import { isTicketId, type RtTicket, toRtTicket } from './decode.ts'
import { findEmptyFile, toContent, toFileWishes } from './files.ts'
import type { Rt } from './index.ts'
import { isText, toTicketStatus } from './mapping.ts'
import { readMessages, readParts } from './messages.ts'
import { readWire } from './queries.ts'
import { findUsers, readQueueFields, readTransaction, readVersion } from './rest.ts'

// RT answers 200 and a list of sentences to a change that it refuses (RT-01), so that every change is verified by the ticket afterwards.

type Prepare = (before: RtTicket, fresh: Call) => PreparedTicket | Promise<PreparedTicket>

interface Sending {
  readonly operation: string
  readonly method: 'PUT' | 'POST'
  /** Behind the path of the ticket. */
  readonly path: '' | '/correspond' | '/comment'
  readonly files?: readonly AttachmentDraft[]
}

/** `PUT /ticket/{id}`. */
async function change(rt: Rt, ref: EntityRef, operation: string, prepare: Prepare, call: Call): Promise<WriteResult> {
  let sentences: readonly string[] = []
  const toRefusal = (answer: Answer) => {
    sentences = toTexts(answer.body) ?? []
    return toRefusalOf(rt, ref, answer)
  }
  const write = { ...toWrite(rt, ref, { operation, method: 'PUT', path: '' }, prepare, call), toRefusal }
  const conclude = (states: States<RtTicket>) => withReason(rt, concludeWishes(write)(states), sentences)
  return writeVerified({ ...write, conclude }, call)
}

function toWrite(
  rt: Rt,
  ref: EntityRef,
  { operation, method, path, files = [] }: Sending,
  prepare: Prepare,
  call: Call,
): VerifiedWrite<RtTicket, Body> {
  const { info, upstream } = rt
  return {
    ref,
    label: info.label,
    read: (fresh) => readWire(rt, ref.externalId, fresh),
    // A write to a merged ticket would change the other one (RT-10).
    prepare: (before, fresh) =>
      before.mergedInto === null
        ? prepare(before, fresh)
        : rejected('CONFLICT', `${info.label} has merged this ticket into the ticket ${before.mergedInto}.`),
    send: ({ ifMatch, ...body }) =>
      upstream.write(
        {
          ...{ operation, method, path: `/REST/2.0/ticket/${ref.externalId}${path}`, ...toContent(body, files) },
          ...(typeof ifMatch === 'string' && { headers: { 'if-match': ifMatch } }),
        },
        call,
      ),
    toRefusal: (answer) => toRefusalOf(rt, ref, answer),
    toTicket: (wire) => rt.toTicket(wire, rt.origin(), true),
  }
}

const denial = /permission denied/i

/** null: RT took the request, and the ticket tells what was done. */
function toRefusalOf({ info }: Rt, ref: EntityRef | null, answer: Answer): WriteResult | null {
  if (answer.status < 300) return null
  if (denial.test(toText(toRecord(answer.body)?.message) ?? ''))
    return rejected('FORBIDDEN', `${info.label} does not let you do this.`)
  const written = { ended: 'answered' as const, answer }
  return toWriteResult(written, { source: info, ref, toApplied: () => outcomeUnknown(ref), toField: () => null })
}

/** Where every sentence of RT is a denial, the account lacks a right. Their words are not passed on: they have names of people. */
function withReason({ info }: Rt, result: WriteResult, sentences: readonly string[]): WriteResult {
  if (result.outcome !== 'REJECTED' || sentences.length === 0 || !sentences.every((one) => denial.test(one))) return result
  const message = `${info.label} does not let the account do this.`
  return { ...result, userErrors: result.userErrors.map((error) => ({ ...error, code: 'FORBIDDEN', message })) }
}

/** A comment is written with the right to comment alone, which RT shows by a link, and read back (RT-09). */
export function replyToTicket(rt: Rt, ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult> {
  const { label } = rt.info
  const isNote = input.visibility === 'INTERNAL'
  const kind = isNote ? 'comment' : 'correspond'
  const { format = null } = input
  const files = input.attachments ?? []
  let transactionId: string | undefined
  const prepare = ({ rights }: RtTicket): PreparedTicket => {
    if (!rights.has(kind)) return rejected('FORBIDDEN', `${label} does not let the account write this here.`)
    if (format !== null && format !== 'TEXT' && format !== 'HTML')
      return rejected('NOT_SUPPORTED', `${label} takes TEXT and HTML.`, ['input', 'format'])
    const refusal = findEmptyFile(files)
    if (refusal) return refusal
    // RT takes the text "0" for none, and would write an empty message (RT-02).
    const content = input.body === '0' ? '0\n' : input.body
    const body = { Content: content, ContentType: format === 'HTML' ? 'text/html' : 'text/plain' }
    return { body, wishes: toFileWishes(files) }
  }
  const sending = { operation: isNote ? 'note' : 'reply', method: 'POST', path: `/${kind}`, files } as const
  const write = toWrite(rt, ref, sending, prepare, call)
  return writeVerified(
    {
      ...write,
      async read(fresh) {
        if (transactionId === undefined) return write.read(fresh)
        const [wire, said, sent] = await Promise.all([
          write.read(fresh),
          readTransaction(rt, transactionId, ref.externalId, fresh),
          files.length > 0 ? readParts(rt, [transactionId], fresh) : [],
        ])
        const part = { id: said?.id ?? '', transactionId, filename: null, size: null, content: input.body }
        const contentType = format === 'HTML' ? 'text/html' : 'text/plain'
        const parts = [{ ...part, contentType }, ...sent.filter((one) => !isText(one))]
        return wire && said && { ...wire, messages: [{ ...said, parts }] }
      },
      toRefusal(answer) {
        const refusal = write.toRefusal(answer)
        transactionId = refusal ? undefined : (/\/transaction\/(\d+)$/.exec(answer.location ?? '')?.[1] ?? '')
        return refusal
      },
      conclude(states) {
        const message = rt.toTicket(states.after, rt.origin(), false).messages?.[0]
        if (!message) return outcomeUnknown(ref)
        const userErrors = findUnmet(states, label)
        if (isNote && message.visibility === 'PUBLIC') {
          const warning = `${label} shows this note to the customer.`
          userErrors.unshift({ code: 'NOTE_BECAME_PUBLIC', message: warning, field: ['input', 'visibility'] })
        }
        return { ...(userErrors.length > 0 ? partial(ref, userErrors) : applied(write.toTicket(states.after))), message }
      },
    },
    call,
  )
}

export function updateTicket(rt: Rt, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const prepare = async (before: RtTicket, fresh: Call): Promise<PreparedTicket> => {
    const { title = null, priority = null, status = null, statusOption = null, ifUpdatedAt = null } = input
    const version = ifUpdatedAt === null ? null : await readVersion(rt, before.id, fresh)
    if (version && (version.updatedAt ?? '') > (ifUpdatedAt ?? ''))
      return rejected('CONFLICT', 'The ticket was changed after this time.', ['input', 'ifUpdatedAt'])
    const prepared = join([
      title === null ? null : toPart({ Subject: title }, ({ subject }) => isSameText(subject, title), 'title'),
      priority === null ? null : toPriorityPart(rt, before, priority),
      status === null ? null : toStatusPart(rt, before, [status], 'status'),
      statusOption === null ? null : toPart({ Status: statusOption }, (after) => after.status === statusOption, 'statusOption'),
      toTagsPart(rt, before, input),
      ...(await toFieldParts(rt, before.customFields, input.customFields, fresh)),
    ])
    // RT compares the version itself: the answer is 412 where the ticket was changed since it was read (RT-03).
    return 'body' in prepared && version ? { ...prepared, body: { ...prepared.body, ifMatch: version.etag } } : prepared
  }
  return change(rt, ref, 'update', prepare, call)
}

const closed: readonly TicketStatus[] = ['CLOSED', 'RESOLVED', 'CANCELLED']

/** The status that ends a ticket well. */
export function closeTicket(rt: Rt, ref: EntityRef, _: CloseTicket, call: Call): Promise<WriteResult> {
  return setStatus(rt, ref, 'close', ['CLOSED', 'RESOLVED'], (status) => !closed.includes(status), call)
}

export function reopenTicket(rt: Rt, ref: EntityRef, _: ReopenTicket, call: Call): Promise<WriteResult> {
  return setStatus(rt, ref, 'reopen', ['OPEN', 'IN_PROGRESS', 'NEW'], (status) => closed.includes(status), call)
}

function setStatus(
  rt: Rt,
  ref: EntityRef,
  operation: string,
  wanted: readonly TicketStatus[],
  isAllowed: (status: TicketStatus) => boolean,
  call: Call,
): Promise<WriteResult> {
  const prepare = (before: RtTicket): PreparedTicket => {
    if (isAllowed(toTicketStatus(before.status ?? '', rt.config.dialect))) return join([toStatusPart(rt, before, wanted)])
    return rejected('CONFLICT', `${rt.info.label} says that the ticket's present state does not allow this.`)
  }
  return change(rt, ref, operation, prepare, call)
}

/** By login, address or name. */
export function reassignTicket(rt: Rt, ref: EntityRef, { assignee, unassign }: ReassignTicket, call: Call): Promise<WriteResult> {
  const prepare = async (_: RtTicket, fresh: Call): Promise<PreparedTicket> => {
    if (unassign) return toPart({ Owner: 'Nobody' }, ({ owner }) => owner === null, 'unassign')
    const users = await findUsers(rt, assignee ?? '', fresh)
    const [user] = users
    if (!user) return rejected('INVALID', `${rt.info.label} has no such user.`, ['input', 'assignee'])
    if (users.length > 1) return rejected('INVALID', 'Several users have this name: use the login.', ['input', 'assignee'])
    return toPart({ Owner: user.id }, ({ owner }) => owner?.id === user.id, 'assignee')
  }
  return change(rt, ref, 'reassign', prepare, call)
}

export function transferTicket(rt: Rt, ref: EntityRef, { queue }: TransferTicket, call: Call): Promise<WriteResult> {
  const prepare = (): PreparedTicket => {
    if (!isTicketId(queue)) return rejected('INVALID', `${rt.info.label} has no such queue.`, ['input', 'queue'])
    return toPart({ Queue: queue }, (after) => after.queue?.id === queue, 'queue')
  }
  return change(rt, ref, 'transfer', prepare, call)
}

/** `POST /ticket`. RT drops what it does not take, such as the value of a field or a requestor, so that the ticket is read (RT-20). */
export async function createTicket(rt: Rt, input: CreateTicket, call: Call): Promise<WriteResult> {
  const { info, config, upstream } = rt
  const { queue = null, title = null, description = null, priority = null, customer } = input
  const files = input.attachments ?? []
  if (!queue || !isTicketId(queue)) return rejected('REQUIRED', 'Name the queue by its key.', ['input', 'queue'])
  if (!title?.trim()) return rejected('REQUIRED', 'A ticket needs a title.', ['input', 'title'])
  const requestor = customer?.externalId ?? customer?.email ?? null
  const isRequestor = (id: string | null) => id !== null && isSameText(id.toLowerCase(), requestor?.toLowerCase())
  const prepare = async (): Promise<PreparedTicket> => {
    // RT fails on a field that it does not have, and may or may not have opened the ticket then.
    const known = input.customFields?.length ? await readQueueFields(rt, queue, call) : []
    if (known === null) return rejected('INVALID', `${info.label} has no such queue.`, ['input', 'queue'])
    const refusal = findEmptyFile(files)
    if (refusal) return refusal
    // RT takes files with a text only.
    const text = description ?? (files.length > 0 ? '' : null)
    const content = text === null ? {} : { Content: text, ContentType: 'text/plain' }
    return join([
      { body: { Queue: queue, ...content }, wishes: toFileWishes(files) },
      toPart({ Subject: title }, ({ subject }) => isSameText(subject, title), 'title'),
      priority === null ? null : toPriorityPart(rt, null, priority),
      requestor === null
        ? null
        : toPart(
            { Requestor: requestor },
            (one) => one.requestors.some(({ id, email }) => [id, email].some(isRequestor)),
            'customer',
          ),
      ...(await toFieldParts(rt, known, input.customFields, call)),
    ])
  }
  return createVerified<RtTicket, Body>({
    label: info.label,
    prepare,
    send: (body) =>
      upstream.write({ operation: 'create', method: 'POST', path: '/REST/2.0/ticket', ...toContent(body, files) }, call),
    toRefusal: (answer) =>
      answer.status === 403
        ? rejected('FORBIDDEN', `${info.label} has no such queue, or does not let the account open tickets in it.`, [
            'input',
            'queue',
          ])
        : toRefusalOf(rt, null, answer),
    toCreated: ({ body }) => toRtTicket(body),
    refOf: ({ id }) => ({ kind: 'ticket', sourceKey: info.key, tenant: config.tenant, externalId: id }),
    readAgain: (created) => readCreated(rt, created.id, files.length > 0, withoutCache(call)),
  })
}

async function readCreated(rt: Rt, id: string, hasFiles: boolean, call: Call): Promise<RtTicket | null> {
  const [wire, messages] = await Promise.all([readWire(rt, id, call), hasFiles ? readMessages(rt, [id], call) : null])
  return wire && { ...wire, messages: messages?.get(id) ?? null }
}
