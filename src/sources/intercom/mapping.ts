import { toEpochMs, toInstant } from '../../domain/instant.ts'
import type {
  Actor,
  ActorKind,
  Attachment,
  CustomField,
  CustomFieldType,
  StatusOption,
  ThreadMessage,
  Ticket,
  TicketLink,
  TicketPriority,
  TicketStatus,
} from '../../domain/ticket.ts'
import { readOwn, toInstantFromEpoch, toInstantFromIso, toNumber, toText, toValueTexts } from '../decode.ts'
import { byName } from '../dialect.ts'
import type { TicketParts } from '../ticket-parts.ts'
import { defineMapping, type Mapping, type ReadContext } from '../translate.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { IntercomConfig } from './config.ts'
import {
  type IntercomAttribute,
  type IntercomFile,
  type IntercomPart,
  type IntercomRecord,
  type IntercomState,
  type IntercomTicket,
  toFile,
} from './decode.ts'
import type { intercomTable } from './index.ts'

/** What lists omit: threads are long, and a company is in another record. */
export const lazyFields = ['messages', 'attachments', 'organization'] as const satisfies readonly (keyof Ticket)[]
/** A call of its own. */
export const costlyFields = ['organization'] as const satisfies readonly (keyof Ticket)[]

/** The categories of states, by which a search names them. Whether a ticket is open or snoozed is said beside them (INTERCOM-08). */
export const states = createVocabulary<TicketStatus>({
  ...{ submitted: 'NEW', in_progress: 'IN_PROGRESS', waiting_on_customer: 'PENDING', resolved: 'RESOLVED' },
})

/** The categories of tickets, and what a search calls them (INTERCOM-04). */
export const searchedCategories: Readonly<Record<string, string>> = {
  Customer: 'request',
  'Back-office': 'task',
  Tracker: 'tracker',
}

/** The attributes that every ticket type has (INTERCOM-02). */
export const titleName = '_default_title_'
export const descriptionName = '_default_description_'

export type Dialect = Pick<IntercomConfig, 'statuses' | 'priorityField' | 'priorities'>

/** By its label for teammates, else by its category. */
export function statusOfState(state: IntercomState | null, { statuses }: Pick<Dialect, 'statuses'>): TicketStatus {
  return byName(statuses, state?.label ?? null) ?? states.toValue(state?.category ?? '')
}

/** True for a state that ends the work, whether the ticket is open or not. */
export function isResolved(state: Pick<IntercomState, 'category'> | null): boolean {
  return state?.category === 'resolved'
}

/** A ticket that is closed or snoozed before it is resolved keeps its state (INTERCOM-08). */
export function statusOf({ state, isOpen, snoozedUntil }: IntercomTicket, dialect: Pick<Dialect, 'statuses'>): TicketStatus {
  if (isResolved(state)) return statusOfState(state, dialect)
  if (!isOpen) return 'CLOSED'
  return snoozedUntil === null ? statusOfState(state, dialect) : 'ON_HOLD'
}

/** The type of a ticket, with its states where the workspace lists it. */
export function typeOf({ type, types }: Pick<IntercomTicket, 'type' | 'types'>) {
  return types.find(({ id }) => id === type?.id) ?? type
}

export function toStatusOptions(ticket: IntercomTicket, dialect: Pick<Dialect, 'statuses'>): readonly StatusOption[] {
  const offered = typeOf(ticket)?.states.filter(({ isArchived }) => !isArchived) ?? []
  return offered.map((state) => ({
    key: state.id,
    label: state.label ?? state.id,
    status: statusOfState(state, dialect),
    requires: [],
  }))
}

/** The fields that an administrator has added to the ticket's type, without files. */
export function customAttributes(ticket: Pick<IntercomTicket, 'type' | 'types'>): readonly IntercomAttribute[] {
  return typeOf(ticket)?.attributes.filter(isCustom) ?? []
}

export function isCustom({ name, dataType, isArchived }: IntercomAttribute): boolean {
  return !isArchived && dataType !== 'files' && name !== titleName && name !== descriptionName
}

const fieldTypes: Readonly<Record<string, CustomFieldType>> = {
  ...{ string: 'TEXT', list: 'CHOICE', integer: 'NUMBER', decimal: 'NUMBER', boolean: 'BOOLEAN', datetime: 'DATETIME' },
}

export function toFieldType({ dataType }: IntercomAttribute): CustomFieldType {
  return byName(fieldTypes, dataType) ?? 'OTHER'
}

/** The choice of a list by its id or its label: the document does not say which of them a ticket has. */
export function findOption({ options }: IntercomAttribute, value: unknown) {
  return options.find(({ id }) => id === value) ?? options.find(({ label }) => label === value) ?? null
}

/** The value of an attribute in the form of its type; null: it is empty. */
export function toFieldValue(attribute: IntercomAttribute, value: unknown): unknown {
  if (value === null || value === undefined || value === '') return null
  switch (toFieldType(attribute)) {
    case 'NUMBER':
      return toNumber(value)
    case 'BOOLEAN':
      return value === true || value === 'true'
    case 'DATETIME':
      return toInstantFromEpoch(value) ?? toInstantFromIso(value)
    case 'CHOICE':
      return findOption(attribute, value)?.id ?? value
    default:
      return value
  }
}

/** The translation for one workspace. Pure. */
export function createMapping(dialect: Dialect): Mapping<IntercomTicket> {
  return defineMapping<IntercomTicket, typeof intercomTable>({
    number: ({ number }) => number,
    title: ({ attributes }) => toText(attributes[titleName]),
    description: ({ attributes }) => toText(attributes[descriptionName]),
    status: (ticket) => statusOf(ticket, dialect),
    sourceStatus: ({ state }) => state?.label ?? state?.category ?? null,
    statusOptions: (ticket) => toStatusOptions(ticket, dialect),
    priority: (ticket) => priorityOf(ticket, dialect),
    sourcePriority: (ticket) => sourcePriorityOf(ticket, dialect),
    category: ({ category }) => (category === null ? null : { code: category, label: category, path: [category] }),
    type: ({ type }) => type?.name ?? null,
    queue: ({ teamId, teams }) => teams.find(({ id }) => id === teamId)?.name ?? null,
    queueKey: ({ teamId }) => teamId,
    assignee: ({ adminId, admins }, { parts }) =>
      adminId === null ? null : parts.toAgent(admins.find(({ id }) => id === adminId) ?? nameless(adminId)),
    group: ({ teamId, teams }, { parts }) =>
      teamId === null ? null : parts.toGroup(teams.find(({ id }) => id === teamId) ?? nameless(teamId)),
    followers: ({ contactIds, contactsById }) =>
      contactIds.slice(1).map((id) => ({ kind: 'CUSTOMER', externalId: id, name: contactsById.get(id)?.name ?? null })),
    organization: ({ company }, { parts, isSummary }) =>
      isSummary || company === null
        ? null
        : { id: parts.idOf('organization', company.id), externalId: company.id, name: company.name },
    customer: ({ contactIds: [id], contactsById }, { parts }) =>
      id === undefined ? null : parts.toCustomer(contactsById.get(id) ?? nameless(id)),
    links: ({ links }, { parts }) => links.map((link) => toLink(link, parts)),
    messages: (ticket, context) =>
      context.isSummary ? null : messagesOf(ticket).map((part) => toMessage(part, ticket, context)),
    attachments: (ticket, context) =>
      context.isSummary ? null : filesOf(ticket).map((file) => toAttachment(file, ticket, context)),
    customFields: (ticket) => customAttributes(ticket).map((attribute) => toCustomField(attribute, ticket)),
    createdAt: ({ createdAt }) => createdAt,
    updatedAt: ({ updatedAt }) => updatedAt,
    raw: ({ record }) => record,
  })
}

/** A person or a team that the workspace does not name here. */
function nameless(id: string) {
  return { id, name: null }
}

function priorityOf(ticket: IntercomTicket, dialect: Dialect): TicketPriority | null {
  const priority = sourcePriorityOf(ticket, dialect)
  return priority === null ? null : (byName<TicketPriority>(dialect.priorities, priority) ?? 'UNKNOWN')
}

/** The words of the attribute that the configuration names. */
function sourcePriorityOf(ticket: IntercomTicket, { priorityField }: Dialect): string | null {
  const attribute = typeOf(ticket)?.attributes.find(({ name }) => name === priorityField)
  if (!attribute) return null
  const value = readOwn(ticket.attributes, attribute.name)
  return findOption(attribute, value)?.label ?? toText(value)
}

/** A linked conversation is no ticket. */
function toLink({ id, type, category }: IntercomTicket['links'][number], parts: TicketParts): TicketLink {
  const link = { ...parts.toLink('RELATED', id, '', category), url: null }
  return type === 'ticket' ? link : { ...link, ticketId: null, category: type }
}

function toCustomField(attribute: IntercomAttribute, { attributes }: IntercomTicket): CustomField {
  const { id, name } = attribute
  const value = toFieldValue(attribute, readOwn(attributes, name))
  const text = value === null ? null : (findOption(attribute, value)?.label ?? (toValueTexts(value).join(', ') || null))
  return { key: id, label: name, type: toFieldType(attribute), value, text }
}

/** The other kinds of parts are events (INTERCOM-07). */
const messageTypes: ReadonlySet<string | null> = new Set(['comment', 'note', 'quick_reply'])

function messagesOf({ parts }: Pick<IntercomTicket, 'parts'>): readonly IntercomPart[] {
  return parts.filter(({ type }) => messageTypes.has(type))
}

const actorKinds: Readonly<Record<string, ActorKind>> = {
  ...{ admin: 'AGENT', team: 'AGENT', bot: 'SYSTEM', user: 'CUSTOMER', lead: 'CUSTOMER', contact: 'CUSTOMER' },
}

function toActor({ id, type, name }: NonNullable<IntercomPart['author']>): Actor {
  return { kind: byName(actorKinds, type) ?? 'UNKNOWN', externalId: id, name }
}

function toMessage(part: IntercomPart, ticket: IntercomTicket, context: ReadContext): ThreadMessage {
  const { body, format } = toBody(part.body ?? '')
  return {
    id: context.parts.idOf('message', `${ticket.id}#${part.id}`),
    author: part.author && toActor(part.author),
    ...{ body, format, createdAt: part.createdAt },
    // Of a ticket that is not shared, the customer reads nothing (INTERCOM-10).
    visibility: part.type !== 'note' && ticket.isShared ? 'PUBLIC' : 'INTERNAL',
    attachments: toFiles(part).map((file) => toAttachment(file, ticket, context)),
  }
}

/** A tag that says more than lines: such a text is shown as HTML. */
const markup = /<(?!\/?(?:p|br|div|span)\b)[a-z]/i
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ' }

/** Intercom makes paragraphs of plain texts. */
function toBody(html: string): Pick<ThreadMessage, 'body' | 'format'> {
  if (markup.test(html)) return { body: html, format: 'HTML' }
  const lines = html.replace(/<\/(?:p|div)>\s*(?=<)|<br *\/?>/gi, '\n').replace(/<\/?(?:p|div|span)\b[^<>]*>/gi, '')
  return { body: lines.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => entities[name]!), format: 'TEXT' }
}

interface PlacedFile extends IntercomFile {
  /** Where the file is: files have no ids of their own. */
  readonly id: string
  readonly isTemporary: boolean
}

/** How long the address of a file of an attribute works (INTERCOM-11). */
const temporaryMs = 30 * 60_000

function toFiles({ id, files }: IntercomPart): readonly PlacedFile[] {
  return files.map((file, index) => ({ ...file, id: `part-${id}-${index}`, isTemporary: false }))
}

/** The files of messages, and of the attributes that are made of files. */
export function filesOf(ticket: IntercomRecord & Pick<IntercomTicket, 'types'>): readonly PlacedFile[] {
  const ofAttributes = (typeOf(ticket)?.attributes ?? [])
    .filter(({ dataType }) => dataType === 'files')
    .flatMap(({ id, name }) => {
      const files = [readOwn(ticket.attributes, name)].flat().flatMap((value) => toFile(value) ?? [])
      return files.map((file, index) => ({ ...file, id: `attribute-${id}-${index}`, isTemporary: true }))
    })
  return [...messagesOf(ticket).flatMap(toFiles), ...ofAttributes]
}

/** Its address is signed, and works for anyone while it works. */
function toAttachment(file: PlacedFile, { id }: IntercomTicket, { parts, origin }: ReadContext): Attachment {
  const expiresAt = file.isTemporary ? toInstant(toEpochMs(origin.observedAt) + temporaryMs) : null
  return { ...parts.toAttachment(id, file), expiresAt, requiresAuth: false }
}
