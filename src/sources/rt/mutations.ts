import { type Call, withoutCache } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { TicketStatus } from '../../domain/ticket.ts'
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
  type WriteResult,
} from '../../domain/writes.ts'
import { toTexts } from '../decode.ts'
import type { Answer } from '../http-client/types.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import {
  concludeFound,
  concludeWishes,
  createVerified,
  findUnmet,
  isSameText,
  type States,
  writeVerified,
} from '../verified-write.ts'
import {
  type Body,
  denial,
  findEmptyFile,
  join,
  type Prepare,
  type PreparedTicket,
  toContent,
  toFieldParts,
  toFileWishes,
  toPart,
  toPriorityPart,
  toRefusalOf,
  toStatusPart,
  toTagsPart,
  toWrite,
} from './changes.ts'
import { isTicketId, type RtTicket, type RtTransaction, type RtUser, toRtTicket } from './decode.ts'
import type { Rt } from './index.ts'
import { isText, toTicketStatus } from './mapping.ts'
import { readVersion, readWire } from './queries.ts'
import { findUsers, readAccount, readParts, readPartsOf, readQueueFields, readTransaction } from './records.ts'

// RT answers 200 and a list of sentences to a change that it refuses (RT-01), so that every change is verified by the ticket afterwards.

/** `PUT /ticket/{id}`. `readBefore`: reads the ticket before, where it needs its version; then the names of requestors are those afterwards. */
async function change(
  rt: Rt,
  ref: EntityRef,
  operation: string,
  prepare: Prepare,
  call: Call,
  readBefore?: (fresh: Call) => Promise<RtTicket | null>,
): Promise<WriteResult> {
  let sentences: readonly string[] = []
  let named: readonly RtUser[] | null = readBefore ? null : []
  const toRefusal = (answer: Answer) => {
    sentences = toTexts(answer.body) ?? []
    return toRefusalOf(rt, ref, answer)
  }
  const plain = toWrite(rt, ref, { operation, method: 'PUT', path: '' }, prepare, call)
  const write: typeof plain = {
    ...plain,
    toRefusal,
    async read(fresh) {
      const isFirst = named === null
      const wire = await (isFirst && readBefore ? readBefore : plain.read)(fresh)
      named = isFirst ? [] : (wire?.requestors ?? [])
      return wire
    },
    toTicket: (wire) =>
      plain.toTicket({ ...wire, requestors: wire.requestors.map((one) => named?.find(({ id }) => id === one.id) ?? one) }),
  }
  const conclude = (states: States<RtTicket>) => withReason(rt, concludeWishes(write)(states), sentences)
  return writeVerified({ ...write, conclude }, call)
}

/** Where every sentence of RT is a denial, the account lacks a right. Their words are not passed on: they have names of people. */
function withReason({ info }: Rt, result: WriteResult, sentences: readonly string[]): WriteResult {
  if (result.outcome !== 'REJECTED' || sentences.length === 0 || !sentences.every((one) => denial.test(one))) return result
  const message = `${info.label} does not let the account do this.`
  return { ...result, userErrors: result.userErrors.map((error) => ({ ...error, code: 'FORBIDDEN', message })) }
}

/**
 * RT answers 201 with the transaction that it has made: correspondence is public by that. A comment is written with the right to comment alone,
 * which RT shows by a link, and is read back (RT-09).
 */
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
          isNote ? readTransaction(rt, transactionId, ref.externalId, fresh) : toSaid(rt, transactionId, fresh),
          files.length > 0 ? readParts(rt, [transactionId], fresh) : [],
        ])
        // It was merged in between, so that the message went to the other one (RT-10).
        if (wire?.mergedInto !== null) return null
        const part = { id: said?.id ?? '', transactionId, filename: null, size: null, content: input.body }
        const contentType = format === 'HTML' ? 'text/html' : 'text/plain'
        const parts = [{ ...part, contentType }, ...sent.filter((one) => !isText(one))]
        return said && { ...wire, messages: [{ ...said, parts }] }
      },
      toRefusal(answer) {
        const refusal = write.toRefusal(answer)
        transactionId = refusal ? undefined : (/\/transaction\/(\d+)$/.exec(answer.location ?? '')?.[1] ?? '')
        return refusal
      },
      conclude(states) {
        const [message] = rt.toTicket(states.after, rt.origin(), false).messages ?? []
        if (!message) return outcomeUnknown(ref)
        return concludeFound(message, write.toTicket(states.after), findUnmet(states, label), { ref, label, input })
      },
    },
    call,
  )
}

/** The correspondence that an answer names; its time is not known. null: the answer names none. */
async function toSaid(rt: Rt, id: string, call: Call): Promise<RtTransaction | null> {
  if (id === '') return null
  const account = await readAccount(rt, call).catch(() => null)
  return { id, type: 'Correspond', creator: account?.user ?? null, created: null }
}

export function updateTicket(rt: Rt, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const { ifUpdatedAt = null } = input
  let etag: string | null = null
  const prepare = async (before: RtTicket, fresh: Call): Promise<PreparedTicket> => {
    const { title = null, priority = null, status = null, statusOption = null } = input
    if (ifUpdatedAt !== null && (before.lastUpdated ?? '') > ifUpdatedAt)
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
    return 'body' in prepared && ifUpdatedAt !== null ? { ...prepared, body: { ...prepared.body, ifMatch: etag } } : prepared
  }
  const readBefore = async (fresh: Call): Promise<RtTicket | null> => {
    const version = await readVersion(rt, ref.externalId, fresh)
    etag = version?.etag ?? null
    if (version && version.wire.mergedInto === null && etag === null) throw badResponse(rt.info)
    return version?.wire ?? null
  }
  return change(rt, ref, 'update', prepare, call, ifUpdatedAt === null ? undefined : readBefore)
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
    toTicket: (wire) => rt.toTicket(wire, rt.origin(), true),
  })
}

async function readCreated(rt: Rt, id: string, hasFiles: boolean, call: Call): Promise<RtTicket | null> {
  const [wire, parts] = await Promise.all([readWire(rt, id, call), hasFiles ? readPartsOf(rt, id, call) : []])
  return wire && { ...wire, messages: [{ id: '', type: 'Create', creator: null, created: wire.created, parts }] }
}
