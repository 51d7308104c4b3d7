import type { Call } from '../../domain/call.ts'
import { type EntityRef, isExternalId } from '../../domain/ids.ts'
import {
  applied,
  appliedUnseen,
  type CreateTicket,
  type ReplyToTicket,
  rejected,
  type UpdateTicket,
  type UserError,
  type WriteResult,
} from '../../domain/writes.ts'
import { toText } from '../decode.ts'
import type { Answer, WriteRequest } from '../http-client/types.ts'
import { fillPath, toWriteResult } from '../vendor-api.ts'
import { isRefusal, toErrorCode, toTicketOfBody } from './decode.ts'
import type { Verifik } from './index.ts'
import { priorities, statuses } from './mapping.ts'

const requiredToCreate = ['title', 'description', 'priority', 'category'] as const

/** `POST /v2/support-tickets`. Verifik requires title, description, priority and category. */
export async function createTicket(verifik: Verifik, input: CreateTicket, call: Call): Promise<WriteResult> {
  const userErrors = [...findMissing(input), ...findUntranslatable(verifik, input)]
  if (userErrors.length > 0) return { outcome: 'REJECTED', ticket: null, ref: null, userErrors }
  const body = {
    title: input.title,
    description: input.description,
    priority: input.priority && priorities.toWord(input.priority),
    category: input.category,
    ...(input.tags && { tags: input.tags }),
    ...(input.attachments && { attachments: input.attachments.map(toWireAttachment) }),
  }
  return write(verifik, null, { operation: 'create', method: 'POST', path: verifik.config.paths.create, body }, call)
}

/** `PUT /v2/support-tickets/{id}` with the fields to change. */
export async function updateTicket(verifik: Verifik, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const userErrors = findUntranslatable(verifik, input)
  if (userErrors.length > 0) return { outcome: 'REJECTED', ticket: null, ref: null, userErrors }
  const { title, description, category, tags } = input
  const priority = input.priority && priorities.toWord(input.priority)
  const status = input.status && statuses.toWord(input.status)
  const changes = Object.entries({ title, description, priority, category, status, tags }).filter(
    ([, value]) => (value ?? null) !== null,
  )
  if (changes.length === 0) return rejected('INVALID', 'Say what is to change.', ['input'])
  const path = fillPath(verifik.config.paths.update, ref.externalId)
  return write(verifik, ref, { operation: 'update', method: 'PUT', path, body: Object.fromEntries(changes) }, call)
}

/** `POST /support-tickets/{id}/thread`. The client reads every message of a thread, so an internal note is refused. */
export async function replyToTicket(verifik: Verifik, ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult> {
  const { label } = verifik.info
  if (input.visibility !== 'PUBLIC') {
    const message = `${label} shows every message to the customer: it has no internal notes.`
    return rejected('NOT_SUPPORTED', message, ['input', 'visibility'])
  }
  if (input.body.trim() === '') return rejected('REQUIRED', 'Write something.', ['input', 'body'])
  const path = fillPath(verifik.config.paths.reply, ref.externalId)
  return write(verifik, ref, { operation: 'reply', method: 'POST', path, body: { message: input.body } }, call)
}

async function write(verifik: Verifik, ref: EntityRef | null, request: WriteRequest, call: Call): Promise<WriteResult> {
  const { info, upstream } = verifik
  if (ref && !isExternalId(ref.externalId)) return rejected('NOT_FOUND', `${info.label} does not know this ticket.`)
  const written = await upstream.write(request, call)
  return toWriteResult(written, { source: info, ref, toApplied: (answer) => toApplied(verifik, ref, answer), toField })
}

/** An update may be answered by `{"status":"completed"}` without a ticket, and a reply by the message: the ticket is then read again. */
function toApplied(verifik: Verifik, ref: EntityRef | null, { body }: Answer): WriteResult {
  const { info, config } = verifik
  if (isRefusal(body)) return rejected('INVALID', `${info.label} did not accept the input.`, toField({ body }))
  const wire = toTicketOfBody(body)
  const isTicket = wire !== null && wire.status !== null && (ref === null || wire.id === ref.externalId)
  if (isTicket) return applied(verifik.toTicket(wire, verifik.origin(), false))
  const created = ref ?? (wire && { kind: 'ticket' as const, sourceKey: info.key, tenant: config.tenant, externalId: wire.id })
  return created ? appliedUnseen(created) : { outcome: 'APPLIED', ticket: null, ref: null, userErrors: [] }
}

const fieldsOfCodes = ['title', 'description', 'priority', 'category', 'status', 'tags', 'attachments'] as const

/** The input field that the code of an error names, as in `invalid_category`. */
function toField({ body }: Pick<Answer, 'body'>): readonly string[] | null {
  const code = toErrorCode(body)?.toLowerCase() ?? ''
  if (code.includes('message')) return ['input', 'body']
  const field = fieldsOfCodes.find((name) => code.includes(name))
  return field ? ['input', field] : null
}

function findMissing(input: CreateTicket): UserError[] {
  return requiredToCreate
    .filter((field) => toText(input[field]) === null)
    .map((field) => ({ code: 'REQUIRED', message: `A ticket needs a ${field}.`, field: ['input', field] }))
}

function findUntranslatable(verifik: Verifik, { priority, status }: Pick<UpdateTicket, 'priority' | 'status'>): UserError[] {
  const invalid = (field: string, value: string): UserError => ({
    code: 'INVALID',
    message: `${verifik.info.label} has no ${field} ${value}.`,
    field: ['input', field],
  })
  return [
    ...(priority && priorities.toWord(priority) === null ? [invalid('priority', priority)] : []),
    ...(status && statuses.toWord(status) === null ? [invalid('status', status)] : []),
  ]
}

function toWireAttachment({ filename, url, size, contentType }: NonNullable<CreateTicket['attachments']>[number]) {
  return { filename, url, ...(size != null && { size }), ...(contentType && { type: contentType }) }
}
