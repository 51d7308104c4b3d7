import { type Kysely, sql } from 'kysely'
import type { EntityRef } from '../domain/ids.ts'
import type { KeptTicket, TicketToKeep } from '../domain/unit-of-work.ts'
import type { Instant } from '../lib/instant.ts'
import type { Database } from './database.ts'
import { type FindSource, fromTicketJson } from './ticket-json.ts'
import { toTicketRow } from './ticket-row.ts'

const columns = {
  source_key: 'text',
  tenant: 'text',
  external_id: 'text',
  body: 'text',
  state: 'text',
  submission: 'text',
  status: 'text',
  priority: 'text',
  priority_order: 'smallint',
  channel: 'text',
  category: 'text',
  assignees: 'text[]',
  customer_id: 'text',
  customer_external_id: 'text',
  customer_email: 'text',
  vendor_id: 'text',
  order_ids: 'text[]',
  tags: 'text[]',
  search: 'text',
  created_at: 'text',
  updated_at: 'text',
  deleted_at: 'text',
  kept_at: 'text',
} as const
const names = Object.keys(columns)
const keys = new Set(['source_key', 'tenant', 'external_id'])

const list = sql.raw(names.join(', '))
const definitions = sql.raw(
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(', '),
)
const updates = sql.raw(
  names
    .filter((name) => !keys.has(name))
    // A ticket of our own stays our own, whatever its partner sends later.
    .map((name) =>
      name === 'submission' ? 'submission = coalesce(excluded.submission, tickets.submission)' : `${name} = excluded.${name}`,
    )
    .join(', '),
)

/** Writes tickets, many in one statement: they travel as one JSON parameter. */
export async function saveTicketRows(db: Kysely<Database>, tickets: readonly TicketToKeep[], keptAt: Instant): Promise<void> {
  if (tickets.length === 0) return
  const rows = JSON.stringify(tickets.map((ticket) => toTicketRow(ticket, keptAt)))
  await sql`insert into tickets (${list}) select ${list} from json_to_recordset(${rows}::json) as t(${definitions})
    on conflict (source_key, tenant, external_id) do update set ${updates}`.execute(db)
}

function keyOf(ref: { readonly sourceKey: string; readonly tenant: string; readonly externalId: string }): string {
  return `${ref.sourceKey}\u0000${ref.tenant}\u0000${ref.externalId}`
}

/** By reference, in order; null where there is none or its source is not configured. */
export async function findTicketRows(
  db: Kysely<Database>,
  refs: readonly EntityRef[],
  findSource: FindSource,
): Promise<readonly (KeptTicket | null)[]> {
  if (refs.length === 0) return []
  const wanted = JSON.stringify(refs.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))
  const { rows } = await sql<{
    source_key: string
    tenant: string
    external_id: string
    body: string
    state: string | null
    submission: string | null
  }>`
    select t.source_key, t.tenant, t.external_id, t.body, t.state, t.submission
    from json_array_elements(${wanted}::json) as w(ref)
    join tickets t on t.source_key = w.ref->>0 and t.tenant = w.ref->>1 and t.external_id = w.ref->>2`.execute(db)
  const found = new Map<string, KeptTicket>()
  for (const row of rows) {
    const source = findSource(row.source_key)
    if (source === null) continue
    const ticket = fromTicketJson(row.body, source)
    const state = row.state === null ? null : JSON.parse(row.state)
    found.set(keyOf(ticketKey(row)), { ticket, state, submission: row.submission })
  }
  return refs.map((ref) => found.get(keyOf(ref)) ?? null)
}

function ticketKey(row: { source_key: string; tenant: string; external_id: string }) {
  return { sourceKey: row.source_key, tenant: row.tenant, externalId: row.external_id }
}
