import { toEpochMs } from '../../domain/instant.ts'
import type { TicketStatus } from '../../domain/ticket.ts'
import { type CreateTicket, type CustomFieldDraft, rejected, type UpdateTicket } from '../../domain/writes.ts'
import { toInstantFromIso, toText } from '../decode.ts'
import { byName } from '../dialect.ts'
import { isSameText, joinParts, type Part, type Prepared } from '../verified-write.ts'
import type { IntercomAttribute, IntercomName, IntercomState, IntercomTicket, IntercomType } from './decode.ts'
import type { Intercom } from './index.ts'
import {
  descriptionName,
  findOption,
  isCustom,
  isResolved,
  statusOf,
  titleName,
  toFieldType,
  toFieldValue,
  toStatusOptions,
  typeOf,
} from './mapping.ts'

// The parts of a change: what Intercom takes for a field of an input, and what the ticket then has.

export interface Body {
  /** The keys of the ticket, as Intercom takes them. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Attributes, by their names. */
  readonly attributes?: Readonly<Record<string, unknown>>
  /** Tags to add and to remove, each by a call of its own. */
  readonly tags?: readonly TagChange[]
}
export interface TagChange {
  readonly id: string
  readonly isAdded: boolean
}
export type PreparedTicket = Prepared<IntercomTicket, Body>
type TicketPart = Part<IntercomTicket, Body>

export function join(parts: readonly TicketPart[]): PreparedTicket {
  return joinParts(parts, (bodies) => ({
    fields: Object.assign({}, ...bodies.map(({ fields }) => fields)),
    attributes: Object.assign({}, ...bodies.map(({ attributes }) => attributes)),
    tags: bodies.flatMap(({ tags = [] }) => tags),
  }))
}

export function toPart(
  fields: Body['fields'],
  isMet: (after: IntercomTicket) => boolean,
  ...field: readonly string[]
): Prepared<IntercomTicket, Body> {
  return { body: { fields }, wishes: [{ field: ['input', ...field], isMet }] }
}

function toAttributePart(
  name: string,
  value: unknown,
  isMet: (value: unknown) => boolean,
  ...field: readonly string[]
): Prepared<IntercomTicket, Body> {
  return {
    body: { fields: {}, attributes: { [name]: value } },
    wishes: [{ field: ['input', ...field], isMet: ({ attributes }) => isMet(attributes[name]) }],
  }
}

/** The attributes that a new ticket and an update have in common. `type`: the ticket's own. */
export function toAttributeParts(
  { info, config }: Intercom,
  type: IntercomType | null,
  { title = null, description = null, priority = null, customFields }: Pick<UpdateTicket & CreateTicket, AttributeInput>,
): readonly TicketPart[] {
  const toTextPart = (name: string, text: string, field: string) =>
    toAttributePart(name, text, (value) => isSameText(toText(value), text), field)
  const known = type?.attributes ?? []
  const drafts = (customFields ?? []).map((draft, index) => toFieldPart(known, draft, ['customFields', String(index)]))
  return [
    title === null ? null : toTextPart(titleName, title, 'title'),
    description === null ? null : toTextPart(descriptionName, description, 'description'),
    priority === null ? null : toPriorityPart(),
    ...drafts,
  ]

  function toPriorityPart(): TicketPart {
    const attribute = known.find(({ name }) => name === config.priorityField)
    const isWanted = (word: string | null) => byName<string>(config.priorities, word) === priority
    const option = attribute?.options.find(({ label }) => isWanted(label))
    if (!attribute || !option)
      return rejected('INVALID', `${info.label} has no priority ${priority} here.`, ['input', 'priority'])
    return toAttributePart(attribute.name, option.id, (value) => findOption(attribute, value)?.id === option.id, 'priority')
  }
}
type AttributeInput = 'title' | 'description' | 'priority' | 'customFields'

/** A field is named by the id of its attribute, and sent by its name (INTERCOM-02). */
function toFieldPart(
  known: readonly IntercomAttribute[],
  { key, value = null }: CustomFieldDraft,
  place: readonly string[],
): TicketPart {
  const attribute = known.find((one) => one.id === key && isCustom(one))
  if (!attribute) return rejected('INVALID', 'There is no such field.', ['input', ...place, 'key'])
  if (!suitsType(attribute, value)) return rejected('INVALID', 'This is not a value of the field.', ['input', ...place, 'value'])
  const sent =
    toFieldType(attribute) === 'DATETIME' && value !== null ? Math.floor(toEpochMs(toInstantFromIso(value)!) / 1000) : value
  const wanted = toFieldValue(attribute, sent)
  return toAttributePart(attribute.name, sent, (given) => toFieldValue(attribute, given) === wanted, ...place)
}

function suitsType(attribute: IntercomAttribute, value: unknown): boolean {
  if (value === null) return true
  switch (toFieldType(attribute)) {
    case 'NUMBER':
      return typeof value === 'number' && (attribute.dataType !== 'integer' || Number.isSafeInteger(value))
    case 'BOOLEAN':
      return typeof value === 'boolean'
    case 'DATETIME':
      return toInstantFromIso(value) !== null
    case 'CHOICE':
      return attribute.options.some(({ id }) => id === value)
    case 'TEXT':
      return typeof value === 'string'
    default:
      return false
  }
}

/** A status of the model, or a state of the ticket's type. */
export function toStatusPart(
  intercom: Intercom,
  before: IntercomTicket,
  { status = null, statusOption = null }: Pick<UpdateTicket, 'status' | 'statusOption'>,
): TicketPart {
  const { info, config } = intercom
  if (statusOption === null && (status === null || statusOf(before, config) === status))
    return status === null ? null : noChange('status')
  if (statusOption === null && status === 'ON_HOLD') return toSnoozePart(intercom, before)
  if (statusOption === null && status === 'CLOSED')
    return isResolved(before.state)
      ? rejected('CONFLICT', `${info.label} shows a resolved ticket as resolved, also where it is closed.`, ['input', 'status'])
      : toClosedPart('status')
  const options = toStatusOptions(before, config)
  const option = options.find((one) => (statusOption === null ? one.status === status : one.key === statusOption))
  const state = typeOf(before)?.states.find(({ id }) => id === option?.key)
  if (state) return toStatePart(before, state, statusOption === null ? 'status' : 'statusOption')
  if (statusOption !== null)
    return rejected('CONFLICT', `${info.label} does not allow this status now.`, ['input', 'statusOption'])
  return rejected('INVALID', `${info.label} has no such status for tickets of this type.`, ['input', 'status'])
}

function noChange(field: string): TicketPart {
  return toPart({}, () => true, field)
}

/** A closed ticket keeps its state (INTERCOM-08). */
export function toClosedPart(...field: readonly string[]): TicketPart {
  return toPart({ open: false }, ({ isOpen }) => !isOpen, ...field)
}

function toSnoozePart({ config, clock }: Intercom, before: IntercomTicket): TicketPart {
  const until = Math.floor(clock() / 1000 + config.snoozeHours * 3600)
  const isMet = (after: IntercomTicket) => statusOf(after, config) === 'ON_HOLD'
  return toPart({ open: true, snoozed_until: until, ...toUnresolved(before, config) }, isMet, 'status')
}

/** A ticket with a new state is open and no longer snoozed, unless the state resolves it: Intercom may close it then. */
function toStatePart(before: IntercomTicket, state: IntercomState, field: string): TicketPart {
  const ends = isResolved(state)
  const wakes = !ends && (!before.isOpen || before.snoozedUntil !== null)
  const isMet = (after: IntercomTicket) => after.state?.id === state.id && (ends || (after.isOpen && after.snoozedUntil === null))
  return toPart({ ticket_state_id: state.id, ...(wakes && { open: true }) }, isMet, field)
}

/** Open again, and in a state that is not resolved. */
export function toReopenPart(before: IntercomTicket, config: Intercom['config']): TicketPart {
  const isMet = (after: IntercomTicket) => after.isOpen && !isResolved(after.state)
  return toPart({ open: true, ...toUnresolved(before, config) }, isMet)
}

/** A state in which there is work, for a ticket that is resolved. */
function toUnresolved(before: IntercomTicket, config: Intercom['config']): Body['fields'] {
  const toOption = (wanted: TicketStatus) => toStatusOptions(before, config).find(({ status }) => status === wanted)
  const option = isResolved(before.state) ? (toOption('IN_PROGRESS') ?? toOption('NEW')) : undefined
  return option ? { ticket_state_id: option.key } : {}
}

/**
 * A ticket does not show its tags, so that a call that is answered with the tag is all that proves it. `done` has the ids of these calls. A list of
 * all tags cannot be set.
 */
export function toTagParts(
  tags: readonly IntercomName[],
  { addTags, removeTags }: Pick<UpdateTicket, 'addTags' | 'removeTags'>,
  done: ReadonlySet<string>,
): readonly TicketPart[] {
  const toTagPart = (name: string, field: string, index: number, isAdded: boolean): TicketPart => {
    const place = [field, String(index)]
    const tag = tags.find((one) => one.name === name) ?? tags.find((one) => one.name?.toLowerCase() === name.toLowerCase())
    if (!tag) return rejected('INVALID', 'There is no such tag.', ['input', ...place])
    return {
      body: { fields: {}, tags: [{ id: tag.id, isAdded }] },
      wishes: [{ field: ['input', ...place], isMet: () => done.has(tag.id) }],
    }
  }
  return [
    ...(addTags ?? []).map((name, index) => toTagPart(name, 'addTags', index, true)),
    ...(removeTags ?? []).map((name, index) => toTagPart(name, 'removeTags', index, false)),
  ]
}

/** `assignee_id` takes a teammate or a team, and the ticket has both in fields of their own (INTERCOM-06). */
export function toTeamPart({ info }: Intercom, teams: readonly IntercomName[], team: string, field: string): TicketPart {
  if (!teams.some(({ id }) => id === team)) return rejected('INVALID', `${info.label} has no such team.`, ['input', field])
  return toPart({ assignee_id: team }, ({ teamId }) => teamId === team, field)
}
