import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { EntityRef } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { withFields } from '../../domain/ticket-view.ts'
import type { ObservedTicket } from '../../domain/transaction.ts'
import type { Database, ObservedTicketsTable } from '../schema.ts'
import { type FindSource, fromTicketJson, toTicketJson } from './ticket-json.ts'

const columns = sql.raw('source_key, tenant, external_id, body, updated_at, deleted_at, recorded, observed_at')

/** The statement that keeps these states. An older state never replaces a later one. Of several states of a ticket, the last is kept. */
export function savingObserved(tickets: readonly Ticket[], observedAt: Instant, recorded: boolean): RawBuilder<unknown> {
  const latest = new Map(tickets.map((ticket) => [ticket.id, ticket]))
  const rows = [...latest.values()].map(
    (ticket): ObservedTicketsTable => ({
      source_key: ticket.source.key,
      tenant: ticket.tenant,
      external_id: ticket.externalId,
      // The vendor's own record is not compared, and is the largest part.
      body: toTicketJson(withFields(ticket, { raw: null })),
      updated_at: ticket.updatedAt,
      deleted_at: ticket.deletedAt,
      recorded,
      observed_at: observedAt,
    }),
  )
  return sql`insert into observed_tickets (${columns})
    select ${columns} from json_populate_recordset(null::observed_tickets, ${JSON.stringify(rows)}::json)
    order by source_key, tenant, external_id
    on conflict (source_key, tenant, external_id) do update
    set body = excluded.body, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at, observed_at = excluded.observed_at,
      recorded = excluded.recorded or (observed_tickets.recorded and observed_tickets.updated_at = excluded.updated_at)
    where coalesce(excluded.updated_at, '') >= coalesce(observed_tickets.updated_at, '')`
}

/** In the order of the references; null where none was observed, and where the source is not configured. */
export async function findObserved(
  db: Kysely<Database>,
  refs: readonly EntityRef[],
  findSource: FindSource,
): Promise<readonly (ObservedTicket | null)[]> {
  if (refs.length === 0) return []
  const keys = JSON.stringify(refs.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))
  const { rows } = await sql<{ position: number; source_key: string; body: string; recorded: boolean }>`
    select w.position::int as position, t.source_key, t.body, t.recorded
    from json_array_elements(${keys}::json) with ordinality as w(ref, position)
    cross join lateral (select source_key, body, recorded from observed_tickets
      where source_key = w.ref->>0 and tenant = w.ref->>1 and external_id = w.ref->>2 limit 1) as t`.execute(db)
  const found = new Map(rows.map((row) => [row.position - 1, row]))
  return refs.map((_, index) => {
    const row = found.get(index)
    const source = row && findSource(row.source_key)
    return row && source ? { ticket: fromTicketJson(row.body, source), recorded: row.recorded } : null
  })
}

/** By their keys, behind the key `after`. */
export async function listObserved(
  db: Kysely<Database>,
  sourceKey: string,
  { after, limit }: { readonly after: readonly [tenant: string, externalId: string] | null; readonly limit: number },
): Promise<readonly EntityRef[]> {
  const [tenant, externalId] = after ?? ['', '']
  const { rows } = await sql<Pick<ObservedTicketsTable, 'tenant' | 'external_id'>>`
    select tenant, external_id from observed_tickets
    where source_key = ${sourceKey} and deleted_at is null and (tenant, external_id) > (${tenant}, ${externalId})
    order by tenant, external_id limit ${limit}`.execute(db)
  return rows.map((row) => ({ kind: 'ticket', sourceKey, tenant: row.tenant, externalId: row.external_id }))
}

/** How many tickets of a source are observed and not gone. */
export async function countObserved(db: Kysely<Database>, sourceKey: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from observed_tickets where source_key = ${sourceKey} and deleted_at is null`.execute(db)
  return rows[0]?.count ?? 0
}
