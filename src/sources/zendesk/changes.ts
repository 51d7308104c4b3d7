import type { TicketStatus } from '../../domain/ticket.ts'
import {
  type AttachmentDraft,
  type CreateTicket,
  type CustomFieldDraft,
  rejected,
  type UpdateTicket,
} from '../../domain/writes.ts'
import { toJsonInteger, toValueText } from '../decode.ts'
import { isSameText, joinParts, type Part, type Prepared } from '../verified-write.ts'
import { isZendeskId, type ZendeskField, type ZendeskStatus, type ZendeskTicket } from './decode.ts'
import type { Zendesk } from './index.ts'
import { isCustom } from './lookups.ts'
import { priorities, statuses, statusOf, toFieldType, toShownTags, toStatusOptions, toTicketStatus } from './mapping.ts'

// The parts of a change: what Zendesk takes for a field of an input, and what the ticket then has.

export interface Body {
  /** The fields of `ticket`, as Zendesk takes them. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Tags are added and removed by calls of their own: a list in `fields` would take away those that others add meanwhile (ZENDESK-08). */
  readonly tags?: { readonly add: readonly string[]; readonly remove: readonly string[] }
  /** The `updated_at` that the ticket still has to have. */
  readonly stamp?: string | null
}
export type PreparedTicket = Prepared<ZendeskTicket, Body>
type TicketPart = Part<ZendeskTicket, Body>

export function join(parts: readonly TicketPart[]): PreparedTicket {
  return joinParts(parts, (bodies) => {
    const custom = bodies.flatMap(({ fields }) => (fields.custom_fields as readonly unknown[] | undefined) ?? [])
    const fields = Object.assign({}, ...bodies.map((body) => body.fields), custom.length > 0 && { custom_fields: custom })
    return Object.assign({}, ...bodies, { fields })
  })
}

export function toPart(
  fields: Body['fields'],
  isMet: (after: ZendeskTicket) => boolean,
  ...field: readonly string[]
): Prepared<ZendeskTicket, Body> {
  return { body: { fields }, wishes: [{ field: ['input', ...field], isMet }] }
}

/** The fields that a new ticket and an update have in common. */
export function toCommonParts(
  { info }: Zendesk,
  known: readonly ZendeskField[],
  { title = null, priority = null, customFields }: Pick<UpdateTicket | CreateTicket, 'title' | 'priority' | 'customFields'>,
): readonly TicketPart[] {
  const word = priority === null ? null : priorities.toWord(priority)
  return [
    title === null ? null : toPart({ subject: title }, ({ subject }) => isSameText(subject, title), 'title'),
    priority === null
      ? null
      : word === null
        ? rejected('INVALID', `${info.label} has no priority ${priority}.`, ['input', 'priority'])
        : toPart({ priority: word }, (after) => after.priority === word, 'priority'),
    ...(customFields ?? []).map((draft, index) => toFieldPart(known, draft, ['customFields', String(index)])),
  ]
}

/** Zendesk drops a field that it does not know, and refuses a choice that is not offered: both are found before (ZENDESK-12). */
function toFieldPart(
  known: readonly ZendeskField[],
  { key, value = null }: CustomFieldDraft,
  place: readonly string[],
): TicketPart {
  const field = known.find((one) => one.id === key && isCustom(one))
  if (!field) return rejected('INVALID', 'There is no such field.', ['input', ...place, 'key'])
  const type = toFieldType(field)
  const isOffered = (one: unknown) =>
    one === null || one === '' || field.options?.some((option) => option.value === one) !== false
  const isDay = type !== 'DATE' || value === null || value === '' || /^\d{4}-\d\d-\d\d$/.test(toValueText(value) ?? '')
  if (![value].flat().every(isOffered) || !isDay)
    return rejected('INVALID', 'The field does not take this value.', ['input', ...place, 'value'])
  const toComparable = (one: unknown) => {
    return [one]
      .flat()
      .flatMap((item) => (item === false ? [] : (toValueText(item) ?? [])))
      .map((text) => (type === 'NUMBER' ? String(Number(text)) : text))
      .toSorted()
      .join('\n')
  }
  const isMet = ({ customFields }: ZendeskTicket) =>
    toComparable(customFields.find(({ id }) => id === key)?.value) === toComparable(value)
  return toPart({ custom_fields: [{ id: toJsonInteger(key), value }] }, isMet, ...place)
}

export function toStatusPart(
  { info, config }: Zendesk,
  before: ZendeskTicket,
  { status = null, statusOption = null }: Pick<UpdateTicket, 'status' | 'statusOption'>,
): TicketPart {
  const names = config.statuses
  if (statusOption !== null) {
    const isOffered = toStatusOptions(before, names).some(({ key }) => key === statusOption)
    if (!isOffered) return rejected('CONFLICT', `${info.label} does not allow this status now.`, ['input', 'statusOption'])
    const custom = before.statuses.find(({ id }) => id === statusOption)
    return custom
      ? toCustomStatusPart(custom, 'statusOption')
      : toPart({ status: statusOption }, (after) => after.status === statusOption, 'statusOption')
  }
  if (status === null) return null
  const fields = toStatusFields(before, status, names)
  if (fields === null) return rejected('INVALID', `${info.label} has no such status.`, ['input', 'status'])
  return toPart(fields, (after) => statusOf(after, names) === status, 'status')
}

function toCustomStatusPart({ id, category }: ZendeskStatus, ...field: readonly string[]): TicketPart {
  const isMet = (after: ZendeskTicket) => after.customStatusId === id && after.status === category
  return toPart({ custom_status_id: toJsonInteger(id) }, isMet, ...field)
}

/** What brings a status of the model about: the one that is usual for its category before others. null: there is none. */
function toStatusFields(
  before: ZendeskTicket,
  wanted: TicketStatus,
  names: Zendesk['config']['statuses'],
): Body['fields'] | null {
  if (statusOf(before, names) === wanted) return {}
  const word = statuses.toWord(wanted)
  if (before.statuses.length === 0) return word === null ? null : { status: word }
  const fitting = before.statuses.filter((one) => one.isActive && toTicketStatus(one, names) === wanted)
  const target = fitting.find(({ isDefault }) => isDefault) ?? fitting[0]
  if (!target) return null
  return target.isDefault ? { status: target.category } : { custom_status_id: toJsonInteger(target.id) }
}

/** Tags that the ticket shows as choices of its fields are left alone. */
export function toTagsPart(before: ZendeskTicket, { tags, addTags, removeTags }: UpdateTicket): TicketPart {
  if (!tags && !addTags?.length && !removeTags?.length) return null
  const field = ['input', tags ? 'tags' : addTags?.length ? 'addTags' : 'removeTags']
  const [wanted, added, removed] = [tags ?? [], addTags ?? [], removeTags ?? []].map((list) =>
    list.map((tag) => tag.toLowerCase()),
  )
  if ([...wanted!, ...added!].some((tag) => tag === '' || /\s/.test(tag)))
    return rejected('INVALID', 'A tag of Zendesk has no blanks.', field)
  const shown = toShownTags(before)
  const add = [...wanted!, ...added!].filter((tag) => !removed!.includes(tag))
  const remove = [...removed!, ...(tags ? shown.filter((tag) => !add.includes(tag)) : [])]
  const missing = [...new Set(add)].filter((tag) => !before.tags.includes(tag))
  const present = [...new Set(remove)].filter((tag) => before.tags.includes(tag))
  const isMet = (after: ZendeskTicket) =>
    add.every((tag) => after.tags.includes(tag)) && !present.some((tag) => after.tags.includes(tag))
  return { body: { fields: {}, tags: { add: missing, remove: present } }, wishes: [{ field, isMet }] }
}

export function toGroupPart({ info }: Zendesk, group: string, field: string): Prepared<ZendeskTicket, Body> {
  if (!isZendeskId(group)) return rejected('INVALID', `${info.label} has no such group.`, ['input', field])
  return toPart({ group_id: toJsonInteger(group) }, ({ groupId }) => groupId === group, field)
}

/** Files by the tokens of their uploads, for a comment. */
export function toUploads(drafts: readonly AttachmentDraft[] | null | undefined): Readonly<Record<string, unknown>> {
  return drafts?.length ? { uploads: drafts.map(({ uploadId }) => uploadId) } : {}
}
