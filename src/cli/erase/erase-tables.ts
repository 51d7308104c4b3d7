import { type Kysely, sql } from 'kysely'
import type { Store } from '../../db/open-store.ts'
import { fromTicketJson, toTicketJson } from '../../db/repositories/ticket-json.ts'
import type { Database } from '../../db/schema.ts'
import type { EntityRef } from '../../domain/ids.ts'
import type { StoredAnswer } from '../../tickets/idempotency-store.ts'
import { erased, namesSubject, redactActor, redactChanges, redactJson, redactTicket, type SubjectMatcher } from './redact.ts'
import { toErasureSource } from './subject.ts'

type Db = Kysely<Database>
type Tx = Parameters<Parameters<Store['transaction']>[0]>[0]

/** Redacts the stored tickets. Returns how many there are, as every function of this file returns its changed rows. */
export async function eraseTickets(tx: Tx, refs: readonly EntityRef[], matcher: SubjectMatcher): Promise<number> {
  if (refs.length === 0) return 0
  await tx.lockTickets(refs)
  const stored = (await tx.findTickets(refs)).filter((found) => found !== null)
  await tx.saveTickets(
    stored.map(({ ticket, state, submission }) => ({
      ticket: redactTicket(ticket, matcher),
      state: redactJson(state, matcher),
      submission,
    })),
  )
  return stored.length
}

/** Redacts the change-log entries of these tickets. Every entry stays at its position, so that readers miss none. */
export async function eraseChangeLog(db: Db, ticketIds: readonly string[], matcher: SubjectMatcher): Promise<number> {
  if (ticketIds.length === 0) return 0
  const rows = await db.selectFrom('journal').selectAll().where('ticket_id', 'in', ticketIds).execute()
  for (const row of rows) {
    const source = toErasureSource(row.source_key)
    const redactStored = (json: string) => toTicketJson(redactTicket(fromTicketJson(json, source), matcher))
    const redacted = {
      ticket: redactStored(row.ticket),
      before: row.before === null ? null : redactStored(row.before),
      changes: JSON.stringify(redactChanges(JSON.parse(row.changes), matcher)),
      actor: row.actor === null ? null : JSON.stringify(redactActor(JSON.parse(row.actor))),
      summary: matcher.mentions(row.summary) ? erased : row.summary,
    }
    await db.updateTable('journal').set(redacted).where('seq', '=', row.seq).execute()
  }
  return rows.length
}

/**
 * Erases events of these tickets, and pending or quarantined events that name the subject. The digest stays, so that a
 * repeated event is still a duplicate.
 */
export async function eraseInbox(db: Db, tickets: readonly EntityRef[], matcher: SubjectMatcher): Promise<number> {
  const keys = JSON.stringify(tickets.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))
  const { rows } = await sql<{ id: number; raw: Uint8Array; state: string; own: boolean }>`select id, raw, state, own from (
      select id, raw, state, (source_key, tenant, external_id) in
        (select k->>0, k->>1, k->>2 from json_array_elements(${keys}::json) as l(k)) as own from inbox) as events
    where own or state in ('PENDING', 'QUARANTINED') order by id`.execute(db)
  const matches = rows.filter((row) => row.own || namesSubject(parseBody(row.raw), matcher))
  for (const { id, raw, state } of matches) {
    // A pending event is still to be decoded. Every other event is processed, and its body is not needed.
    const rest = state === 'PENDING' ? redactBody(raw, matcher) : Buffer.from('{}')
    await db.updateTable('inbox').set({ raw: rest }).where('id', '=', id).execute()
  }
  return matches.length
}

/** Erases the whole body of every dead letter that names the subject: its format is unknown, so no part of it is safe. */
export async function eraseDeadLetters(db: Db, matcher: SubjectMatcher, at: string): Promise<number> {
  const rows = await db.selectFrom('quarantine').select(['id', 'raw', 'state']).execute()
  const matches = rows.filter((row) => namesSubject(parseBody(row.raw), matcher))
  for (const { id, state } of matches) {
    const decision = state === 'HELD' ? { state: 'DISCARDED' as const, reason: erased, decided_at: at } : {}
    await db
      .updateTable('quarantine')
      .set({ raw: Buffer.from('{}'), ...decision })
      .where('id', '=', id)
      .execute()
  }
  return matches.length
}

/** Forgets how tickets of pulled sources were last seen: a redacted state would differ from the source, and the next poll would record it again. */
export async function eraseObserved(db: Db, refs: readonly EntityRef[]): Promise<number> {
  if (refs.length === 0) return 0
  const keys = JSON.stringify(refs.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))
  const { rows } = await sql`delete from observed_tickets using json_array_elements(${keys}::json) as l(k)
    where source_key = k->>0 and tenant = k->>1 and external_id = k->>2 returning 1`.execute(db)
  return rows.length
}

/** Uploads for these tickets. Every upload is gone after a day anyway. */
export async function eraseUploads(db: Db, ticketIds: readonly string[]): Promise<number> {
  if (ticketIds.length === 0) return 0
  return (await db.deleteFrom('uploads').where('ticket_id', 'in', ticketIds).returning('id').execute()).length
}

/** Erases the texts of stored answers. Outcome and ticket stay, so that a repeated write is still not sent again. */
export async function eraseAnswers(db: Db, ticketIds: readonly string[]): Promise<number> {
  const wanted = new Set(ticketIds)
  const rows = await db.selectFrom('idempotency').select(['viewer_id', 'key', 'answer']).where('answer', 'is not', null).execute()
  const answers = rows.map((row) => ({ ...row, answer: JSON.parse(row.answer ?? '{}') as StoredAnswer }))
  const matches = answers.filter(({ answer }) => answer.ticketId !== null && wanted.has(answer.ticketId))
  for (const { viewer_id, key, answer } of matches) {
    const userErrors = answer.userErrors.map((error) => ({ ...error, message: erased }))
    await db
      .updateTable('idempotency')
      .set({ answer: JSON.stringify({ ...answer, userErrors }) })
      .where('viewer_id', '=', viewer_id)
      .where('key', '=', key)
      .execute()
  }
  return matches.length
}

/** The JSON value of an event's body, or its text where it is not JSON. */
function parseBody(raw: Uint8Array): unknown {
  const text = Buffer.from(raw).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function redactBody(raw: Uint8Array, matcher: SubjectMatcher): Buffer {
  const value = parseBody(raw)
  return Buffer.from(typeof value === 'string' ? '{}' : JSON.stringify(redactJson(value, matcher)))
}
