import { createHash } from 'node:crypto'
import { type Insertable, type Kysely, type RawBuilder, sql } from 'kysely'
import type { EntityRef } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'
import type { Ticket, TicketPriority } from '../../domain/ticket.ts'
import type { StoredTicket } from '../../domain/transaction.ts'
import type { EchoMark } from '../../sources/webhook-handler.ts'
import type { Database, TicketsTable } from '../schema.ts'
import { type FindSource, fromTicketJson, toTicketJson } from './ticket-json.ts'

type Key = Pick<EntityRef, 'sourceKey' | 'tenant' | 'externalId'>

const keyColumns = ['source_key', 'tenant', 'external_id'] as const
const otherColumns = [
  ...(['body', 'state', 'status', 'priority', 'priority_order', 'channel', 'category', 'assignees'] as const),
  ...(['customer_id', 'customer_external_id', 'customer_email', 'vendor_id', 'order_ids', 'tags', 'search'] as const),
  ...(['assignee_id', 'assignee_name', 'queue_key', 'queue_name'] as const),
  ...(['created_at', 'updated_at', 'deleted_at', 'kept_at'] as const),
] satisfies readonly (keyof TicketsTable)[]
const columns = sql.raw([...keyColumns, 'submission', ...otherColumns].join(', '))
const updates = sql.raw(otherColumns.map((name) => `${name} = excluded.${name}`).join(', '))

/** The statement that writes tickets: many at once, as one JSON parameter. A ticket of our own keeps its `submission`. */
export function savingTickets(tickets: readonly StoredTicket[], savedAt: Instant): RawBuilder<unknown> {
  const rows = JSON.stringify(tickets.map((ticket) => toTicketRow(ticket, savedAt)))
  return sql`insert into tickets (${columns}) select ${columns} from json_populate_recordset(null::tickets, ${rows}::json)
    on conflict (source_key, tenant, external_id) do update
    set submission = coalesce(excluded.submission, tickets.submission), ${updates}`
}

const priorityOrder: Readonly<Record<TicketPriority, number | null>> = { LOW: 1, MEDIUM: 2, HIGH: 3, URGENT: 4, UNKNOWN: null }

const text = (value: string | null | undefined): string | null => (value == null ? null : sanitizeForPostgres(value))
const texts = (values: readonly (string | null | undefined)[]): string[] => [
  ...new Set(values.filter((value) => value != null).map(sanitizeForPostgres)),
]

/** Longer texts would not fit into a row of an index. */
const maxCountedLength = 128
const counted = (value: string | null | undefined): string | null => text(value?.slice(0, maxCountedLength))

/** The columns that counts group by. A cut text groups with those that begin alike. */
export function toCountedColumns({ assignee, queue, queueKey }: Pick<Ticket, 'assignee' | 'queue'> & Partial<Ticket>) {
  return {
    assignee_id: counted(assignee?.externalId),
    assignee_name: counted(assignee?.name),
    queue_key: counted(queueKey ?? queue),
    queue_name: counted(queue),
  } satisfies Partial<TicketsTable>
}

/** The ticket as a document, and beside it the columns that lists filter and order by. */
function toTicketRow({ ticket, state, submission }: StoredTicket, savedAt: Instant): Insertable<TicketsTable> {
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
    ...toCountedColumns(ticket),
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
    kept_at: savedAt,
  }
}

type StoredRow = Pick<TicketsTable, (typeof keyColumns)[number] | 'body' | 'state' | 'submission'>

/** null: the source is not configured. */
export function toStoredTicket(
  { source_key, body, state, submission }: Pick<StoredRow, 'source_key' | 'body' | 'state' | 'submission'>,
  findSource: FindSource,
): StoredTicket | null {
  const source = findSource(source_key)
  return source && { ticket: fromTicketJson(body, source), state: state === null ? null : JSON.parse(state), submission }
}

/**
 * The statement that finds tickets, each by its key in a lateral join. In a plain join with the JSON list, whose length the
 * planner does not know, it reads all tickets.
 */
export function findingTickets(refs: readonly Key[]): RawBuilder<StoredRow> {
  const keys = JSON.stringify(refs.map(({ sourceKey, tenant, externalId }) => [sourceKey, tenant, externalId]))
  return sql<StoredRow>`
    select t.source_key, t.tenant, t.external_id, t.body, t.state, t.submission
    from json_array_elements(${keys}::json) as w(ref)
    cross join lateral (select * from tickets where source_key = w.ref->>0 and tenant = w.ref->>1 and external_id = w.ref->>2 limit 1) as t`
}

/** In the order of the references; null where there is no ticket or its source is not configured. */
export async function findTicketRows(
  db: Kysely<Database>,
  refs: readonly EntityRef[],
  findSource: FindSource,
): Promise<readonly (StoredTicket | null)[]> {
  if (refs.length === 0) return []
  const { rows } = await findingTickets(refs).execute(db)
  const toText = (sourceKey: string, tenant: string, externalId: string) => `${sourceKey}\u0000${tenant}\u0000${externalId}`
  const found = new Map(
    rows.map((row) => [toText(row.source_key, row.tenant, row.external_id), toStoredTicket(row, findSource)] as const),
  )
  return refs.map(({ sourceKey, tenant, externalId }) => found.get(toText(sourceKey, tenant, externalId)) ?? null)
}

/**
 * Did this gateway raise a ticket with this id, or with this fingerprint since then? The id counts in every tenant: an event of
 * our own ticket does not name its tenant.
 */
export async function isEcho(db: Kysely<Database>, sourceKey: string, mark: EchoMark, since: Instant): Promise<boolean> {
  const ofSource = db.selectFrom('tickets').select('external_id').where('source_key', '=', sourceKey).limit(1)
  const found =
    mark.by === 'id'
      ? ofSource.where('external_id', '=', mark.externalId).where('submission', 'is not', null)
      : ofSource.where('submission', '=', mark.fingerprint).where('created_at', '>=', since)
  return (await found.executeTakeFirst()) !== undefined
}

/** A 64-bit advisory lock number as text. Two tickets with the same number merely wait for each other. */
function lockNumber({ sourceKey, tenant, externalId }: Key): string {
  const digest = createHash('sha1')
    .update(JSON.stringify([sourceKey, tenant, externalId]))
    .digest()
  return digest.readBigInt64BE(0).toString()
}

const lockNumbers = (keys: readonly Key[]): string => JSON.stringify([...new Set(keys.map(lockNumber))].sort())

/** Locks all of these tickets until the transaction ends, always in the same order: another order allows deadlocks. */
export async function lockTickets(db: Kysely<Database>, keys: readonly Key[]): Promise<void> {
  if (keys.length === 0) return
  await sql`select pg_advisory_xact_lock(n::bigint) from (
    select value as n from json_array_elements_text(${lockNumbers(keys)}::json) with ordinality as l(value, position) order by position
  ) as ordered`.execute(db)
}

/** Locks those of the tickets that are not locked, without waiting, and returns them. */
export async function tryLockTickets<K extends Key>(db: Kysely<Database>, keys: readonly K[]): Promise<readonly K[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<{ n: string; locked: boolean }>`select n, pg_try_advisory_xact_lock(n::bigint) as locked
    from json_array_elements_text(${lockNumbers(keys)}::json) as l(n)`.execute(db)
  const locked = new Set(rows.filter((row) => row.locked).map((row) => row.n))
  return keys.filter((key) => locked.has(lockNumber(key)))
}
