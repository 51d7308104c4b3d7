import { createRedisCache } from '../cache/redis-cache.ts'
import type { Environment } from '../config/read-yaml.ts'
import { readSettings } from '../config/settings.ts'
import { openStore } from '../db/open-store.ts'
import { systemClock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { type AuditLog, noLogger, noMetrics } from '../domain/telemetry.ts'
import { eraseCustomer } from './erase/erase-customer.ts'
import { toErasureSource } from './erase/subject.ts'
import { fail } from './fail.ts'

/**
 * `deskgraph erase --customer <id or e-mail>`: removes a customer's personal data from the database that the environment
 * names, empties the cache in Redis where there is one, and prints the receipt as JSON. A running gateway locks the
 * embedded database: stop it first.
 */
export async function erase(customer: string, environment: Environment, audit: AuditLog): Promise<void> {
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
    const receipt = await eraseCustomer(store, customer, systemClock)
    if (redisUrl !== null) await clearCache(redisUrl)
    audit.record({ who: 'operator', what: 'erase', subject: null, outcome: 'APPLIED', requestId: receipt.customerSha256 })
    console.log(JSON.stringify(receipt, null, 2))
  } finally {
    await store.close()
  }
}

/** Empties the cache in Redis. The caches inside gateway processes expire by themselves, after their configured age. */
async function clearCache(redisUrl: string): Promise<void> {
  const cache = createRedisCache({ redisUrl, findSource: () => null, logger: noLogger })
  await cache.clear()
  await cache.close()
}
