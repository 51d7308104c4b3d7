import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { sanitizeForPostgres } from '../../domain/sanitize-text.ts'

const statements = [
  'alter table tickets add column assignee_id text, add column assignee_name text, add column queue_key text, add column queue_name text',
]

// Every counted column is in the index, so that a count reads the index alone and no document. Their length is limited: a row of an
// index holds 2,700 bytes.
const countedIndex = `create index tickets_counted on tickets (source_key, status)
  include (priority, channel, assignee_id, assignee_name, queue_key, queue_name) where deleted_at is null`

interface Row {
  readonly source_key: string
  readonly tenant: string
  readonly external_id: string
  readonly body: string
}

/** The parts of a document that the columns are filled from. */
interface Document {
  readonly assignee: { readonly externalId: string; readonly name: string | null } | null
  readonly queue: string | null
  readonly queueKey?: string | null
}

const cut = (text: string | null | undefined) => (text == null ? null : sanitizeForPostgres(text.slice(0, 128)))

function toCounted({ assignee, queue, queueKey }: Document) {
  return {
    assignee_id: cut(assignee?.externalId),
    assignee_name: cut(assignee?.name),
    queue_key: cut(queueKey ?? queue),
    queue_name: cut(queue),
  }
}

const batchSize = 500

/** Fills the new columns of one batch behind `after`, and returns its last row; undefined: there was none. */
async function fillBatch(db: Kysely<unknown>, after: Row | undefined): Promise<Row | undefined> {
  const behind = after
    ? sql`and (source_key, tenant, external_id) > (${after.source_key}, ${after.tenant}, ${after.external_id})`
    : sql``
  const { rows } = await sql<Row>`select source_key, tenant, external_id, body from tickets
    where (cardinality(assignees) > 0 or body like '%"queue":"%') ${behind}
    order by source_key, tenant, external_id limit ${batchSize}`.execute(db)
  const values = rows.map(({ body, ...key }) => ({ ...key, ...toCounted(JSON.parse(body)) }))
  await sql`update tickets set assignee_id = v.assignee_id, assignee_name = v.assignee_name, queue_key = v.queue_key,
    queue_name = v.queue_name from json_populate_recordset(null::tickets, ${JSON.stringify(values)}::json) as v
    where tickets.source_key = v.source_key and tickets.tenant = v.tenant and tickets.external_id = v.external_id`.execute(db)
  return rows.at(-1)
}

/** The columns that `ticketCounts` groups stored tickets by, filled from the documents. */
export const ticketCounts: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of statements) await sql.raw(statement).execute(db)
    for (let last = await fillBatch(db, undefined); last; ) last = await fillBatch(db, last)
    await sql.raw(countedIndex).execute(db)
  },
}
