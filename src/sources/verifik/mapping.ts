import { encodeId } from '../../domain/ids.ts'
import type {
  Actor,
  Agent,
  Attachment,
  Customer,
  Resolution,
  ThreadMessage,
  Ticket,
  TicketCategory,
} from '../../domain/ticket.ts'
import type { Origin } from '../source.ts'
import type { VerifikAttachment, VerifikMessage, VerifikPerson, VerifikTicket } from './decode.ts'
import { toActorKind, toCategoryLabel, toPriority, toStatus } from './vocabulary.ts'

/** What the list leaves out, or cuts. */
export const lazyFields = [
  'description',
  'messages',
  'attachments',
  'resolution',
  'resolvedAt',
] as const satisfies readonly (keyof Ticket)[]

/** A Verifik ticket in the unified model. `isSummary`: it came from the list. */
export function toTicket(wire: VerifikTicket, origin: Origin, isSummary: boolean): Ticket {
  const { source, tenant, observedAt } = origin
  return {
    id: encodeId('ticket', source.key, tenant, wire.id),
    source,
    tenant,
    externalId: wire.id,
    isSummary,
    number: null,
    url: null,
    title: wire.title,
    description: wire.description,
    status: toStatus(wire.status),
    sourceStatus: wire.status,
    statusReason: null,
    statusChangedAt: null,
    priority: toPriority(wire.priority),
    sourcePriority: wire.priority,
    priorityRank: null,
    category: wire.category === null ? null : toCategory(wire.category),
    reason: null,
    type: null,
    // Tickets are written in Verifik's own web panel or by its API on its behalf.
    channel: 'WEB',
    origin: null,
    queue: null,
    country: null,
    language: null,
    tags: wire.tags,
    assignee: wire.assignee && toAgent(wire.assignee, origin),
    createdBy: null,
    updatedBy: null,
    customer: wire.client && toCustomer(wire.client, origin),
    vendor: null,
    orders: null,
    links: null,
    messages: toMessages(wire, origin),
    attachments: wire.attachments?.map(toAttachment) ?? null,
    escalation: null,
    resolution: toResolution(wire),
    routing: null,
    sla: null,
    dueAt: null,
    firstReplyTimeInMinutes: null,
    createdAt: wire.createdAt,
    updatedAt: wire.updatedAt,
    firstOpenedAt: null,
    lastOpenedAt: null,
    resolvedAt: wire.resolvedAt,
    deletedAt: null,
    freshness: { mode: 'LIVE', observedAt },
    raw: wire.record,
  }
}

function toCategory(code: string): TicketCategory {
  return { code, label: toCategoryLabel(code), path: [code] }
}

function toAgent(person: VerifikPerson, { source, tenant }: Origin): Agent {
  return { id: encodeId('agent', source.key, tenant, person.id), externalId: person.id, name: person.name, email: person.email }
}

function toCustomer(person: VerifikPerson, { source, tenant }: Origin): Customer {
  const id = encodeId('customer', source.key, tenant, person.id)
  return {
    id,
    source,
    externalId: person.id,
    name: person.name,
    firstName: null,
    lastName: null,
    email: person.email,
    phone: null,
  }
}

/** Oldest first. A message keeps its index as its name, wherever its time puts it. */
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
  const kind = toActorKind(wire.type)
  return {
    id: encodeId('message', source.key, tenant, `${ticket.id}#${wire.index}`),
    author: toActor(kind, wire.author, ticket, origin),
    body: wire.message ?? '',
    // The client reads what users and agents write; of anything else nobody promises that.
    visibility: kind === 'CUSTOMER' || kind === 'AGENT' ? 'PUBLIC' : 'INTERNAL',
    createdAt: wire.timestamp,
    attachments: wire.attachments?.map((attachment) => toAttachment(findWhole(attachment, ticket))) ?? null,
  }
}

/** The author is an id; the name is known where it is the ticket's own client or agent. */
function toActor(kind: Actor['kind'], author: VerifikPerson | null, ticket: VerifikTicket, { source, tenant }: Origin): Actor {
  if (author === null) return { kind, id: null, name: null }
  const known = [ticket.client, ticket.assignee].find((person) => person?.id === author.id)
  const entity = kind === 'CUSTOMER' ? 'customer' : 'agent'
  return { kind, id: encodeId(entity, source.key, tenant, author.id), name: author.name ?? known?.name ?? null }
}

function findWhole(attachment: VerifikAttachment, ticket: VerifikTicket): VerifikAttachment {
  if (attachment.filename !== null || attachment.id === null) return attachment
  return ticket.attachments?.find(({ id }) => id === attachment.id) ?? attachment
}

function toAttachment({ id, filename, url, size, type }: VerifikAttachment): Attachment {
  return { filename: filename ?? id ?? 'attachment', url, size, contentType: type }
}

/** The text says why; there is no code for how. */
function toResolution({ resolution, resolvedAt }: VerifikTicket): Resolution | null {
  return resolution === null && resolvedAt === null ? null : { status: null, reason: resolution, resolvedAt }
}
