import { type Kysely, sql } from 'kysely'
import { fromTicketJson } from '../../db/repositories/ticket-json.ts'
import type { Database } from '../../db/schema.ts'
import type { Customer, Ticket } from '../../domain/ticket.ts'
import type { SourceInfo } from '../../sources/source.ts'
import { isSubject, learn, type Subject } from './subject.ts'

/** Enough of a source to read its kept tickets, which may be of one that is no longer configured. */
export function toErasureSource(key: string): SourceInfo {
  return { id: '', key, system: '', label: '', mode: 'EVENT_FED', actions: [], canCreate: false, filters: [] }
}

/**
 * The customer's tickets, by global id, as the store and the journal know them. Repeats while the tickets found name the
 * customer in another way.
 */
export async function findTickets(db: Kysely<Database>, subject: Subject): Promise<ReadonlyMap<string, Ticket>> {
  const found = new Map<string, Ticket>()
  for (let learned = true; learned; ) {
    learned = false
    for (const ticket of [...(await inStore(db, subject)), ...(await inJournal(db, subject))]) {
      if (!isSubject(subject, ticket.customer)) continue
      found.set(ticket.id, ticket)
      if (learn(subject, ticket.customer as Customer)) learned = true
    }
  }
  return found
}

async function inStore(db: Kysely<Database>, { emails, ids, externalIds }: Subject): Promise<readonly Ticket[]> {
  const { rows } = await sql<{ source_key: string; body: string }>`select source_key, body from tickets
    where customer_email = any(${[...emails]}) or customer_id = any(${[...ids]}) or customer_external_id = any(${[...externalIds]})`.execute(
    db,
  )
  return rows.map((row) => fromTicketJson(row.body, toErasureSource(row.source_key)))
}

/** The journal has no column for the customer; tickets of pull sources are nowhere else. */
async function inJournal(db: Kysely<Database>, { emails, ids, externalIds }: Subject): Promise<readonly Ticket[]> {
  const marks = [...emails, ...[...ids, ...externalIds].map((id) => JSON.stringify(id).toLowerCase())]
  const { rows } = await sql<{
    source_key: string
    ticket: string
    before: string | null
  }>`select source_key, ticket, before from journal
    where exists (select 1 from unnest(${marks}::text[]) as m(mark)
      where position(mark in lower(ticket)) > 0 or position(mark in lower(coalesce(before, ''))) > 0)`.execute(db)
  return rows.flatMap(({ source_key, ticket, before }) =>
    [ticket, before].flatMap((json) => (json === null ? [] : [fromTicketJson(json, toErasureSource(source_key))])),
  )
}
