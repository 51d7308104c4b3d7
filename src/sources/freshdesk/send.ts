import type { EntityRef } from '../../domain/ids.ts'
import { type AttachmentDraft, outcomeUnknown, rejected, type WriteResult } from '../../domain/writes.ts'
import { toRecord } from '../decode.ts'
import { toForm } from '../file-upload.ts'
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../vendor-api.ts'
import type { Body } from './changes.ts'
import { type FreshdeskTables, type FreshdeskTicket, toProblems } from './decode.ts'
import type { Freshdesk } from './index.ts'
import { toLevels } from './mapping.ts'

// What a write is sent as, and what a refusal says.

/** Freshdesk answers 405, or knows no such path (FRESHDESK-06, FRESHDESK-07). */
export function toFixed(
  label: string,
  { isArchived, isDeleted }: Pick<FreshdeskTicket, 'isArchived' | 'isDeleted'>,
): WriteResult {
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
export function toRefusalOf(
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
export function toContent(body: Body, files: readonly AttachmentDraft[]) {
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

export function findTooLarge(label: string, files: readonly AttachmentDraft[]): WriteResult | null {
  const bytes = files.reduce((sum, { size }) => sum + (size ?? 0), 0)
  return bytes > maxFileBytes
    ? rejected('INVALID', `${label} takes 20 MB of files for a ticket.`, ['input', 'attachments'])
    : null
}
