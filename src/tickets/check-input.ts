import { toEmailAddress } from '../domain/formats.ts'
import type { SourceInfo, WriteName } from '../domain/source-info.ts'
import type {
  AttachmentDraft,
  CreateTicket,
  CustomFieldDraft,
  ReassignTicket,
  ReplyToTicket,
  UpdateTicket,
  UserError,
} from '../domain/writes.ts'

// What is wrong with the input of a write, before its source is called. Each function returns every error that it finds.

/** The fields that every source with the write takes, or that the gateway takes in its place. */
const commonFields: Readonly<Partial<Record<WriteName, readonly string[]>>> = {
  CREATE: ['source', 'idempotencyKey'],
  UPDATE: ['ifUpdatedAt'],
  REPLY: ['body', 'visibility'],
  NOTE: ['body', 'visibility'],
  TRANSFER: ['queue'],
}

/** NOT_SUPPORTED for each field that is set and that the source does not take: otherwise its value would be lost without a word. */
export function findUnsupported(info: SourceInfo, write: WriteName, input: object): UserError[] {
  const taken: readonly string[] = [...(info.capabilities.takes[write] ?? []), ...(commonFields[write] ?? [])]
  return Object.entries(input)
    .filter(([field, value]) => isSet(write, field, value) && !taken.includes(field))
    .map(([field]) => notSupported(`${info.label} does not take \`${field}\` here.`, field))
}

function isSet(write: WriteName, field: string, value: unknown): boolean {
  if (value === null || value === undefined || value === false) return false
  // Every source takes plain text.
  if (field === 'format' && value === 'TEXT') return false
  // In an update, an empty text empties a field, and an empty list removes all tags.
  if (value === '') return write === 'UPDATE'
  return !(Array.isArray(value) && value.length === 0) || (write === 'UPDATE' && field === 'tags')
}

export function checkCreate({ info }: { readonly info: SourceInfo }, input: CreateTicket): UserError[] {
  const { customer, attachments, customFields } = input
  const isBadEmail = customer?.email && toEmailAddress(customer.email) !== customer.email
  return [
    ...findUnsupported(info, 'CREATE', input),
    ...(isBadEmail ? [invalid('This is not an e-mail address.', 'customer', 'email')] : []),
    ...checkAttachments(info, attachments),
    ...checkCustomFields(customFields),
  ]
}

export function checkUpdate({ tags, addTags, removeTags, status, statusOption, customFields }: UpdateTicket): UserError[] {
  const changesTags = Boolean(addTags?.length || removeTags?.length)
  return [
    ...(tags && changesTags ? [invalid('Give all `tags`, or those to add and to remove.', 'tags')] : []),
    ...(status && statusOption ? [invalid('Give `status` or `statusOption`.', 'statusOption')] : []),
    ...checkCustomFields(customFields),
  ]
}

export function checkReply(info: SourceInfo, { body, format, attachments }: ReplyToTicket): UserError[] {
  return [
    ...requireText('body', body),
    ...(format === 'OTHER' ? [invalid('A message is TEXT, HTML or MARKDOWN.', 'format')] : []),
    ...checkAttachments(info, attachments),
  ]
}

export function checkReassign({ assignee, group, unassign }: ReassignTicket): UserError[] {
  const targets = [assignee?.trim(), group?.trim(), unassign].filter(Boolean).length
  if (targets === 0) {
    const message = 'Name the new `assignee` or `group`, or say `unassign: true`.'
    return [{ code: 'REQUIRED', message, field: ['input', 'assignee'] }]
  }
  return targets === 1 ? [] : [invalid('Give one of `assignee`, `group` and `unassign`.')]
}

/** REQUIRED for a text that is empty or blank. */
export function requireText(field: string, text: string): UserError[] {
  if (text.trim() !== '') return []
  return [{ code: 'REQUIRED', message: `\`${field}\` must not be empty.`, field: ['input', field] }]
}

function checkAttachments(
  { label, capabilities: { attachments } }: SourceInfo,
  drafts: readonly AttachmentDraft[] | null | undefined,
): UserError[] {
  // A source without attachments refuses the whole list.
  if (attachments === 'NONE') return []
  return (drafts ?? []).flatMap(({ url, uploadId }, index) => {
    const place = ['attachments', String(index)]
    if (!url && !uploadId)
      return [{ code: 'REQUIRED' as const, message: 'A file needs a `url` or an `uploadId`.', field: ['input', ...place] }]
    if (url && uploadId) return [invalid('Give the `url` of a file, or its `uploadId`.', ...place)]
    const given = uploadId ? 'uploadId' : 'url'
    if ((given === 'uploadId') === (attachments === 'UPLOAD')) return []
    return [notSupported(`${label} does not take files by their \`${given}\`.`, ...place, given)]
  })
}

function checkCustomFields(drafts: readonly CustomFieldDraft[] | null | undefined): UserError[] {
  const keys = (drafts ?? []).map(({ key }) => key)
  return (drafts ?? []).flatMap(({ key, value }, index) => {
    const place = ['customFields', String(index)]
    if (keys.indexOf(key) !== index) return [invalid('This field was given before.', ...place, 'key')]
    const isSingle = [value].flat().every((one) => one === null || typeof one !== 'object')
    return isSingle ? [] : [invalid('A value is a text, a number, true or false, or a list of them.', ...place, 'value')]
  })
}

function invalid(message: string, ...field: string[]): UserError {
  return { code: 'INVALID', message, field: ['input', ...field] }
}

function notSupported(message: string, ...field: string[]): UserError {
  return { code: 'NOT_SUPPORTED', message, field: ['input', ...field] }
}
