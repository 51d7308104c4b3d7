import { type EntityKind, encodeId } from '../domain/ids.ts'
import type { Agent, Attachment, Customer, Group, TicketLink, TicketLinkKind } from '../domain/ticket.ts'
import type { Origin } from './source.ts'

// Parts of tickets that every desk has, with the global ids of their source. What a vendor does not tell is null.

interface Person {
  readonly id: string
  readonly name: string | null
  readonly email?: string | null
}

/** Builds the parts of the tickets of one source. Pure. */
export interface TicketParts {
  idOf(kind: EntityKind, externalId: string): string
  toAgent(person: Person): Agent
  toGroup(group: Pick<Person, 'id' | 'name'>): Group
  toCustomer(person: Person & { readonly phone?: string | null }): Customer
  /** A link to a ticket of the same source. */
  toLink(kind: TicketLinkKind, externalId: string, url: string, reason?: string | null): TicketLink
  /** A file that the source shows to its users alone. */
  toAttachment(ticketId: string, file: VendorFile): Attachment
}

export interface VendorFile {
  readonly id: string
  readonly filename: string | null
  readonly url: string | null
  /** Bytes. */
  readonly size: number | null
  readonly contentType: string | null
}

export function createParts({ source, tenant }: Pick<Origin, 'tenant'> & { readonly source: SourceName }): TicketParts {
  const idOf = (kind: EntityKind, externalId: string) => encodeId(kind, source.key, tenant, externalId)
  return {
    idOf,
    toAgent: ({ id, name, email = null }) => ({ id: idOf('agent', id), externalId: id, name, email }),
    toGroup: ({ id, name }) => ({ id: idOf('group', id), externalId: id, name }),
    toCustomer: ({ id, name, email = null, phone = null }) => ({
      ...{ id: idOf('customer', id), externalId: id, name, firstName: null, lastName: null, email, phone },
    }),
    toLink: (kind, externalId, url, reason = null) => ({
      ...{ kind, system: source.system, externalId, category: null, reason, creator: null, createdAt: null, url },
      ticketId: idOf('ticket', externalId),
    }),
    toAttachment: (ticketId, { id, filename, url, size, contentType }) => ({
      ...{ id: idOf('attachment', `${ticketId}#${id}`), filename: filename ?? 'attachment', url, size, contentType },
      expiresAt: null,
      requiresAuth: true,
    }),
  }
}

type SourceName = Pick<Origin['source'], 'key' | 'system'>
