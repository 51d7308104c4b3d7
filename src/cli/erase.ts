import { createRedisCache } from '../cache/redis-cache.ts'
import type { Environment } from '../config/read-yaml.ts'
import { readSettings } from '../config/settings.ts'
import { openStore } from '../db/open-store.ts'
import { systemClock } from '../domain/clock.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { type AuditLog, noLogger, noMetrics } from '../domain/telemetry.ts'
import { eraseCustomer } from './erase/erase-customer.ts'
import { toErasureSource } from './erase/find-tickets.ts'
import { fail } from './fail.ts'

/**
 * `deskgraph erase --customer <id or e-mail>`: removes a customer's personal data from the database that the environment
 * names, empties the answer cache in Redis where there is one, and prints the receipt as JSON. The embedded database is held by the gateway: stop that first.
 */
export async function erase(customer: string, environment: Environment, audit: AuditLog): Promise<void> {
  const { databaseUrl, dataDir, redisUrl } = readSettings(environment, process.cwd())
  if (customer.trim() === '') fail('Name the customer: an e-mail address, a global id, or the id of a source.')
  if (databaseUrl === null && dataDir === null) fail('This gateway keeps nothing: set DATABASE_URL or DESKGRAPH_DATA_DIR.')
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
    if (redisUrl !== null) await forgetAnswers(redisUrl)
    audit.record({ who: 'operator', what: 'erase', subject: null, outcome: 'APPLIED', requestId: receipt.customerSha256 })
    console.log(JSON.stringify(receipt, null, 2))
  } finally {
    await store.close()
  }
}

/** What is kept in a process is gone within its short time; what is kept in Redis goes now. */
async function forgetAnswers(redisUrl: string): Promise<void> {
  const cache = createRedisCache({ redisUrl, findSource: () => null, logger: noLogger })
  await cache.clear()
  await cache.close()
}
