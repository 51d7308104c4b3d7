import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { EntityRef } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { StoredTicket } from '../../domain/transaction.ts'
import type { Database } from '../schema.ts'
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
export function savingTickets(tickets: readonly StoredTicket[], keptAt: Instant): RawBuilder<unknown> {
  const rows = JSON.stringify(tickets.map((ticket) => toTicketRow(ticket, keptAt)))
  return sql`insert into tickets (${list}) select ${list} from json_to_recordset(${rows}::json) as t(${definitions})
    on conflict (source_key, tenant, external_id) do update set ${updates}`
}

function keyOf(ref: { readonly sourceKey: string; readonly tenant: string; readonly externalId: string }): string {
  return `${ref.sourceKey}\u0000${ref.tenant}\u0000${ref.externalId}`
}

interface KeptRow {
  readonly source_key: string
  readonly tenant: string
  readonly external_id: string
  readonly body: string
  readonly state: string | null
  readonly submission: string | null
}

/** Null when the source is not configured. */
export function toKept(
  { source_key, body, state, submission }: Pick<KeptRow, 'source_key' | 'body' | 'state' | 'submission'>,
  findSource: FindSource,
): StoredTicket | null {
  const source = findSource(source_key)
  return source && { ticket: fromTicketJson(body, source), state: state === null ? null : JSON.parse(state), submission }
}

/** One by one by the key: joined with the list, whose length the planner does not know, all tickets would be read. */
export function findingTickets(refs: readonly EntityRef[]): RawBuilder<KeptRow> {
  const wanted = JSON.stringify(refs.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))
  return sql<KeptRow>`
    select t.source_key, t.tenant, t.external_id, t.body, t.state, t.submission
    from json_array_elements(${wanted}::json) as w(ref)
    cross join lateral (select * from tickets where source_key = w.ref->>0 and tenant = w.ref->>1 and external_id = w.ref->>2 limit 1) as t`
}

/** By reference, in order; null where there is none or its source is not configured. */
export async function findTicketRows(
  db: Kysely<Database>,
  refs: readonly EntityRef[],
  findSource: FindSource,
): Promise<readonly (StoredTicket | null)[]> {
  if (refs.length === 0) return []
  const { rows } = await findingTickets(refs).execute(db)
  const found = new Map<string, StoredTicket>()
  for (const row of rows) {
    const kept = toKept(row, findSource)
    if (kept) found.set(keyOf(ticketKey(row)), kept)
  }
  return refs.map((ref) => found.get(keyOf(ref)) ?? null)
}

function ticketKey(row: { source_key: string; tenant: string; external_id: string }) {
  return { sourceKey: row.source_key, tenant: row.tenant, externalId: row.external_id }
}
