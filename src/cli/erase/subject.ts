import { type Kysely, sql } from 'kysely'
import { fromTicketJson } from '../../db/repositories/ticket-json.ts'
import type { Database } from '../../db/schema.ts'
import { decodeId } from '../../domain/ids.ts'
import type { Customer, Ticket } from '../../domain/ticket.ts'
import type { SourceInfo } from '../../sources/source.ts'
import { toSourceInfo } from '../../sources/source-table.ts'
import { storedSourceTable } from '../../sources/stored-source.ts'

/** The person whose data is erased, with everything that names them. It grows while their tickets are found. */
export interface DataSubject {
  /** E-mail addresses in lower case. */
  readonly emails: Set<string>
  /** Global ids of customers. */
  readonly ids: Set<string>
  /** External ids that the operator gave. They match in every source. */
  readonly externalIds: Set<string>
  /** External ids of the customers in the tickets found. */
  readonly knownIds: Set<string>
  readonly phones: Set<string>
  readonly names: Set<string>
}

/** Reads what the operator gave: an e-mail address, a customer's global id, or the customer's id in a source. */
export function toSubject(given: string): DataSubject {
  const subject: DataSubject = {
    emails: new Set(),
    ids: new Set(),
    externalIds: new Set(),
    knownIds: new Set(),
    phones: new Set(),
    names: new Set(),
  }
  const text = given.trim()
  if (text.includes('@')) subject.emails.add(text.toLowerCase())
  else if (decodeId(text)?.kind === 'customer') subject.ids.add(text)
  else subject.externalIds.add(text)
  return subject
}

/** Enough of a source to read its stored tickets. The source may no longer be configured. */
export function toErasureSource(key: string): SourceInfo {
  return toSourceInfo({ key, system: '', label: '', mode: 'EVENT_FED' }, { ...storedSourceTable, fields: [] })
}

/**
 * Finds the subject's tickets in the store and the change log, by global id. It searches again while a ticket adds an id
 * to the subject, because that id can lead to more tickets.
 */
export async function findTickets(db: Kysely<Database>, subject: DataSubject): Promise<ReadonlyMap<string, Ticket>> {
  const found = new Map<string, Ticket>()
  for (let hasNewId = true; hasNewId; ) {
    hasNewId = false
    const stored = [await findInStore(db, subject), await findInChangeLog(db, subject), await findObserved(db, subject)]
    for (const ticket of stored.flat()) {
      if (ticket.customer === null || !isSubject(subject, ticket.customer)) continue
      found.set(ticket.id, ticket)
      if (addCustomer(subject, ticket.customer)) hasNewId = true
    }
  }
  return found
}

/**
 * True for the same e-mail address or the same id. An id that was only found through an address matches when the
 * customer has no other address: some systems give one id to a whole household or company.
 */
function isSubject(subject: DataSubject, customer: Customer): boolean {
  if (customer.email !== null && subject.emails.has(customer.email.toLowerCase())) return true
  if (subject.externalIds.has(customer.externalId)) return true
  return subject.ids.has(customer.id) && (customer.email === null || subject.emails.size === 0)
}

/** Adds what else names the subject. Returns true when the customer's id is new. */
function addCustomer(subject: DataSubject, customer: Customer): boolean {
  const isNew = !subject.ids.has(customer.id)
  subject.ids.add(customer.id)
  subject.knownIds.add(customer.externalId)
  if (customer.phone) subject.phones.add(customer.phone)
  for (const name of [customer.name, customer.firstName, customer.lastName, customer.email]) if (name) subject.names.add(name)
  return isNew
}

async function findInStore(db: Kysely<Database>, { emails, ids, externalIds }: DataSubject): Promise<readonly Ticket[]> {
  const { rows } = await sql<{ source_key: string; body: string }>`select source_key, body from tickets
    where customer_email = any(${[...emails]}) or customer_id = any(${[...ids]})
      or customer_external_id = any(${[...externalIds]})`.execute(db)
  return rows.map((row) => fromTicketJson(row.body, toErasureSource(row.source_key)))
}

/** What the text of a stored ticket has when it names the customer. */
function toTerms({ emails, ids, externalIds }: DataSubject): readonly string[] {
  return [...emails, ...[...ids, ...externalIds].map((id) => JSON.stringify(id).toLowerCase())]
}

/** Searches the text of the tickets of pulled sources as they were last seen. */
async function findObserved(db: Kysely<Database>, subject: DataSubject): Promise<readonly Ticket[]> {
  const { rows } = await sql<{ source_key: string; body: string }>`select source_key, body from observed_tickets
    where exists (select 1 from unnest(${toTerms(subject)}::text[]) as t(term) where position(term in lower(body)) > 0)`.execute(
    db,
  )
  return rows.map((row) => fromTicketJson(row.body, toErasureSource(row.source_key)))
}

/** Searches the text of the change log, which has no column for the customer. */
async function findInChangeLog(db: Kysely<Database>, subject: DataSubject): Promise<readonly Ticket[]> {
  const terms = toTerms(subject)
  const { rows } = await sql<{
    source_key: string
    ticket: string
    before: string | null
  }>`select source_key, ticket, before from journal
    where exists (select 1 from unnest(${terms}::text[]) as t(term)
      where position(term in lower(ticket)) > 0 or position(term in lower(coalesce(before, ''))) > 0)`.execute(db)
  return rows.flatMap(({ source_key, ticket, before }) =>
    [ticket, before].flatMap((json) => (json === null ? [] : [fromTicketJson(json, toErasureSource(source_key))])),
  )
}
