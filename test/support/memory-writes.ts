import { encodeId } from '../../src/domain/ids.ts'
import type { Attachment, ThreadMessage, Ticket } from '../../src/domain/ticket.ts'
import type {
  AttachmentDraft,
  CloseTicket,
  CreateTicket,
  CustomFieldDraft,
  EscalateTicket,
  ReassignTicket,
  ReopenTicket,
  ReplyToTicket,
  TransferTicket,
  UpdateTicket,
} from '../../src/domain/writes.ts'
import type { SourceInfo } from '../../src/sources/source.ts'

// What the writes of the source in memory make of a ticket. Every field of every input has an effect that tests can read.

/** The fields of a new ticket. */
export function created(info: SourceInfo, externalId: string, input: CreateTicket): Partial<Ticket> {
  const { title, description, priority, category, queue, type, tags, customer, storeId, order, customFields, attachments } = input
  return {
    title: title ?? null,
    description: description ?? null,
    priority: priority ?? null,
    category: category
      ? { code: category, label: category, path: [category, ...(input.subcategory ? [input.subcategory] : [])] }
      : null,
    queueKey: queue ?? null,
    type: type ?? null,
    tags: tags ?? null,
    origin: [input.market, storeId].filter(Boolean).join('/') || null,
    customer: customer
      ? {
          id: encodeId('customer', info.key, '', customer.externalId ?? 'new'),
          externalId: customer.externalId ?? 'new',
          name: customer.name ?? null,
          firstName: null,
          lastName: null,
          email: customer.email ?? null,
          phone: customer.phone ?? null,
        }
      : null,
    orders: order
      ? [
          {
            id: encodeId('order', info.key, '', order.externalId),
            externalId: order.externalId,
            entityId: null,
            placedAt: order.placedAt ?? null,
          },
        ]
      : null,
    customFields: withFields([], customFields),
    attachments: toAttachments(info, externalId, attachments),
  }
}

export const changes = {
  updateTicket(ticket: Ticket, input: UpdateTicket): Partial<Ticket> {
    const { title, description, priority, category, status, statusOption, tags, addTags, removeTags, customFields } = input
    const chosen = ticket.statusOptions?.find(({ key }) => key === statusOption)
    return {
      title: title ?? ticket.title,
      description: description ?? ticket.description,
      priority: priority ?? ticket.priority,
      category: category ? { code: category, label: category, path: [category] } : ticket.category,
      status: chosen?.status ?? status ?? ticket.status,
      sourceStatus: chosen?.key ?? input.event ?? ticket.sourceStatus,
      statusReason: input.contactReasonCode ?? ticket.statusReason,
      tags: [...new Set([...(tags ?? ticket.tags ?? []), ...(addTags ?? [])])].filter((tag) => !removeTags?.includes(tag)),
      customFields: customFields ? withFields(ticket.customFields ?? [], customFields) : ticket.customFields,
    }
  },
  replyToTicket(ticket: Ticket, { body, format, visibility, attachments }: ReplyToTicket): Partial<Ticket> {
    const { key } = ticket.source
    const place = `${ticket.externalId}#${ticket.messages?.length ?? 0}`
    const message: ThreadMessage = {
      id: encodeId('message', key, '', place),
      author: { kind: 'AGENT', externalId: 'a1', name: null },
      body,
      format: format ?? 'TEXT',
      visibility,
      createdAt: new Date().toISOString(),
      attachments: toAttachments(ticket.source, place, attachments),
    }
    return { messages: [...(ticket.messages ?? []), message] }
  },
  escalateTicket: (_: Ticket, { department, statusReason, resolutionReason }: EscalateTicket): Partial<Ticket> => ({
    status: 'ESCALATED',
    statusReason: statusReason ?? null,
    escalation: { department: department ?? null, reason: resolutionReason ?? null, escalatedAt: null },
  }),
  closeTicket: (_: Ticket, { statusReason, resolutionStatus, resolutionReason }: CloseTicket): Partial<Ticket> => ({
    status: 'CLOSED',
    statusReason: statusReason ?? null,
    resolution: { status: resolutionStatus ?? null, reason: resolutionReason ?? null, resolvedAt: null },
  }),
  reopenTicket: (_: Ticket, { statusReason }: ReopenTicket): Partial<Ticket> => ({
    status: 'OPEN',
    statusReason: statusReason ?? null,
  }),
  reassignTicket(ticket: Ticket, { assignee, group, unassign, reason }: ReassignTicket): Partial<Ticket> {
    const { key } = ticket.source
    return {
      statusReason: reason ?? ticket.statusReason,
      ...(assignee && { assignee: { id: encodeId('agent', key, '', assignee), externalId: assignee, name: null, email: null } }),
      ...(group && { group: { id: encodeId('group', key, '', group), externalId: group, name: null } }),
      ...(unassign && { assignee: null }),
    }
  },
  transferTicket: (_: Ticket, { queue }: TransferTicket): Partial<Ticket> => ({ queueKey: queue }),
  routeTicket: (): Partial<Ticket> => ({}),
} as const

function withFields(known: NonNullable<Ticket['customFields']>, drafts: readonly CustomFieldDraft[] | null | undefined) {
  const given = (drafts ?? []).map(({ key, value = null }) => {
    return { key, label: null, type: 'OTHER' as const, value, text: value === null ? null : JSON.stringify(value) }
  })
  return [...known.filter(({ key }) => !given.some((field) => field.key === key)), ...given]
}

function toAttachments(
  info: SourceInfo,
  place: string,
  drafts: readonly AttachmentDraft[] | null | undefined,
): Attachment[] | null {
  if (!drafts) return null
  return drafts.map(({ filename, url, uploadId, size, contentType }, index) => ({
    id: encodeId('attachment', info.key, '', `${place}#${index}`),
    filename,
    url: url ?? `https://files.example/${uploadId}`,
    size: size ?? null,
    contentType: contentType ?? null,
    expiresAt: null,
    requiresAuth: false,
  }))
}
