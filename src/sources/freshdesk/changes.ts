import { type CreateTicket, type CustomFieldDraft, rejected, type UpdateTicket, type WriteResult } from '../../domain/writes.ts'
import { readOwn, toJsonInteger, toNumber, toValueText } from '../decode.ts'
import { changeTags } from '../dialect.ts'
import { isSameText, joinParts, type Part, type Prepared } from '../verified-write.ts'
import { type FreshdeskField, type FreshdeskTables, type FreshdeskTicket, isFreshdeskId } from './decode.ts'
import type { Freshdesk } from './index.ts'
import { choicesOf, closedId, priorities, toLevels, toMissingToClose, toTicketStatus } from './mapping.ts'

// The parts of a change: what Freshdesk takes for a field of an input, and what the ticket then has.

/** The fields of a ticket, as Freshdesk takes them. */
export type Body = Readonly<Record<string, unknown>>
export type PreparedTicket = Prepared<FreshdeskTicket, Body>
type TicketPart = Part<FreshdeskTicket, Body>

export function join(parts: readonly TicketPart[]): PreparedTicket {
  return joinParts(parts, (bodies) => {
    const own = Object.assign({}, ...bodies.map((body) => body.custom_fields))
    return Object.assign({}, ...bodies, Object.keys(own).length > 0 && { custom_fields: own })
  })
}

export function toPart(body: Body, isMet: (after: FreshdeskTicket) => boolean, ...field: readonly string[]): PreparedTicket {
  return { body, wishes: [{ field: ['input', ...field], isMet }] }
}

/** Freshdesk takes HTML. */
export function toHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  const escaped = text.replace(/[&<>"]/g, (character) => entities[character]!)
  return `<div>${escaped.replace(/\r\n?|\n/g, '<br>')}</div>`
}

/** The fields that a new ticket and an update have in common. */
export function toCommonParts(
  { info }: Freshdesk,
  tables: FreshdeskTables,
  {
    title = null,
    description = null,
    priority = null,
    customFields,
  }: Pick<UpdateTicket | CreateTicket, 'title' | 'description' | 'priority' | 'customFields'>,
): readonly TicketPart[] {
  const word = priority === null ? null : priorities.toWord(priority)
  return [
    title === null ? null : toPart({ subject: title }, ({ subject }) => isSameText(subject, title), 'title'),
    description === null
      ? null
      : toPart({ description: toHtml(description) }, (after) => isSameText(after.description, description), 'description'),
    priority === null
      ? null
      : word === null
        ? rejected('INVALID', `${info.label} has no priority ${priority}.`, ['input', 'priority'])
        : toPart({ priority: Number(word) }, (after) => after.priorityId === word, 'priority'),
    ...(customFields ?? []).map((draft, index) => toFieldPart(tables, draft, ['customFields', String(index)])),
  ]
}

/** One field that is not known refuses the whole change: it is found before (FRESHDESK-08). */
function toFieldPart({ fields }: FreshdeskTables, { key, value = null }: CustomFieldDraft, place: readonly string[]): TicketPart {
  const field = fields
    .filter(({ isOwn }) => isOwn)
    .flatMap(toLevels)
    .find(({ name }) => name === key)
  if (!field) return rejected('INVALID', 'There is no such field.', ['input', ...place, 'key'])
  const isNothing = (one: unknown) => one === null || one === ''
  const isOffered = (one: unknown) => isNothing(one) || field.choices?.some((choice) => choice.key === one) !== false
  const isOfType: Readonly<Partial<Record<typeof field.type, (one: unknown) => boolean>>> = {
    NUMBER: (one) => toNumber(one) !== null,
    BOOLEAN: (one) => typeof one === 'boolean',
    DATE: (one) => /^\d{4}-\d\d-\d\d$/.test(toValueText(one) ?? ''),
  }
  if (![value].flat().every(isOffered) || (!isNothing(value) && isOfType[field.type]?.(value) === false))
    return rejected('INVALID', 'The field does not take this value.', ['input', ...place, 'value'])
  const sent = field.type === 'NUMBER' && !isNothing(value) ? toNumber(value) : value
  const toComparable = (one: unknown) => {
    return [one]
      .flat()
      .flatMap((item) => (item === false ? [] : (toValueText(item) ?? [])))
      .map((text) => (field.type === 'DATE' ? text.slice(0, 10) : text))
      .toSorted()
      .join('\n')
  }
  return toPart(
    { custom_fields: { [key]: sent } },
    (after) => toComparable(readOwn(after.customFields, key)) === toComparable(sent),
    ...place,
  )
}

/** By a number of the account, or by a status of the model: one of the system's before the account's own. */
export function toStatusPart(
  { info, config }: Freshdesk,
  before: FreshdeskTicket,
  { status = null, statusOption = null, customFields }: Pick<UpdateTicket, 'status' | 'statusOption' | 'customFields'>,
): TicketPart {
  const { tables } = before
  if (status === null && statusOption === null) return null
  const field = statusOption === null ? 'status' : 'statusOption'
  const fits = (id: string) =>
    statusOption === null ? toTicketStatus(id, tables, config.statuses) === status : id === statusOption
  const id =
    statusOption === null && before.statusId !== null && fits(before.statusId) ? before.statusId : findStatus(tables, fits)
  if (id === null) return rejected('INVALID', `${info.label} has no such status.`, ['input', field])
  const set = new Set(customFields?.flatMap(({ key, value = null }) => (value === null || value === '' ? [] : [key])))
  const missing =
    id === closedId && before.statusId !== closedId ? toMissingToClose(before).filter(({ name }) => !set.has(name)) : []
  if (missing.length > 0) return incomplete(info.label, missing, ['input', field])
  const isMet = (after: FreshdeskTicket) =>
    statusOption === null ? after.statusId !== null && fits(after.statusId) : after.statusId === id
  return toPart({ status: Number(id) }, isMet, field)
}

function findStatus(tables: FreshdeskTables, fits: (id: string) => boolean): string | null {
  const ids = choicesOf(tables, 'default_status').map(({ key }) => key)
  return ids.toSorted((one, other) => Number(one) - Number(other)).find(fits) ?? null
}

/** Freshdesk would refuse it (FRESHDESK-08). The names of fields are those of the account. */
export function incomplete(label: string, missing: readonly FreshdeskField[], field: readonly string[] | null): WriteResult {
  const names = missing.map((one) => `"${one.label}" (${one.name})`).join(', ')
  return rejected('INVALID', `${label} closes no ticket without a value for ${names}.`, field)
}

/** All tags are sent: Freshdesk cannot add or remove one. */
export function toTagsPart(before: FreshdeskTicket, { tags, addTags, removeTags }: UpdateTicket): TicketPart {
  if (!tags && !addTags?.length && !removeTags?.length) return null
  const wanted = changeTags(before.tags, { tags, addTags, removeTags })
  const toComparable = (list: readonly string[]) => JSON.stringify(list.map((tag) => tag.toLowerCase()).toSorted())
  const field = tags ? 'tags' : addTags?.length ? 'addTags' : 'removeTags'
  return toPart({ tags: wanted }, (after) => toComparable(after.tags) === toComparable(wanted), field)
}

export function toGroupPart({ info }: Freshdesk, group: string, field: string): PreparedTicket {
  if (!isFreshdeskId(group)) return rejected('INVALID', `${info.label} has no such group.`, ['input', field])
  return toPart({ group_id: toJsonInteger(group) }, ({ groupId }) => groupId === group, field)
}

/** An agent by id, e-mail address or name. */
export function toAgentPart({ info }: Freshdesk, { agents }: FreshdeskTables, assignee: string): PreparedTicket {
  const wanted = assignee.trim().toLowerCase()
  const found = isFreshdeskId(wanted)
    ? [wanted]
    : [...agents.values()].flatMap(({ id, name, email }) =>
        [name, email].some((one) => one?.toLowerCase() === wanted) ? [id] : [],
      )
  const [id] = found
  const field = ['input', 'assignee']
  if (id === undefined) return rejected('INVALID', `${info.label} has no such agent.`, field)
  if (found.length > 1) return rejected('INVALID', 'Several agents have this name: use the id.', field)
  return toPart({ responder_id: toJsonInteger(id) }, ({ agentId }) => agentId === id, 'assignee')
}
