import type { Insertable } from 'kysely'
import type { Instant } from '../../domain/instant.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { TicketPriority } from '../../domain/ticket.ts'
import type { StoredTicket } from '../../domain/transaction.ts'
import type { TicketsTable } from '../schema.ts'
import { toTicketJson } from './ticket-json.ts'

const priorityOrder: Readonly<Record<TicketPriority, number | null>> = { LOW: 1, MEDIUM: 2, HIGH: 3, URGENT: 4, UNKNOWN: null }

const text = (value: string | null | undefined): string | null => (value == null ? null : sanitizeForPostgres(value))
const texts = (values: readonly (string | null | undefined)[]): string[] => [
  ...new Set(values.filter((value) => value != null).map(sanitizeForPostgres)),
]

/** The row of a ticket: its document, and beside it the columns that lists filter and order by. */
export function toTicketRow({ ticket, state, submission }: StoredTicket, keptAt: Instant): Insertable<TicketsTable> {
  const { assignee } = ticket
  return {
    source_key: ticket.source.key,
    tenant: ticket.tenant,
    external_id: ticket.externalId,
    body: toTicketJson(ticket),
    state: state == null ? null : JSON.stringify(state),
    submission,
    status: ticket.status,
    priority: ticket.priority,
    priority_order: ticket.priority && priorityOrder[ticket.priority],
    channel: ticket.channel,
    category: text(ticket.category?.code),
    assignees: texts([assignee?.externalId, assignee?.name, assignee?.email]).map((value) => value.toLowerCase()),
    customer_id: text(ticket.customer?.id),
    customer_external_id: text(ticket.customer?.externalId),
    customer_email: text(ticket.customer?.email?.toLowerCase()),
    vendor_id: text(ticket.vendor?.id),
    order_ids: texts((ticket.orders ?? []).map((order) => order.externalId)),
    tags: texts(ticket.tags ?? []),
    search: sanitizeForPostgres(
      [ticket.title, ticket.description, ticket.number, ticket.externalId].filter(Boolean).join('\n').toLowerCase(),
    ),
    created_at: ticket.createdAt,
    updated_at: ticket.updatedAt,
    deleted_at: ticket.deletedAt,
    kept_at: keptAt,
  }
}
