import type { Call } from '../../domain/call.ts'
import { readTime } from '../../domain/instant.ts'
import type { TicketStatus } from '../../domain/ticket.ts'
import { type CustomFieldDraft, rejected, type UpdateTicket } from '../../domain/writes.ts'
import { changeTags } from '../dialect.ts'
import { type Change, joinParts, type Part, type Prepared } from '../verified-write.ts'
import type { RtName, RtTicket } from './decode.ts'
import type { Rt } from './index.ts'
import { toPrioritySteps, toTicketPriority, toTicketStatus } from './mapping.ts'
import { readLocalTime } from './rest.ts'

// The parts of a change: what RT takes for a field of an input, and what the ticket then has.

/** The fields of a ticket, as RT takes them. */
export type Body = Readonly<Record<string, unknown>>
type RtChange = Change<RtTicket, Body>
export type PreparedTicket = Prepared<RtTicket, Body>
type TicketPart = Part<RtTicket, Body>
export function join(parts: readonly TicketPart[]): PreparedTicket {
  return joinParts(parts, (bodies) => {
    const fields = Object.assign({}, ...bodies.map((body) => body.CustomFields ?? {}))
    return Object.assign({}, ...bodies, Object.keys(fields).length > 0 && { CustomFields: fields })
  })
}

export function toPart(body: Body, isMet: (after: RtTicket) => boolean, ...field: readonly string[]): RtChange {
  return { body, wishes: [{ field: ['input', ...field], isMet }] }
}

/** A number that already means the priority stays. */
export function toPriorityPart({ info, config }: Rt, before: RtTicket | null, wanted: string): TicketPart {
  const { dialect } = config
  const steps = toPrioritySteps(dialect)
  const index = steps.findIndex(([priority]) => priority === wanted)
  if (index < 0) return rejected('INVALID', `${info.label} has no priority ${wanted}.`, ['input', 'priority'])
  const isMet = ({ priority }: RtTicket) => priority !== null && toTicketPriority(priority, dialect) === wanted
  const number = steps[index]![1] ?? Math.min(0, (steps[1]?.[1] ?? 1) - 1)
  return toPart(before && isMet(before) ? {} : { Priority: number }, isMet, 'priority')
}

/** A status of RT with one of these values, the first value first: one that RT offers now, else any that the dialect has. */
export function toStatusPart(
  { info, config }: Rt,
  before: RtTicket,
  wanted: readonly TicketStatus[],
  ...field: string[]
): TicketPart {
  const { dialect } = config
  const words = [...before.steps.map(({ to }) => to), ...Object.keys(dialect.statuses)]
  const word = wanted.flatMap((status) => words.find((one) => toTicketStatus(one, dialect) === status) ?? [])[0]
  if (word === undefined) return rejected('INVALID', `${info.label} has no such status.`, ['input', ...field])
  return toPart({ Status: word }, ({ status }) => status === word, ...field)
}

export function toTagsPart({ info, config }: Rt, before: RtTicket, { tags, addTags, removeTags }: UpdateTicket): TicketPart {
  if (!tags && !addTags?.length && !removeTags?.length) return null
  const name = tags ? 'tags' : addTags?.length ? 'addTags' : 'removeTags'
  const field = before.customFields.find((one) => one.name !== null && one.name === config.dialect.tagsField)
  if (!field) return rejected('NOT_SUPPORTED', `${info.label} has no field for tags here.`, ['input', name])
  return setField(field.id, changeTags(field.values, { tags, addTags, removeTags }), name)
}

/** RT replaces all values of a field by those of a list (RT-06); a null would become an empty value beside the others. */
function setField(id: string, values: readonly string[], ...field: readonly string[]): RtChange {
  const isMet = ({ customFields }: RtTicket) => {
    const present = customFields.find((one) => one.id === id)?.values ?? []
    return present.toSorted().join('\n') === values.toSorted().join('\n')
  }
  return toPart({ CustomFields: { [id]: values } }, isMet, ...field)
}

export async function toFieldParts(
  rt: Rt,
  known: readonly RtName[],
  drafts: readonly CustomFieldDraft[] | null | undefined,
  call: Call,
): Promise<readonly TicketPart[]> {
  const parts = (drafts ?? []).map(async ({ key, value }, index) => {
    const place = ['customFields', String(index)]
    const field = known.find(({ id }) => id === key)
    if (!field) return rejected('INVALID', 'Tickets of this queue have no such field.', ['input', ...place, 'key'])
    return toFieldPart(rt, { id: key, name: field.name, value, place }, call)
  })
  return Promise.all(parts)
}

interface WantedField {
  readonly id: string
  readonly name: string | null
  readonly value: unknown
  readonly place: readonly string[]
}

/** RT makes 1970-01-01 of a day or a time that it cannot read, so these are checked before. */
async function toFieldPart(rt: Rt, { id, name, value, place }: WantedField, call: Call): Promise<TicketPart> {
  const type = rt.config.dialect.customFieldTypes[name ?? '']
  const texts = [value].flat().flatMap((one) => (one === null || one === undefined || one === '' ? [] : [String(one)]))
  const times = texts.map((text) => readTime(type === 'DATE' ? `${text}T00:00:00Z` : text))
  const isTime = type === 'DATE' || type === 'DATETIME'
  if (isTime && times.includes(null)) return rejected('INVALID', 'This is not a time.', ['input', ...place, 'value'])
  if (type !== 'DATETIME') return setField(id, texts, ...place)
  const toLocalTime = await readLocalTime(rt, call)
  const instants = times.flatMap((time) => (time ? [`${time.instant.slice(0, 19)}Z`] : []))
  const { wishes } = setField(id, instants, ...place)
  const locals = instants.map((instant) => toLocalTime(Date.parse(instant) / 1000))
  return { body: { CustomFields: { [id]: locals } }, wishes }
}
