import { encodeId } from '../../domain/ids.ts'
import type { Actor, Attachment, ThreadMessage, Ticket } from '../../domain/ticket.ts'
import type { SourceInfo } from '../../sources/source.ts'

/** A configured source's info; null: the source is not configured (any more). */
export type FindSource = (key: string) => SourceInfo | null

/**
 * A ticket as JSON text without its SourceInfo, which is configuration and not part of the ticket. Version 0.1 can read it: it knows the
 * partners of a routed ticket as one text.
 */
export function toTicketJson({ source: _, ...ticket }: Ticket): string {
  const { routing } = ticket
  if (routing === null) return JSON.stringify(ticket)
  return JSON.stringify({ ...ticket, routing: { ...routing, partner: routing.partners.join(', ') || null } })
}

/** The ticket that `toTicketJson` wrote, in this version or in 0.1, with the source as it is configured now. */
export function fromTicketJson(json: string, source: SourceInfo): Ticket {
  const ticket = JSON.parse(json)
  ticket.source = source
  if (ticket.routing) ticket.routing = toRouting(ticket.routing)
  return ticket.queueKey === undefined ? fromVersion1(ticket) : ticket
}

/** The fields that tickets have since version 0.2. */
const laterFields = {
  queueKey: null,
  group: null,
  followers: null,
  organization: null,
  customFields: null,
  statusOptions: null,
  slaTargets: null,
  satisfaction: null,
} satisfies Partial<Ticket>

type StoredRouting = NonNullable<Ticket['routing']> & { readonly partner?: string | null }
type AttachmentOf1 = Omit<Attachment, 'id' | 'expiresAt' | 'requiresAuth'>
type MessageOf1 = Omit<ThreadMessage, 'author' | 'format' | 'attachments'> & {
  readonly author: (Omit<Actor, 'externalId'> & { readonly id: string | null }) | null
  readonly attachments: readonly AttachmentOf1[] | null
}
type TicketOf1 = Omit<Ticket, keyof typeof laterFields | 'messages' | 'attachments'> & {
  readonly messages: readonly MessageOf1[] | null
  readonly attachments: readonly AttachmentOf1[] | null
}

function toRouting({ type, partners, partner, rule, trace }: StoredRouting): Ticket['routing'] {
  return { type, partners: partners ?? partner?.split(', ') ?? [], rule, trace }
}

function fromVersion1(ticket: TicketOf1): Ticket {
  const toAttachments = (attachments: readonly AttachmentOf1[] | null, place: string) =>
    attachments?.map((attachment, index): Attachment => {
      const id = encodeId('attachment', ticket.source.key, ticket.tenant, `${ticket.externalId}#${place}file-${index}`)
      return { ...attachment, id, expiresAt: null, requiresAuth: false }
    }) ?? null
  const messages = ticket.messages?.map(
    ({ author, attachments, ...message }, index): ThreadMessage => ({
      ...message,
      author: author && { kind: author.kind, externalId: author.id, name: author.name },
      format: 'TEXT',
      attachments: toAttachments(attachments, `${index}-`),
    }),
  )
  return { ...ticket, ...laterFields, messages: messages ?? null, attachments: toAttachments(ticket.attachments, '') }
}
