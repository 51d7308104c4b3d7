import { type Kysely, type Selectable, sql } from 'kysely'
import { type Clock, now } from '../../domain/clock.ts'
import type { NewTokens, TokenRow, TokenRows } from '../../sources/credentials/token-store.ts'
import type { Database, SourceTokensTable } from '../schema.ts'

/** The encrypted tokens of sources. Every method is one statement: a claim holds across its transaction, and no connection is held for it. */
export function createTokenRows(db: Kysely<Database>, clock: Clock): TokenRows {
  return {
    async find(sourceKey) {
      const row = await db.selectFrom('source_tokens').selectAll().where('source_key', '=', sourceKey).executeTakeFirst()
      return row ? toTokenRow(row) : null
    },
    async list() {
      return (await db.selectFrom('source_tokens').selectAll().orderBy('source_key').execute()).map(toTokenRow)
    },
    async add(sourceKey, tokens) {
      const row = { source_key: sourceKey, version: 0, claim: 0, state: 'READY' as const, ...toColumns(tokens) }
      await db
        .insertInto('source_tokens')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    async claim(sourceKey, version, holder, ttlMs) {
      const { rows } = await sql<Selectable<SourceTokensTable>>`update source_tokens set
          claim = claim + 1, claimed_by = ${holder}, claimed_at = ${now(clock)},
          claimed_until = clock_timestamp() + ${ttlMs} * interval '1 millisecond',
          uncertain_since = case when claimed_by is null then uncertain_since else coalesce(uncertain_since, claimed_at) end
        where source_key = ${sourceKey} and version = ${version} and state = 'READY'
          and (claimed_until is null or claimed_until <= clock_timestamp())
        returning *`.execute(db)
      return rows[0] ? { number: rows[0].claim, row: toTokenRow(rows[0]) } : null
    },
    async save(sourceKey, claim, tokens) {
      const mine = sql`claim = ${claim}`
      const { rows } = await sql`update source_tokens set
          version = ${claim}, state = 'READY', uncertain_since = null,
          claimed_by = case when ${mine} then null else claimed_by end,
          claimed_at = case when ${mine} then null else claimed_at end,
          claimed_until = case when ${mine} then null else claimed_until end,
          ${content(tokens)}
        where source_key = ${sourceKey} and version < ${claim} returning 1`.execute(db)
      return rows.length === 1
    },
    async refuse(sourceKey, claim, version) {
      const { rows } = await sql`update source_tokens set
          state = 'REFUSED', claimed_by = null, claimed_at = null, claimed_until = null
        where source_key = ${sourceKey} and claim = ${claim} and version = ${version} returning 1`.execute(db)
      return rows.length === 1
    },
    async release(sourceKey, claim, mayBeSpent) {
      await sql`update source_tokens set
          uncertain_since = case when ${mayBeSpent}::boolean then coalesce(uncertain_since, claimed_at) else uncertain_since end,
          claimed_by = null, claimed_at = null, claimed_until = null
        where source_key = ${sourceKey} and claim = ${claim} and claimed_by is not null`.execute(db)
    },
    async replace(sourceKey, version, tokens) {
      const { rows } = await sql`update source_tokens set
          version = claim + 1, claim = claim + 1, state = 'READY', uncertain_since = null,
          claimed_by = null, claimed_at = null, claimed_until = null, ${content(tokens)}
        where source_key = ${sourceKey} and version = coalesce(${version}::bigint, version) returning 1`.execute(db)
      return rows.length === 1
    },
    async reseal({ sourceKey, version, sealed: before }, { sealed, keyId }) {
      const { rows } = await sql`update source_tokens set sealed = ${sealed}, key_id = ${keyId}
        where source_key = ${sourceKey} and version = ${version} and sealed = ${before} returning 1`.execute(db)
      return rows.length === 1
    },
  }
}

function toColumns({ sealed, keyId, accessExpiresAt, refreshExpiresAt, obtainedAt }: NewTokens) {
  return {
    sealed,
    key_id: keyId,
    access_expires_at: accessExpiresAt,
    refresh_expires_at: refreshExpiresAt,
    obtained_at: obtainedAt,
  }
}

/** The same columns for an update. */
function content(tokens: NewTokens) {
  return sql.join(Object.entries(toColumns(tokens)).map(([name, value]) => sql`${sql.ref(name)} = ${value}`))
}

function toTokenRow(row: Selectable<SourceTokensTable>): TokenRow {
  return {
    sourceKey: row.source_key,
    version: row.version,
    state: row.state,
    sealed: row.sealed,
    keyId: row.key_id,
    accessExpiresAt: row.access_expires_at,
    refreshExpiresAt: row.refresh_expires_at,
    obtainedAt: row.obtained_at,
    claimedBy: row.claimed_by,
    claimedAt: row.claimed_at,
    uncertainSince: row.uncertain_since,
  }
}
