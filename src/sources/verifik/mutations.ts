import type { Call } from '../../domain/call.ts'
import { type EntityRef } from '../../domain/ids.ts'
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
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../write-result.ts'
import { toPath, type Verifik } from './context.ts'
import { isRefusal, toDataTicket, toErrorCode } from './envelope.ts'
import { isExternalId } from './external-id.ts'
import { fromPriority, fromStatus } from './vocabulary.ts'

const creatable = ['title', 'description', 'priority', 'category'] as const
const foreignToCreate = ['market', 'subcategory', 'customer', 'storeId', 'order'] as const
const foreignToUpdate = ['contactReasonCode', 'orderId', 'entityId', 'event'] as const

/** `POST /v2/support-tickets`: title, description, priority and category are required. */
export async function createTicket(verifik: Verifik, input: CreateTicket, call: Call): Promise<WriteResult> {
  const userErrors = [...toMissing(input), ...toForeign(verifik, input, foreignToCreate), ...toUnsayable(verifik, input)]
  if (userErrors.length > 0) return { outcome: 'REJECTED', ticket: null, ref: null, userErrors }
  const body = {
    title: input.title,
    description: input.description,
    priority: input.priority && fromPriority(input.priority),
    category: input.category,
    ...(input.tags && { tags: input.tags }),
    ...(input.attachments && { attachments: input.attachments.map(toWireAttachment) }),
  }
  return write(verifik, null, { operation: 'create', method: 'POST', path: verifik.config.paths.create, body }, call)
}

/** `PUT /v2/support-tickets/{id}`, with what is to change. */
export async function updateTicket(verifik: Verifik, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const userErrors = [...toForeign(verifik, input, foreignToUpdate), ...toUnsayable(verifik, input)]
  if (userErrors.length > 0) return { outcome: 'REJECTED', ticket: null, ref: null, userErrors }
  const { title, description, category, tags } = input
  const priority = input.priority && fromPriority(input.priority)
  const status = input.status && fromStatus(input.status)
  const said = Object.entries({ title, description, priority, category, status, tags }).filter(
    ([, value]) => (value ?? null) !== null,
  )
  if (said.length === 0) return rejected('INVALID', 'Say what is to change.', ['input'])
  const path = toPath(verifik.config.paths.update, ref.externalId)
  return write(verifik, ref, { operation: 'update', method: 'PUT', path, body: Object.fromEntries(said) }, call)
}

/** `POST /support-tickets/{id}/thread`. The client reads every message of a thread: an internal note has no place in it. */
export async function replyToTicket(verifik: Verifik, ref: EntityRef, input: ReplyToTicket, call: Call): Promise<WriteResult> {
  const { label } = verifik.info
  if (input.visibility !== 'PUBLIC') {
    return rejected('NOT_SUPPORTED', `${label} shows every message to the customer: it has no internal notes.`, [
      'input',
      'visibility',
    ])
  }
  if (input.body.trim() === '') return rejected('REQUIRED', 'Write something.', ['input', 'body'])
  const path = toPath(verifik.config.paths.reply, ref.externalId)
  return write(verifik, ref, { operation: 'reply', method: 'POST', path, body: { message: input.body } }, call)
}

interface Sending {
  readonly operation: string
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly body: unknown
}

async function write(verifik: Verifik, ref: EntityRef | null, sending: Sending, call: Call): Promise<WriteResult> {
  const { info, upstream } = verifik
  if (ref && !isExternalId(ref.externalId)) return rejected('NOT_FOUND', `${info.label} does not know this ticket.`)
  const written = await upstream.write(sending, call)
  const toApplied = (answer: Answer) => toApplication(verifik, ref, answer)
  return toWriteResult(written, { source: info, ref, toApplied, toField: (answer) => toField(answer) })
}

/** An update may answer `{"status":"completed"}` and no ticket; a message that was added shows the message at best. */
function toApplication(verifik: Verifik, ref: EntityRef | null, answer: Answer): WriteResult {
  const { info, config } = verifik
  if (isRefusal(answer.body)) return rejected('INVALID', `${info.label} did not accept the input.`, toField(answer))
  const wire = toDataTicket(answer.body)
  const isTicket = wire !== null && wire.status !== null && (ref === null || wire.id === ref.externalId)
  if (isTicket) return applied(verifik.toTicket(wire, verifik.origin(), false))
  const created = ref ?? (wire && { kind: 'ticket' as const, sourceKey: info.key, tenant: config.tenant, externalId: wire.id })
  return created ? appliedUnseen(created) : { outcome: 'APPLIED', ticket: null, ref: null, userErrors: [] }
}

const fields = ['title', 'description', 'priority', 'category', 'status', 'tags', 'attachments'] as const

/** The field that an error's code names, as in `invalid_category`; texts are localised and say nothing here. */
function toField(answer: Answer): readonly string[] | null {
  const code = toErrorCode(answer.body)?.toLowerCase() ?? ''
  if (code.includes('message')) return ['input', 'body']
  const field = fields.find((name) => code.includes(name))
  return field ? ['input', field] : null
}

function toMissing(input: CreateTicket): UserError[] {
  return creatable
    .filter((field) => toText(input[field]) === null)
    .map((field) => ({ code: 'REQUIRED', message: `A ticket needs a ${field}.`, field: ['input', field] }))
}

/** What the source has no place for is refused, not dropped in silence. */
function toForeign<T extends object>(verifik: Verifik, input: T, foreign: readonly (keyof T & string)[]): UserError[] {
  return foreign
    .filter((field) => (input[field] ?? null) !== null)
    .map((field) => ({ code: 'NOT_SUPPORTED', message: `${verifik.info.label} has no place for this.`, field: ['input', field] }))
}

/** Values of ours that the vendor has no word for. */
function toUnsayable(verifik: Verifik, input: Pick<UpdateTicket, 'priority' | 'status'>): UserError[] {
  const { label } = verifik.info
  const invalid = (field: string, value: string): UserError => ({
    code: 'INVALID',
    message: `${label} has no ${field} ${value}.`,
    field: ['input', field],
  })
  const errors: UserError[] = []
  if (input.priority && fromPriority(input.priority) === null) errors.push(invalid('priority', input.priority))
  if (input.status && fromStatus(input.status) === null) errors.push(invalid('status', input.status))
  return errors
}

function toWireAttachment({ filename, url, size, contentType }: NonNullable<CreateTicket['attachments']>[number]) {
  return { filename, url, ...(size != null && { size }), ...(contentType && { type: contentType }) }
}
