import { encodeId } from '../../domain/ids.ts'
import type {
  Actor,
  ActorKind,
  Attachment,
  Resolution,
  ThreadMessage,
  Ticket,
  TicketCategory,
  TicketPriority,
  TicketStatus,
} from '../../domain/ticket.ts'
import type { FilterRule, FilterTable } from '../filter-table.ts'
import type { Origin } from '../source.ts'
import { defineMapping } from '../translate.ts'
import { createVocabulary } from '../vocabulary.ts'
import type { verifikTable } from './capabilities.ts'
import type { VerifikAttachment, VerifikMessage, VerifikPerson, VerifikTicket } from './decode.ts'

/** Five documented statuses, and two that the legacy API sends. */
export const statuses = createVocabulary<TicketStatus>(
  {
    open: 'OPEN',
    pending: 'PENDING',
    in_progress: 'IN_PROGRESS',
    resolved: 'RESOLVED',
    closed: 'CLOSED',
    progress: 'IN_PROGRESS',
    cancelled: 'CANCELLED',
  },
  { readOnly: ['progress', 'cancelled'] },
)
export const priorities = createVocabulary<TicketPriority>({ low: 'LOW', medium: 'MEDIUM', high: 'HIGH', urgent: 'URGENT' })
const authors = createVocabulary<ActorKind>({ user: 'CUSTOMER', agent: 'AGENT', system: 'SYSTEM' }, { spelling: 'anyCase' })
/** The documented categories. Any other is its own label. */
export const categoryLabels = new Map([
  ['technical', 'Technical issues'],
  ['billing', 'Billing and payment issues'],
  ['account', 'Account-related issues'],
  ['feature_request', 'Feature requests'],
  ['general', 'General inquiries'],
])

/** The conditions that Verifik applies exactly, to one value each. */
export const filters: FilterTable<unknown> = {
  STATUS: ofOneValue('status', statuses.toOnlyWord),
  PRIORITY: ofOneValue('priority', priorities.toOnlyWord),
  CATEGORY: ofOneValue('category', (code) => code),
}

/** `key`: Verifik's query parameter has the same name. */
function ofOneValue(key: 'status' | 'priority' | 'category', toWord: (value: string) => string | null): FilterRule<unknown> {
  return {
    applied: 'EXACT',
    suits: (filter) => toSingle(filter[key], toWord) !== null,
    toTerms: (filter) => [`${key}=${encodeURIComponent(toSingle(filter[key], toWord) ?? '')}`],
  }
}

function toSingle(values: readonly string[] | null | undefined, toWord: (value: string) => string | null): string | null {
  const [value, ...others] = values ?? []
  return value === undefined || others.length > 0 ? null : toWord(value)
}

/** The fields that lists omit or cut off. */
export const lazyFields = [
  'description',
  'messages',
  'attachments',
  'resolution',
  'resolvedAt',
] as const satisfies readonly (keyof Ticket)[]

export const mapping = defineMapping<VerifikTicket, typeof verifikTable>(
  {
    title: ({ title }) => title,
    description: ({ description }) => description,
    status: ({ status }) => (status === null ? 'UNKNOWN' : statuses.toValue(status)),
    sourceStatus: ({ status }) => status,
    priority: ({ priority }) => (priority === null ? null : priorities.toValue(priority)),
    sourcePriority: ({ priority }) => priority,
    category: ({ category }) => (category === null ? null : toCategory(category)),
    // Verifik's web panel writes the tickets, or its API in the panel's place.
    channel: () => 'WEB',
    tags: ({ tags }) => tags,
    assignee: ({ assignee }, { parts }) => assignee && parts.toAgent(assignee),
    customer: ({ client }, { parts }) => client && parts.toCustomer(client),
    messages: (wire, { origin }) => toMessages(wire, origin),
    attachments: (wire, { origin }) =>
      wire.attachments?.map((attachment, index) => toAttachment(attachment, `file-${index}`, wire, origin)) ?? null,
    resolution: toResolution,
    createdAt: ({ createdAt }) => createdAt,
    updatedAt: ({ updatedAt }) => updatedAt,
    resolvedAt: ({ resolvedAt }) => resolvedAt,
    raw: ({ record }) => record,
  },
  {
    status: (status, wire) => (status === 'UNKNOWN' && wire.status !== null ? 'status' : null),
    category: (category) => (category !== null && !categoryLabels.has(category.code) ? 'category' : null),
    messages: (messages) => (messages?.some(({ author }) => author?.kind === 'UNKNOWN') ? 'author' : null),
  },
)

function toCategory(code: string): TicketCategory {
  return { code, label: categoryLabels.get(code) ?? code, path: [code] }
}

/** Oldest first. The id of a message is made of its index in the vendor's order. Messages without content are left out. */
function toMessages(wire: VerifikTicket, origin: Origin): readonly ThreadMessage[] | null {
  const messages = wire.threads?.filter(({ message, attachments }) => message !== null || attachments?.length)
  if (!messages) return null
  return messages.map((message) => toMessage(message, wire, origin)).sort(byTime)
}

function byTime(one: ThreadMessage, other: ThreadMessage): number {
  if (one.createdAt === null || other.createdAt === null || one.createdAt === other.createdAt) return 0
  return one.createdAt < other.createdAt ? -1 : 1
}

function toMessage(wire: VerifikMessage, ticket: VerifikTicket, origin: Origin): ThreadMessage {
  const { source, tenant } = origin
  const kind = authors.toValue(wire.type ?? '')
  return {
    id: encodeId('message', source.key, tenant, `${ticket.id}#${wire.index}`),
    author: toActor(kind, wire.author, ticket),
    body: wire.message ?? '',
    format: 'TEXT',
    // The documents show messages of users and agents to the client. For other types they do not say: keep them internal.
    visibility: kind === 'CUSTOMER' || kind === 'AGENT' ? 'PUBLIC' : 'INTERNAL',
    createdAt: wire.timestamp,
    attachments:
      wire.attachments?.map((attachment, index) =>
        toAttachment(findComplete(attachment, ticket), `${wire.index}-file-${index}`, ticket, origin),
      ) ?? null,
  }
}

/** The author of a message is an id. Its name is known where it is the ticket's client or assignee. */
function toActor(kind: ActorKind, author: VerifikPerson | null, ticket: VerifikTicket): Actor {
  if (author === null) return { kind, externalId: null, name: null }
  const known = [ticket.client, ticket.assignee].find((person) => person?.id === author.id)
  return { kind, externalId: author.id, name: author.name ?? known?.name ?? null }
}

/** The ticket's attachment object for an attachment of a message that is an id alone. */
function findComplete(attachment: VerifikAttachment, ticket: VerifikTicket): VerifikAttachment {
  if (attachment.filename !== null || attachment.id === null) return attachment
  return ticket.attachments?.find(({ id }) => id === attachment.id) ?? attachment
}

/** An attachment without an id gets one of its place in the ticket. The vendor's address is all that it takes to read the file. */
function toAttachment(
  { id, filename, url, size, type }: VerifikAttachment,
  place: string,
  ticket: VerifikTicket,
  { source, tenant }: Origin,
): Attachment {
  return {
    id: encodeId('attachment', source.key, tenant, `${ticket.id}#${id ?? place}`),
    filename: filename ?? id ?? 'attachment',
    url,
    size,
    contentType: type,
    expiresAt: null,
    requiresAuth: false,
  }
}

/** The vendor's text is the reason. It sends no code for the status of a resolution. */
function toResolution({ resolution, resolvedAt }: VerifikTicket): Resolution | null {
  return resolution === null && resolvedAt === null ? null : { status: null, reason: resolution, resolvedAt }
}
