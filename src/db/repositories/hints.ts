import { type Kysely, sql } from 'kysely'
import type { TicketKey } from '../../ingestion/event-store.ts'
import type { HintStore, NewHint, PendingHint } from '../../ingestion/hint-store.ts'
import type { Database, HintsTable } from '../schema.ts'

/** The hints in this database. */
export function createHintStore(db: Kysely<Database>): HintStore {
  return {
    insert: (hints, dueAt) => insertHints(db, hints, dueAt),
    async claim(sourceKey, { now, leaseUntil, limit }) {
      const { rows } = await sql<HintsTable>`
        with due as (
          select source_key, tenant, external_id from hints where source_key = ${sourceKey} and due_at <= ${now}
          order by due_at limit ${limit} for update skip locked
        )
        update hints set due_at = ${leaseUntil}, attempts = attempts + 1 from due
        where (hints.source_key, hints.tenant, hints.external_id) = (due.source_key, due.tenant, due.external_id)
        returning hints.*`.execute(db)
      return rows.sort((a, b) => (a.received_at < b.received_at ? -1 : 1)).map(toPendingHint)
    },
    async finish(hints) {
      if (hints.length === 0) return
      await sql`delete from hints using json_array_elements(${toKeys(hints)}::json) as l(k) where ${isSameVersion}`.execute(db)
    },
    async postpone(hints, dueAt) {
      if (hints.length === 0) return
      await sql`update hints set due_at = ${dueAt} from json_array_elements(${toKeys(hints)}::json) as l(k)
        where ${isSameVersion}`.execute(db)
    },
    async nextDue(sourceKeys) {
      if (sourceKeys.length === 0) return new Map()
      const rows = await db
        .selectFrom('hints')
        .select(['source_key', (eb) => eb.fn.min('due_at').as('due_at')])
        .where('source_key', 'in', sourceKeys)
        .groupBy('source_key')
        .execute()
      return new Map(rows.map((row) => [row.source_key, row.due_at]))
    },
  }
}

const isSameVersion = sql`source_key = k->>0 and tenant = k->>1 and external_id = k->>2 and version = (k->>3)::int`

function toKeys(hints: readonly PendingHint[]): string {
  return JSON.stringify(hints.map(({ sourceKey, tenant, externalId, version }) => [sourceKey, tenant, externalId, version]))
}

/**
 * One statement, so that a delivery counts as known only when its tickets are stored too. Of one delivery that arrives several times at
 * once, the first is new.
 */
async function insertHints(db: Kysely<Database>, hints: readonly NewHint[], dueAt: string): Promise<readonly boolean[]> {
  if (hints.length === 0) return []
  const first = new Map<string, number>()
  for (const [index, { sourceKey, deliveryId }] of hints.entries()) {
    const id = JSON.stringify([sourceKey, deliveryId])
    if (deliveryId !== null && !first.has(id)) first.set(id, index)
  }
  const firsts = new Set(first.values())
  const rows = hints.map(({ sourceKey, deliveryId, tickets, ...hint }, index) => ({
    ...{ index, source_key: sourceKey, delivery_id: deliveryId, removed: hint.removed },
    ...{ received_at: hint.receivedAt, request_id: hint.requestId },
    tickets: tickets.map(({ tenant, externalId }: TicketKey) => [tenant, externalId]),
  }))
  const candidates = rows.filter(({ index, delivery_id }) => delivery_id === null || firsts.has(index))
  const { rows: stored } = await sql<{ index: number }>`
    with given as (
      select (h->>'index')::int as index, h->>'source_key' as source_key, h->>'delivery_id' as delivery_id,
        (h->>'removed')::boolean as removed, h->>'received_at' as received_at, h->>'request_id' as request_id, h->'tickets' as tickets
      from json_array_elements(${JSON.stringify(candidates)}::json) as l(h)
    ), known as (
      insert into hint_deliveries (source_key, delivery_id, received_at)
      select source_key, delivery_id, received_at from given where delivery_id is not null order by source_key, delivery_id
      on conflict do nothing returning source_key, delivery_id
    ), fresh as (
      select given.* from given where delivery_id is null or (source_key, delivery_id) in (select source_key, delivery_id from known)
    ), stored as (
      insert into hints (source_key, tenant, external_id, removed, version, attempts, received_at, request_id, due_at)
      select source_key, t->>0, t->>1, bool_or(removed), 1, 0, min(received_at), max(request_id), ${dueAt}
      from fresh, json_array_elements(tickets) as l(t) group by source_key, t->>0, t->>1 order by source_key, t->>0, t->>1
      on conflict (source_key, tenant, external_id) do update
      set removed = hints.removed or excluded.removed, version = hints.version + 1, attempts = 0,
        request_id = excluded.request_id, due_at = least(hints.due_at, excluded.due_at)
    )
    select index from fresh`.execute(db)
  const isNew = new Set(stored.map(({ index }) => index))
  return hints.map((_, index) => isNew.has(index))
}

function toPendingHint(row: HintsTable): PendingHint {
  return {
    ...{ sourceKey: row.source_key, tenant: row.tenant, externalId: row.external_id },
    ...{ removed: row.removed, version: row.version, attempts: row.attempts },
    ...{ receivedAt: row.received_at, requestId: row.request_id },
  }
}
