import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, sql } from 'kysely'
import { findDatabaseFault } from '../../db/describe-fault.ts'
import { findMigrationState } from '../../db/migrations/index.ts'
import type { OpenedEngine } from '../../db/open-store.ts'
import { openPostgres } from '../../db/postgres.ts'
import type { Database } from '../../db/schema.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { noLogger } from '../../domain/telemetry.ts'
import { connectRedis } from '../../redis/connect-redis.ts'
import { type Check, type Finding, ok, problem, warning } from './checks.ts'
import { clockAction, describeOffset, findConnectionFault } from './connections.ts'

// The stores of the gateway: PostgreSQL or the embedded database, and Redis. Nothing is migrated, and no row stays behind.

/** PostgreSQL: reachable, writable, migrations, clock. */
export function createPostgresCheck(databaseUrl: string): Check {
  const run = async () => {
    const opened = openPostgres({ databaseUrl, poolSize: 1, logger: noLogger })
    try {
      return await inspect(opened, 'PostgreSQL')
    } catch (error) {
      return [toDatabaseProblem(error)]
    } finally {
      void opened.close()
    }
  }
  return { name: 'database', run }
}

/** SQLite's code of a lock that another process holds: the gateway's lock of its directory is an SQLite file. */
const sqliteBusy = 5

/**
 * The embedded database. While a gateway has it open, that is the finding. It works in the thread of this process: run it after the checks that
 * measure time.
 */
export function createEmbeddedCheck(dataDir: string | null): Check {
  const run = async () => {
    if (dataDir === null) return [ok('The embedded database is in memory: it starts empty and ends with the gateway.')]
    if (!existsSync(join(dataDir, 'pglite'))) return [ok('There is no embedded database yet. The first start creates it.')]
    try {
      // The module loads a whole database.
      const { openPGlite } = await import('../../db/pglite.ts')
      const opened = await openPGlite(dataDir)
      return await inspect(opened, 'The embedded database').finally(opened.close)
    } catch (error) {
      const cause: unknown = error instanceof DeskgraphError ? error.cause : null
      if (!(cause instanceof Error && 'errcode' in cause && cause.errcode === sqliteBusy)) return [toDatabaseProblem(error)]
      return [ok('A running gateway has the embedded database open, which is normal. Ask its /health/ready for its state.')]
    }
  }
  return { name: 'database', limitMs: 20_000, run }
}

async function inspect({ dialect }: OpenedEngine, subject: string): Promise<readonly Finding[]> {
  const db = new Kysely<Database>({ dialect })
  const startedAt = performance.now()
  const { rows } = await sql<{ nowMs: number; isReadOnly: boolean }>`select
    (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
    (pg_is_in_recovery() or current_setting('transaction_read_only')::boolean) as "isReadOnly"`.execute(db)
  const tookMs = performance.now() - startedAt
  const { nowMs = Date.now(), isReadOnly = false } = rows[0] ?? {}
  const clock = toClockFinding(nowMs - (Date.now() - tookMs / 2), tookMs)
  if (isReadOnly) {
    const action = 'Name the primary in DATABASE_URL, or end its read-only mode (default_transaction_read_only).'
    return [problem(`${subject} accepts no writes: it is a standby or read-only.`, action), ...clock]
  }
  const { isEmpty, missing, newer } = await findMigrationState(db)
  if (isEmpty) return [ok(`${subject} answers and is empty. The first start creates its tables.`), ...clock]
  await tryWrite(db)
  const answers = `${subject} answers and can be written`
  if (missing.length > 0) {
    const found = `${answers}. Its tables are of an older version: ${missing.join(', ')} did not run yet.`
    return [warning(found, 'The next start of this version runs them. Make a backup before.'), ...clock]
  }
  const others = newer.length > 0 ? `, and further ones of a newer version that this one works with (${newer.join(', ')})` : ''
  return [ok(`${answers}. It has the migrations of this version${others}.`), ...clock]
}

/** Inserts a row and takes it back. */
async function tryWrite(db: Kysely<Database>): Promise<void> {
  const transaction = await db.startTransaction().execute()
  const row = { name: 'deskgraph doctor', holder: 'deskgraph doctor', expires_at: new Date(0).toISOString() }
  try {
    await transaction.insertInto('leases').values(row).execute()
  } finally {
    await transaction.rollback().execute()
  }
}

/** Replicas lease deliveries by their own clocks, which have to agree within a second. */
const replicaClockMs = 1_000

function toClockFinding(offsetMs: number, tookMs: number): readonly Finding[] {
  if (Math.abs(offsetMs) - tookMs / 2 <= replicaClockMs) return []
  return [warning(`The clock of the database is ${describeOffset(offsetMs)}.`, clockAction)]
}

function toDatabaseProblem(error: unknown): Finding {
  // Of this kind is only what the gateway says itself, for operators.
  if (error instanceof DeskgraphError) return problem(error.message, 'The gateway does not start before that is done.')
  const { code = null, action = 'The log of the server says more.' } = findDatabaseFault(error) ?? {}
  return problem(`The database cannot be used${code === null ? '' : ` (${code})`}.`, action)
}

/** What the gateway allows one command of Redis. */
const redisCommandMs = 200

/** Redis: reachable, writable, and fast enough for the gateway. */
export function createRedisCheck(redisUrl: string): Check {
  const run = async (signal: AbortSignal) => {
    const faults: unknown[] = []
    const redis = await connectRedis({ redisUrl, use: 'rate limits', logger: noLogger })
    redis.on('error', (error) => faults.push(error))
    try {
      while (redis.status !== 'ready' && faults.length === 0) await sleep(20, undefined, { signal })
      if (redis.status !== 'ready') return [toRedisProblem(faults[0])]
      await redis.ping()
      const startedAt = performance.now()
      await redis.set('deskgraph:doctor', '1', 'PX', 1_000)
      return [ok(`Redis answers and can be written, in ${Math.ceil(performance.now() - startedAt)} ms.`)]
    } catch (error) {
      return [toRedisProblem(faults[0] ?? error)]
    } finally {
      redis.disconnect()
    }
  }
  return { name: 'Redis', run }
}

/** By what the error of Redis begins with. */
const redisFaults: readonly (readonly [RegExp, found: string, action: string])[] = [
  [/^(NOAUTH|WRONGPASS|ERR AUTH|ERR invalid password)/, 'Redis refuses the password.', 'Correct the password in REDIS_URL.'],
  [/^NOPERM/, 'Redis does not let this user write.', 'Give the user the commands and keys of the gateway (ACL).'],
  [/^READONLY/, 'Redis is a read-only replica.', 'Name the primary in REDIS_URL.'],
  [/^MISCONF/, 'Redis accepts no writes, because it cannot save to its disk.', 'Free space on its disk.'],
  [/^OOM/, 'Redis has no memory left.', 'Raise its maxmemory, or let it evict keys.'],
  [/^LOADING/, 'Redis is loading its data.', 'Wait until it has loaded.'],
  [
    /timed out/,
    `Redis does not answer within ${redisCommandMs} ms.`,
    'Look at its load (redis-cli --latency) and at the network.',
  ],
]

function toRedisProblem(error: unknown): Finding {
  const message = error instanceof Error ? error.message : ''
  const known = redisFaults.find(([pattern]) => pattern.test(message))
  if (known) return problem(known[1], known[2])
  return findConnectionFault(error) ?? problem('Redis cannot be used.', 'Correct REDIS_URL, and look at the log of Redis.')
}
