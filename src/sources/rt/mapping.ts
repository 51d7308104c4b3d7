import { encodeUrlPart } from '../../domain/formats.ts'
import type {
  Actor,
  ActorKind,
  Attachment,
  CustomField,
  StatusOption,
  ThreadMessage,
  Ticket,
  TicketLink,
  TicketLinkKind,
  TicketPriority,
  TicketStatus,
} from '../../domain/ticket.ts'
import { byName, usualChannels } from '../dialect.ts'
import type { TicketParts } from '../ticket-parts.ts'
import { defineMapping, type Mapping } from '../translate.ts'
import type { RtConfig, RtDialect } from './config.ts'
import type { RtCustomField, RtMessage, RtPart, RtTicket, RtUser } from './decode.ts'
import type { rtTable } from './index.ts'

/** What lists omit: texts are in other records of RT, and RT checks rights for each row of the others (RT-11). */
export const lazyFields = [
  ...(['description', 'messages', 'attachments', 'links', 'followers', 'statusOptions'] as const),
] as const satisfies readonly (keyof Ticket)[]

/** What is said in a ticket is in its transactions, their parts, and the texts of those: three calls for each ticket. */
export const costlyFields = ['description', 'messages', 'attachments'] as const satisfies readonly (keyof Ticket)[]

/** A search can have these: they cost RT a check of rights for each row (RT-11). */
export const listedFields = ['links', 'followers', 'statusOptions'] as const satisfies readonly (keyof Ticket)[]

/** `deleted` is a status that RT itself knows. */
export function toTicketStatus(word: string, { statuses }: RtDialect): TicketStatus {
  if (word === 'deleted') return 'CANCELLED'
  return byName(statuses, word) ?? 'UNKNOWN'
}

/** From the lowest on, each with its lowest number; null: no number is too low. */
export function toPrioritySteps({ priorities }: RtDialect): readonly (readonly [TicketPriority, number | null])[] {
  const steps = (['MEDIUM', 'HIGH', 'URGENT'] as const).map((one) => [one, priorities[one] ?? null] as const)
  return [['LOW', null], ...steps.filter(([, lowest]) => lowest !== null)]
}

export function toTicketPriority(number: number, dialect: RtDialect): TicketPriority {
  return toPrioritySteps(dialect).findLast(([, lowest]) => lowest === null || number >= lowest)?.[0] ?? 'LOW'
}

/** The translation for one installation. Pure. */
export function createMapping({ dialect, url }: Pick<RtConfig, 'dialect' | 'url'>): Mapping<RtTicket> {
  const base = url.replace(/\/+$/, '')
  return defineMapping<RtTicket, typeof rtTable>(
    {
      number: ({ id }) => id,
      url: ({ id }) => toUrl(id, base),
      title: ({ subject }) => subject,
      description: ({ messages }, { isSummary }) =>
        isSummary ? null : (findBody(messages?.find(({ type }) => type === 'Create'))?.content ?? null),
      status: ({ status }) => (status === null ? 'UNKNOWN' : toTicketStatus(status, dialect)),
      sourceStatus: ({ status }) => status,
      priority: ({ priority }) => (priority === null ? null : toTicketPriority(priority, dialect)),
      sourcePriority: ({ priority }) => (priority === null ? null : String(priority)),
      category: ({ queue }) => queue && { code: queue.id, label: queue.name ?? queue.id, path: [queue.name ?? queue.id] },
      channel: (wire) => valuesOf(wire, dialect.channelField)?.map(usualChannels.toValue)[0] ?? null,
      queue: ({ queue }) => queue?.name ?? null,
      queueKey: ({ queue }) => queue?.id ?? null,
      tags: (wire) => valuesOf(wire, dialect.tagsField),
      assignee: ({ owner }, { parts }) => owner && parts.toAgent(owner),
      followers: (wire, { isSummary }) => (isSummary ? null : toFollowers(wire)),
      customer: ({ requestors: [requestor] }, { parts }) => (requestor ? parts.toCustomer(requestor) : null),
      links: (wire, { parts, isSummary }) => (isSummary ? null : toLinks(wire, parts, base)),
      messages: (wire, { parts, isSummary }) =>
        isSummary ? null : (wire.messages ?? []).flatMap((message) => toMessage(message, wire, parts, base)),
      attachments: (wire, { parts, isSummary }) =>
        isSummary ? null : (wire.messages ?? []).flatMap((message) => toAttachments(message, wire, parts, base)),
      customFields: (wire) => toCustomFields(wire, dialect),
      statusOptions: ({ steps }, { isSummary }) => (isSummary ? null : steps.map((step) => toStatusOption(step, dialect))),
      dueAt: ({ due }) => due,
      createdAt: ({ created }) => created,
      updatedAt: ({ lastUpdated }) => lastUpdated,
      resolvedAt: ({ resolved }) => resolved,
      deletedAt: ({ status, resolved, lastUpdated }) => (status === 'deleted' ? (resolved ?? lastUpdated) : null),
      raw: ({ mergedInto, record }) => (mergedInto === null ? record : null),
    },
    { status: (status, { mergedInto }) => (status === 'UNKNOWN' && mergedInto === null ? 'status' : null) },
  )
}

function toUrl(id: string, base: string): string {
  return `${base}/Ticket/Display.html?id=${id}`
}

function toStatusOption({ to, label }: RtTicket['steps'][number], dialect: RtDialect): StatusOption {
  return { key: to, label, status: toTicketStatus(to, dialect), requires: [] }
}

/** null: the ticket has no such field, or the account may not see it. */
function valuesOf({ customFields }: RtTicket, name: string | undefined): readonly string[] | null {
  return (name !== undefined && customFields.find((field) => field.name === name)?.values) || null
}

/** A requestor after the first one is told like a Cc. */
function toFollowers({ requestors, cc, adminCc }: RtTicket): readonly Actor[] {
  const toActors = (users: readonly RtUser[], kind: ActorKind) =>
    users.map(({ id, name }) => ({ kind, externalId: id, name: name ?? id }))
  return [...toActors(requestors.slice(1), 'CUSTOMER'), ...toActors(cc, 'UNKNOWN'), ...toActors(adminCc, 'AGENT')]
}

const linkKinds: Readonly<Record<string, TicketLinkKind>> = {
  'depends-on': 'BLOCKED_BY',
  'depended-on-by': 'BLOCKS',
  parent: 'PARENT',
  child: 'CHILD',
  'refers-to': 'RELATED',
  'referred-to-by': 'RELATED',
}

function toLinks({ links, mergedInto }: RtTicket, parts: TicketParts, base: string): readonly TicketLink[] {
  const toLink = (kind: TicketLinkKind, id: string, reason: string | null = null) =>
    parts.toLink(kind, id, toUrl(id, base), reason)
  if (mergedInto !== null) return [toLink('MERGED_INTO', mergedInto)]
  return links.flatMap(({ ref, type, id, url }) => {
    const kind = linkKinds[ref] ?? 'UNKNOWN'
    if (type === 'ticket') return id === null ? [] : [toLink(kind, id, ref)]
    const externalId = id ?? url
    return externalId === null ? [] : [{ ...toLink(kind, externalId, ref), system: type ?? 'external', url, ticketId: null }]
  })
}

/** The text of a message: plain before HTML. A part with a name is a file. */
function findBody(message: RtMessage | undefined): RtPart | undefined {
  const texts = message?.parts.filter(isText) ?? []
  return texts.find(({ contentType }) => contentType !== 'text/html') ?? texts[0]
}

/** A longer text is a file: a page of attachments would be more than is accepted. */
const maxTextBytes = 256 * 1024

/** True for a part that people read as the message. */
export function isText({ filename, contentType, size }: RtPart): boolean {
  return filename === null && (size ?? 0) <= maxTextBytes && (contentType === null || /^text\/(?:plain|html)$/.test(contentType))
}

/** A ticket that was opened without a text has no first message. */
function toMessage(message: RtMessage, ticket: RtTicket, parts: TicketParts, base: string): ThreadMessage[] {
  const { id, type, creator, created } = message
  const [body, files] = [findBody(message), toAttachments(message, ticket, parts, base)]
  if (type === 'Create' && !body?.content && files.length === 0) return []
  return [
    {
      id: parts.idOf('message', `${ticket.id}#${id}`),
      author: creator && {
        kind: toActorKind(creator.id, message, ticket),
        externalId: creator.id,
        name: creator.name ?? creator.id,
      },
      body: body?.content ?? '',
      format: body?.contentType === 'text/html' ? 'HTML' : 'TEXT',
      // RT shows a comment to those alone who have the right (RT-09).
      visibility: type === 'Comment' ? 'INTERNAL' : 'PUBLIC',
      createdAt: created,
      attachments: files,
    },
  ]
}

function toActorKind(id: string, { type }: RtMessage, { requestors, owner }: RtTicket): ActorKind {
  if (id === 'RT_System') return 'SYSTEM'
  if (requestors.some((requestor) => requestor.id === id)) return 'CUSTOMER'
  return type === 'Comment' || id === owner?.id ? 'AGENT' : 'UNKNOWN'
}

function toAttachments(message: RtMessage, ticket: RtTicket, parts: TicketParts, base: string): readonly Attachment[] {
  const urlOf = ({ id, filename }: RtPart) => `${base}/Ticket/Attachment/${message.id}/${id}/${encodeUrlPart(filename ?? '')}`
  // RT keeps the empty text of a message that is a file alone as a part without bytes.
  const isFile = (part: RtPart) =>
    !isText(part) && !part.contentType?.startsWith('multipart/') && (part.filename !== null || part.size !== 0)
  return message.parts.filter(isFile).map((part) => parts.toAttachment(ticket.id, { ...part, url: urlOf(part) }))
}

/** Without the fields that the ticket already shows as its channel and its tags. */
function toCustomFields({ customFields }: RtTicket, dialect: RtDialect): readonly CustomField[] {
  return customFields
    .filter(({ name }) => name === null || (name !== dialect.channelField && name !== dialect.tagsField))
    .map((field) => toCustomField(field, dialect))
}

/** RT sends every value as text, in a list. */
function toCustomField({ id, name, values }: RtCustomField, { customFieldTypes }: RtDialect): CustomField {
  const type = byName(customFieldTypes, name) ?? (values.length > 1 ? 'CHOICES' : 'TEXT')
  const [first = null] = values
  const number = type === 'NUMBER' && first !== null && Number.isFinite(Number(first)) ? Number(first) : null
  const value = type === 'CHOICES' ? values : type === 'NUMBER' ? number : first
  return { key: id, label: name, type, value, text: values.length > 0 ? values.join(', ') : null }
}
