import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { createRedisCache } from '../../cache/redis-cache.ts'
import type { Environment } from '../../config/read-yaml.ts'
import { readSettings } from '../../config/settings.ts'
import { openStore, type Store } from '../../db/open-store.ts'
import { kyselyOf } from '../../db/transaction.ts'
import { type Clock, now, systemClock } from '../../domain/clock.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { decodeId } from '../../domain/ids.ts'
import { type AuditLog, noLogger, noMetrics } from '../../domain/telemetry.ts'
import { connectRedis } from '../../redis/connect-redis.ts'
import { fail } from '../fail.ts'
import {
  eraseAnswers,
  eraseChangeLog,
  eraseDeadLetters,
  eraseInbox,
  eraseObserved,
  eraseTickets,
  eraseUploads,
} from './erase-tables.ts'
import { createMatcher } from './redact.ts'
import { findTickets, toErasureSource, toSubject } from './subject.ts'

/**
 * `deskgraph erase --customer <id or e-mail>`: removes a customer's personal data from the database that the environment
 * names, empties the cache in Redis where there is one, and prints the receipt as JSON. A running gateway locks the
 * embedded database: stop it first.
 */
export async function eraseInDatabase(customer: string, environment: Environment, audit: AuditLog): Promise<void> {
  const { databaseUrl, dataDir, redisUrl } = readSettings(environment, process.cwd())
  if (customer.trim() === '') fail('Name the customer: an e-mail address, a global id, or the id of a source.')
  if (databaseUrl === null && dataDir === null) fail('No database is named: set DATABASE_URL or DESKGRAPH_DATA_DIR.')
  const store = await openStore({
    databaseUrl,
    dataDir,
    findSource: toErasureSource,
    logger: noLogger,
    metrics: noMetrics,
  }).catch((error: unknown) => {
    if (error instanceof DeskgraphError) fail(error.message)
    throw error
  })
  try {
    const redis = redisUrl === null ? null : await connectForErasure(redisUrl)
    const receipt = await eraseCustomer(store, customer, systemClock)
    // The rows are gone: the audit line and the receipt come before anything that can still fail.
    audit.record({ who: 'operator', what: 'erase', subject: null, outcome: 'APPLIED', requestId: receipt.customerSha256 })
    const isCleared = redis === null || (await clearCache(redis))
    const cache = isCleared ? {} : { cache: 'Redis failed: run the same command again.' }
    console.log(JSON.stringify({ ...receipt, ...cache }, null, 2))
    if (!isCleared) process.exitCode = 1
  } finally {
    await store.close()
  }
}

/** Connected before anything is erased. A Redis that cannot be reached by then ends the command, and nothing is erased. */
async function connectForErasure(redisUrl: string): Promise<Redis> {
  const redis = await connectRedis({ redisUrl, use: 'answer cache', logger: noLogger })
  try {
    await once(redis, 'ready', { signal: AbortSignal.timeout(connectMs) })
    return redis
  } catch {
    redis.disconnect()
    return fail(
      'Redis at REDIS_URL cannot be reached, and it may hold answers with personal data. Nothing was erased. Start Redis and run again.',
    )
  }
}

const connectMs = 5_000

/**
 * Empties the cache in Redis and closes the connection. False: it failed. The caches inside gateway processes expire by themselves, after their
 * configured age.
 */
async function clearCache(redis: Redis): Promise<boolean> {
  const cache = createRedisCache({ redis, findSource: () => null })
  try {
    await cache.clear()
    return true
  } catch {
    return false
  } finally {
    await cache.close()
  }
}

/** What was erased. It does not name the person. */
export interface ErasureReceipt {
  readonly at: string
  /** SHA-256 of what the operator gave. A reader who knows the person can check it; other readers learn nothing. */
  readonly customerSha256: string
  /** Global ids of the customer's tickets. */
  readonly ticketIds: readonly string[]
  /** Changed rows per table. */
  readonly rows: Readonly<
    Record<'tickets' | 'journal' | 'observed' | 'inbox' | 'quarantine' | 'deliveries' | 'uploads' | 'idempotency', number>
  >
}

/**
 * Removes a customer's personal data from the database, in one transaction: their tickets, the change log, what was seen of pulled tickets, the inbox,
 * dead letters, submissions to partners and stored answers. It does not touch other customers' tickets. `customer` is an
 * e-mail address, a global id or a source's own id. A second run erases what arrived after the first.
 */
export async function eraseCustomer(store: Store, customer: string, clock: Clock): Promise<ErasureReceipt> {
  return store.transaction(async (tx) => {
    const db = kyselyOf(tx)
    const subject = toSubject(customer)
    const ticketIds = [...(await findTickets(db, subject)).keys()]
    const matcher = createMatcher(subject)
    const refs = ticketIds.flatMap((id) => decodeId(id) ?? [])
    return {
      at: now(clock),
      customerSha256: createHash('sha256').update(customer.trim()).digest('hex'),
      ticketIds,
      rows: {
        tickets: await eraseTickets(tx, refs, matcher),
        journal: await eraseChangeLog(db, ticketIds, matcher),
        observed: await eraseObserved(db, refs),
        inbox: await eraseInbox(db, refs, matcher),
        quarantine: await eraseDeadLetters(db, matcher, now(clock)),
        deliveries: await store.deliveries.erase(tx, ticketIds),
        uploads: await eraseUploads(db, ticketIds),
        idempotency: await eraseAnswers(db, ticketIds),
      },
    }
  })
}
