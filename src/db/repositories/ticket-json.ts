import { encodeId } from '../../domain/ids.ts'
import type { Actor, Attachment, PlainTicket, ThreadMessage, Ticket } from '../../domain/ticket.ts'
import { toPlainTicket } from '../../domain/ticket-view.ts'
import type { SourceInfo } from '../../sources/source.ts'

/** A configured source's info; null: the source is not configured (any more). */
export type FindSource = (key: string) => SourceInfo | null

/**
 * A ticket as JSON text without its SourceInfo, which is configuration and not part of the ticket. Version 0.1 can read it: it knows the
 * partners of a routed ticket as one text, and the external id of an author as `id`.
 */
export function toTicketJson(ticket: Ticket): string {
  const { source: _, ...fields } = toPlainTicket(ticket)
  const { routing, messages } = fields
  return JSON.stringify({
    ...fields,
    ...(routing && { routing: { ...routing, partner: routing.partners.join(', ') || null } }),
    ...(messages && {
      messages: messages.map((message) => ({ ...message, author: message.author && toStoredActor(message.author) })),
    }),
  })
}

/** An actor that version 0.1 can read too. */
type StoredActor = Actor & { readonly id: string | null }
export function toStoredActor(actor: Actor): StoredActor {
  return { ...actor, id: actor.externalId }
}
/** The actor that this version or 0.1 has stored. */
export function fromStoredActor({ kind, name, externalId, id }: Partial<StoredActor> & Pick<Actor, 'kind' | 'name'>): Actor {
  return { kind, externalId: externalId ?? id ?? null, name }
}

/** The ticket that `toTicketJson` wrote, in this version or in 0.1, with the source as it is configured now. */
export function fromTicketJson(json: string, source: SourceInfo): Ticket {
  const ticket = JSON.parse(json)
  ticket.source = source
  if (ticket.routing) ticket.routing = toRouting(ticket.routing)
  if (ticket.queueKey === undefined) return fromVersion1(ticket)
  for (const message of ticket.messages ?? []) message.author = message.author && fromStoredActor(message.author)
  return ticket
}

/** The fields that tickets have since version 0.2. A stored ticket is never a summary. */
const laterFields = {
  isSummary: false,
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
type TicketOf1 = Omit<PlainTicket, keyof typeof laterFields | 'messages' | 'attachments'> & {
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
      author: author && fromStoredActor(author),
      format: 'TEXT',
      attachments: toAttachments(attachments, `${index}-`),
    }),
  )
  return { ...ticket, ...laterFields, messages: messages ?? null, attachments: toAttachments(ticket.attachments, '') }
}
