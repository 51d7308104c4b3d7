import { check, customFault, type Shape } from './checks.ts'
import { parseTime } from './dates.ts'
import { type FieldError, missing, oneOf, unexpected, wrongValue } from './errors.ts'
import { customFields, type Field, isDone, priorities, sources, statuses, types } from './fields.ts'
import type { Input } from './input.ts'
import { companies, emailConfigId, groups, productId } from './installation.ts'
import { newContact } from './new-records.ts'
import type { Contact, FieldValue, Ticket } from './records.ts'
import { agentById, type FreshdeskState } from './state.ts'
import { asHtml } from './wire.ts'

/** What a write wants of a ticket. Absent: as it is. */
export type Wishes = Partial<
  Pick<
    Ticket,
    | 'subject'
    | 'description'
    | 'status'
    | 'priority'
    | 'source'
    | 'type'
    | 'requesterId'
    | 'responderId'
    | 'groupId'
    | 'companyId'
    | 'productId'
    | 'emailConfigId'
    | 'internalAgentId'
    | 'internalGroupId'
    | 'ccEmails'
    | 'tags'
    | 'customFields'
    | 'parentId'
  >
> & {
  readonly due?: { readonly by: number; readonly firstBy: number }
  readonly relatedIds?: readonly number[]
}

type Values = Readonly<Record<string, unknown>>

const numbersOf = (labels: Readonly<Record<string, number>>) => ({ values: Object.values(labels) })

/** The keys that the documentation names for creating and updating a ticket. */
const shape: Shape = {
  ...{ name: 'text', requester_id: 'id', email: 'email', phone: 'text', unique_external_id: 'text', twitter_id: 'text' },
  ...{ facebook_id: 'text', subject: 'text', type: { values: types, orNull: true }, description: 'text' },
  status: { values: Object.keys(statuses).map(Number) },
  ...{ priority: numbersOf(priorities), source: numbersOf(sources), responder_id: 'id or null', group_id: 'id or null' },
  ...{ company_id: 'id', product_id: 'id or null', email_config_id: 'id or null', parent_id: 'id', related_ticket_ids: 'ids' },
  ...{ cc_emails: 'texts', tags: 'texts', custom_fields: 'object', due_by: 'time', fr_due_by: 'time' },
  ...{ internal_agent_id: 'id or null', internal_group_id: 'id or null', lookup_parameter: 'text' },
}

/** `before`: the ticket that is changed; undefined: a new one. */
export function readWishes(state: FreshdeskState, input: Input, before: Ticket | undefined): Wishes | readonly FieldError[] {
  const { values, errors } = check(input, shape)
  const custom = readCustom(values.custom_fields, input.isForm, before)
  const faults = [...errors, ...custom.errors, ...referenceFaults(state, values), ...newTicketFaults(values, before)]
  faults.push(...closureFaults(values, custom.fields, before), ...outboundFaults(values, before), ...dueFaults(values, before))
  if (faults.length > 0) return faults
  const requester = requesterOf(state, values)
  return {
    ...pick(values, 'subject', 'subject'),
    ...(values.description === undefined ? {} : { description: asHtml(String(values.description)) }),
    ...{ ...pick(values, 'status', 'status'), ...pick(values, 'priority', 'priority'), ...pick(values, 'source', 'source') },
    ...{
      ...pick(values, 'type', 'type'),
      ...pick(values, 'responder_id', 'responderId'),
      ...pick(values, 'group_id', 'groupId'),
    },
    ...{ ...pick(values, 'product_id', 'productId'), ...pick(values, 'email_config_id', 'emailConfigId') },
    ...{ ...pick(values, 'internal_agent_id', 'internalAgentId'), ...pick(values, 'internal_group_id', 'internalGroupId') },
    ...{ ...pick(values, 'cc_emails', 'ccEmails'), ...pick(values, 'tags', 'tags'), ...pick(values, 'parent_id', 'parentId') },
    ...{ ...pick(values, 'related_ticket_ids', 'relatedIds'), customFields: custom.fields },
    ...(requester === undefined ? {} : { requesterId: requester.id, companyId: requester.companyId }),
    ...pick(values, 'company_id', 'companyId'),
    ...(values.due_by === undefined ? {} : { due: { by: parseTime(values.due_by)!, firstBy: parseTime(values.fr_due_by)! } }),
  }
}

function pick(values: Values, from: string, to: string): Record<string, never> {
  return values[from] === undefined ? {} : ({ [to]: values[from] } as Record<string, never>)
}

interface Custom {
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly errors: readonly FieldError[]
}

const emptyFields: Readonly<Record<string, FieldValue>> = Object.fromEntries(namesOfFields().map(([name]) => [name, null]))

function namesOfFields(): readonly (readonly [string, Field])[] {
  return customFields.flatMap((field) =>
    [field.name, ...(field.nested ?? []).map(({ name }) => name)].map((name) => [name, field] as const),
  )
}

/** The fields after the write: those that it does not name stay. */
function readCustom(sent: unknown, isForm: boolean, before: Ticket | undefined): Custom {
  const known = new Map(namesOfFields())
  const values = Object.entries((sent ?? {}) as Values).map(([name, value]) => {
    const field = known.get(name)
    return [name, field && isForm ? fromText(field, value) : value] as const
  })
  const fields = { ...(before?.customFields ?? emptyFields), ...Object.fromEntries(values) } as Record<string, FieldValue>
  const errors = values.flatMap(([name, value]) => {
    const field = known.get(name)
    return field ? (customFault(field, name, value, fields) ?? []) : unexpected(`custom_fields.${name}`)
  })
  return { fields, errors }
}

function fromText({ type }: Field, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (value === '') return null
  if (type === 'custom_checkbox') return value === 'true'
  return /^custom_(number|decimal)$/.test(type) && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
}

const noMatch = (what: string, name: string) => wrongValue(name, `There is no ${what} matching the given ${name}`)

function referenceFaults(state: FreshdeskState, values: Values): FieldError[] {
  const id = (name: string) => (typeof values[name] === 'number' ? Number(values[name]) : undefined)
  const unless = (name: string, isKnown: (id: number) => boolean, what: string) => {
    const asked = id(name)
    return asked === undefined || isKnown(asked) ? [] : [noMatch(what, name)]
  }
  const isTicket = (one: number) => state.ticket(one) !== undefined
  const related = Array.isArray(values.related_ticket_ids) ? values.related_ticket_ids : []
  return [
    ...unless('requester_id', (one) => state.contact(one) !== undefined || agentById(one) !== undefined, 'contact'),
    ...unless('responder_id', (one) => agentById(one) !== undefined, 'agent'),
    ...unless('internal_agent_id', (one) => agentById(one) !== undefined, 'agent'),
    ...unless('group_id', (one) => groups.some((group) => group.id === one), 'group'),
    ...unless('internal_group_id', (one) => groups.some((group) => group.id === one), 'group'),
    ...unless('company_id', (one) => companies.some((company) => company.id === one), 'company'),
    ...unless('product_id', (one) => one === productId, 'product'),
    ...unless('email_config_id', (one) => one === emailConfigId, 'email_config'),
    ...unless('parent_id', isTicket, 'ticket'),
    ...(related.every((one) => isTicket(Number(one))) ? [] : [noMatch('ticket', 'related_ticket_ids')]),
  ]
}

const writers = ['requester_id', 'email', 'phone', 'twitter_id', 'facebook_id', 'unique_external_id']

/** A new ticket needs a requester, and what the form asks of agents. */
function newTicketFaults(values: Values, before: Ticket | undefined): FieldError[] {
  if (before) return []
  const isAnonymous = writers.every((name) => values[name] === undefined)
  const isNameless = values.phone !== undefined && values.email === undefined && values.name === undefined
  return [
    ...(isAnonymous ? [missing('requester_id', `One of the following fields is mandatory: ${writers.join(', ')}`)] : []),
    ...(isNameless ? [missing('name', 'It should be a/an String')] : []),
    ...['subject', 'description']
      .filter((name) => isBlank(values[name]))
      .map((name) => missing(name, 'It should be a/an String')),
  ]
}

const isBlank = (value: unknown) => value === undefined || value === null || value === ''

/** A ticket is not resolved or closed without the fields that closing requires. */
function closureFaults(
  { status }: Values,
  fields: Readonly<Record<string, FieldValue>>,
  before: Ticket | undefined,
): FieldError[] {
  if (typeof status !== 'number' || !isDone(status) || before?.status === status) return []
  const lacking = customFields.filter((field) => field.requiredForClosure && isBlank(fields[field.name]))
  return lacking.map((field) => missing(`custom_fields.${field.name}`, oneOf(field.choices as readonly string[])))
}

/** The subject and text of an outbound e-mail stay. */
function outboundFaults(values: Values, before: Ticket | undefined): FieldError[] {
  if (before?.source !== 10) return []
  const message = 'It cannot be updated on an outbound email'
  const changed = ['subject', 'description'].filter((name) => values[name] !== undefined)
  return changed.map((field) => ({ field, message, code: 'incompatible_field' }))
}

/** Both times are set together, in their order, after the ticket's creation. */
function dueFaults({ due_by: due, fr_due_by: first }: Values, before: Ticket | undefined): FieldError[] {
  if (due === undefined && first === undefined) return []
  const [by, firstBy] = [parseTime(due), parseTime(first)]
  if (due === undefined) return [missing('due_by', 'It should be provided along with fr_due_by')]
  if (first === undefined) return [missing('fr_due_by', 'It should be provided along with due_by')]
  if (by === null || firstBy === null) return []
  const isOrdered = firstBy <= by && (before === undefined || firstBy >= before.createdAt)
  return isOrdered ? [] : [wrongValue('due_by', 'It should be later than fr_due_by and the creation of the ticket')]
}

/** The contact that the write names. An unknown address, number or external id becomes a new contact. */
function requesterOf(state: FreshdeskState, values: Values): Contact | undefined {
  if (typeof values.requester_id === 'number')
    return state.contact(values.requester_id) ?? agentAsContact(state, values.requester_id)
  const text = (name: string) => (typeof values[name] === 'string' ? String(values[name]) : undefined)
  const [email, phone] = [text('email'), text('phone')]
  const externalId = text('unique_external_id') ?? text('twitter_id') ?? text('facebook_id')
  if (email === undefined && phone === undefined && externalId === undefined) return undefined
  const known =
    email === undefined
      ? state.contacts().find((one) => (phone !== undefined ? one.phone === phone : one.uniqueExternalId === externalId))
      : state.contactByEmail(email)
  const name = text('name') ?? email?.replace(/@.*/, '') ?? phone ?? externalId!
  const now = state.now()
  const details = { phone: phone ?? null, uniqueExternalId: externalId ?? null, createdAt: now, updatedAt: now }
  return known ?? state.putContact({ ...newContact(state, name, email ?? null), ...details })
}

/** An agent may ask for something too. */
function agentAsContact(state: FreshdeskState, id: number): Contact | undefined {
  const agent = agentById(id)
  return agent && state.putContact({ ...newContact(state, agent.name, agent.email), id: agent.id })
}
