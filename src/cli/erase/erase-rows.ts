import { type Kysely, sql } from 'kysely'
import { fromTicketJson, toTicketJson } from '../../db/repositories/ticket-json.ts'
import type { Database } from '../../db/schema.ts'
import type { StoredAnswer } from '../../tickets/idempotency-store.ts'
import { erased, eraseRecord, namesSubject } from './erase-record.ts'
import { eraseActor, eraseChanges, eraseTicket } from './erase-ticket.ts'
import { toErasureSource } from './find-tickets.ts'
import type { Subject } from './subject.ts'
import { createTraces } from './traces.ts'

type Db = Kysely<Database>

/** The journal's entries of these tickets. They stay in their order, so that readers miss none. */
export async function eraseJournal(db: Db, ticketIds: readonly string[], subject: Subject): Promise<number> {
  const traces = createTraces(subject)
  const rows = await db.selectFrom('journal').selectAll().where('ticket_id', 'in', ticketIds).execute()
  for (const row of rows) {
    const source = toErasureSource(row.source_key)
    const eraseJson = (json: string) => toTicketJson(eraseTicket(fromTicketJson(json, source), subject))
    const change = {
      ticket: eraseJson(row.ticket),
      before: row.before === null ? null : eraseJson(row.before),
      changes: JSON.stringify(eraseChanges(JSON.parse(row.changes), subject)),
      actor: row.actor === null ? null : JSON.stringify(eraseActor(JSON.parse(row.actor))),
      summary: traces.isIn(row.summary) ? erased : row.summary,
    }
    await db.updateTable('journal').set(change).where('seq', '=', row.seq).execute()
  }
  return rows.length
}

/** Events of these tickets, and waiting or quarantined ones of any that name the customer. The digest stays: a repeated event is still known. */
export async function eraseInbox(db: Db, tickets: readonly TicketKey[], subject: Subject): Promise<number> {
  const keys = JSON.stringify(tickets.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))
  const { rows } = await sql<{ id: number; raw: Uint8Array; state: string; own: boolean }>`select id, raw, state, own from (
      select id, raw, state, (source_key, tenant, external_id) in
        (select k->>0, k->>1, k->>2 from json_array_elements(${keys}::json) as l(k)) as own from inbox) as events
    where own or state in ('PENDING', 'QUARANTINED') order by id`.execute(db)
  const hit = rows.filter((row) => row.own || rawNames(row.raw, subject))
  for (const { id, raw, state } of hit) {
    // An event that still waits has to be understood afterwards; any other has done its work.
    const rest = state === 'PENDING' ? eraseRaw(raw, subject) : Buffer.from('{}')
    await db.updateTable('inbox').set({ raw: rest }).where('id', '=', id).execute()
  }
  return hit.length
}

export interface TicketKey {
  readonly sourceKey: string
  readonly tenant: string
  readonly externalId: string
}

/** Quarantined events that name the customer. Nobody can say what else they hold, so their bodies go whole. */
export async function eraseQuarantine(db: Db, subject: Subject, at: string): Promise<number> {
  const rows = await db.selectFrom('quarantine').select(['id', 'raw', 'state']).execute()
  const hit = rows.filter((row) => rawNames(row.raw, subject))
  for (const { id, state } of hit) {
    const decision = state === 'HELD' ? { state: 'DISCARDED' as const, reason: erased, decided_at: at } : {}
    await db
      .updateTable('quarantine')
      .set({ raw: Buffer.from('{}'), ...decision })
      .where('id', '=', id)
      .execute()
  }
  return hit.length
}

/** Stored answers of writes to these tickets: outcome and ticket stay, so that a repeated write is still not sent again. */
export async function eraseAnswers(db: Db, ticketIds: readonly string[]): Promise<number> {
  const wanted = new Set(ticketIds)
  const rows = await db.selectFrom('idempotency').select(['viewer_id', 'key', 'answer']).where('answer', 'is not', null).execute()
  const answers = rows.map((row) => ({ ...row, answer: JSON.parse(row.answer ?? '{}') as StoredAnswer }))
  const hit = answers.filter(({ answer }) => answer.ticketId !== null && wanted.has(answer.ticketId))
  for (const { viewer_id, key, answer } of hit) {
    const userErrors = answer.userErrors.map((error) => ({ ...error, message: erased }))
    await db
      .updateTable('idempotency')
      .set({ answer: JSON.stringify({ ...answer, userErrors }) })
      .where('viewer_id', '=', viewer_id)
      .where('key', '=', key)
      .execute()
  }
  return hit.length
}

function parse(raw: Uint8Array): unknown {
  const text = Buffer.from(raw).toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function rawNames(raw: Uint8Array, subject: Subject): boolean {
  return namesSubject(parse(raw), subject)
}

function eraseRaw(raw: Uint8Array, subject: Subject): Buffer {
  const value = parse(raw)
  return Buffer.from(typeof value === 'string' ? '{}' : JSON.stringify(eraseRecord(value, subject)))
}
