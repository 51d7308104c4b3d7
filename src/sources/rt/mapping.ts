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
import { createTicket, type MappedFields } from '../mapped-ticket.ts'
import type { Origin } from '../source.ts'
import { createParts, type TicketParts } from '../ticket-parts.ts'
import type { Mapping } from '../vendor-api.ts'
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
  return {
    toTicket: (wire, origin, isSummary) => toTicket(wire, isSummary, origin, { dialect, base }),
    findUnknownFields: ({ mergedInto }, { status, channel }) => [
      ...(status === 'UNKNOWN' && mergedInto === null ? ['status'] : []),
      ...(channel === 'UNKNOWN' ? ['channel'] : []),
    ],
  }
}

interface Context {
  readonly parts: TicketParts
  readonly dialect: RtDialect
  readonly base: string
}

function toTicket(
  wire: RtTicket,
  isSummary: boolean,
  origin: Origin,
  { dialect, base }: Pick<Context, 'dialect' | 'base'>,
): Ticket {
  const parts = createParts(origin)
  const context = { parts, dialect, base }
  const { id, queue, owner, requestors, status, priority, messages } = wire
  const [requestor] = requestors
  const channel = valuesOf(wire, dialect.channelField)?.[0]
  const fields: MappedFields<typeof rtTable> = {
    number: id,
    url: toUrl(id, context),
    title: wire.subject,
    description: isSummary ? null : (findBody(messages?.find(({ type }) => type === 'Create'))?.content ?? null),
    status: status === null ? 'UNKNOWN' : toTicketStatus(status, dialect),
    sourceStatus: status,
    priority: priority === null ? null : toTicketPriority(priority, dialect),
    sourcePriority: priority === null ? null : String(priority),
    category: queue && { code: queue.id, label: queue.name ?? queue.id, path: [queue.name ?? queue.id] },
    channel: channel === undefined ? null : usualChannels.toValue(channel),
    queue: queue?.name ?? null,
    queueKey: queue?.id ?? null,
    tags: valuesOf(wire, dialect.tagsField),
    assignee: owner && parts.toAgent(owner),
    followers: isSummary ? null : toFollowers(wire),
    customer: requestor ? parts.toCustomer(requestor) : null,
    links: isSummary ? null : toLinks(wire, context),
    messages: isSummary ? null : (messages ?? []).flatMap((message) => toMessage(message, wire, context)),
    attachments: isSummary ? null : (messages ?? []).flatMap((message) => toAttachments(message, wire, context)),
    customFields: toCustomFields(wire, dialect),
    statusOptions: isSummary ? null : wire.steps.map((step) => toStatusOption(step, dialect)),
    dueAt: wire.due,
    createdAt: wire.created,
    updatedAt: wire.lastUpdated,
    resolvedAt: wire.resolved,
    deletedAt: status === 'deleted' ? (wire.resolved ?? wire.lastUpdated) : null,
  }
  return createTicket<typeof rtTable>(id, origin, wire.mergedInto === null ? wire.record : null, fields, isSummary)
}

function toUrl(id: string, { base }: Context): string {
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

function toLinks({ links, mergedInto }: RtTicket, context: Context): readonly TicketLink[] {
  const toLink = (kind: TicketLinkKind, id: string, reason: string | null = null) =>
    context.parts.toLink(kind, id, toUrl(id, context), reason)
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
function toMessage(message: RtMessage, ticket: RtTicket, context: Context): ThreadMessage[] {
  const { id, type, creator, created } = message
  const [body, files] = [findBody(message), toAttachments(message, ticket, context)]
  if (type === 'Create' && !body?.content && files.length === 0) return []
  return [
    {
      id: context.parts.idOf('message', `${ticket.id}#${id}`),
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

function toAttachments({ id: transactionId, parts }: RtMessage, ticket: RtTicket, context: Context): readonly Attachment[] {
  return (
    parts
      // RT keeps the empty text of a message that is a file alone as a part without bytes.
      .filter(
        (part) => !isText(part) && !part.contentType?.startsWith('multipart/') && (part.filename !== null || part.size !== 0),
      )
      .map((part) =>
        context.parts.toAttachment(ticket.id, {
          ...part,
          url: `${context.base}/Ticket/Attachment/${transactionId}/${part.id}/${encodeURIComponent(part.filename ?? '')}`,
        }),
      )
  )
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
