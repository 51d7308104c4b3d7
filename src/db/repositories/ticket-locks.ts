import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { EntityRef } from '../../domain/ids.ts'
import type { Database } from '../schema.ts'

type Key = Pick<EntityRef, 'sourceKey' | 'tenant' | 'externalId'>

/** A 64-bit lock number for a ticket, as text. Two tickets that share one merely wait for each other. */
function lockNumber({ sourceKey, tenant, externalId }: Key): string {
  const digest = createHash('sha1')
    .update(JSON.stringify([sourceKey, tenant, externalId]))
    .digest()
  return digest.readBigInt64BE(0).toString()
}

const numbersOf = (keys: readonly Key[]): string => JSON.stringify([...new Set(keys.map(lockNumber))].sort())

/** Waits for all of these tickets. In one order everywhere, so that two writers cannot hold what the other waits for. */
export async function lockTicketKeys(db: Kysely<Database>, keys: readonly Key[]): Promise<void> {
  if (keys.length === 0) return
  await sql`select pg_advisory_xact_lock(n::bigint) from (
    select value as n from json_array_elements_text(${numbersOf(keys)}::json) with ordinality as l(value, position) order by position
  ) as ordered`.execute(db)
}

/** Takes those of the tickets that nobody holds, without waiting, and returns them. */
export async function tryLockTicketKeys<K extends Key>(db: Kysely<Database>, keys: readonly K[]): Promise<readonly K[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<{ n: string; got: boolean }>`select n, pg_try_advisory_xact_lock(n::bigint) as got
    from json_array_elements_text(${numbersOf(keys)}::json) as l(n)`.execute(db)
  const got = new Set(rows.filter((row) => row.got).map((row) => row.n))
  return keys.filter((key) => got.has(lockNumber(key)))
}
