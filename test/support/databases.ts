import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { openStore, type Store, type StoreOptions } from '../../src/db/open-store.ts'
import type { FindSource } from '../../src/db/repositories/ticket-json.ts'
import type { Clock } from '../../src/domain/clock.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { connectPrepared } from '../../src/performance/embedded-session.ts'

const adminUrl = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

async function asAdmin(statement: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 2_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** True when the tests can use a PostgreSQL. In CI its absence is a failure. */
export async function hasPostgres(): Promise<boolean> {
  try {
    await asAdmin('select 1')
    return true
  } catch (error) {
    if (process.env.CI) throw error
    console.warn('No PostgreSQL at TEST_DATABASE_URL or on the loopback address: its tests are skipped.')
    return false
  }
}

/** A database of one test. */
export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A new, empty database on the test server. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `deskgraph_test_${randomUUID().replaceAll('-', '')}`
  await asAdmin(`create database ${name}`)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => asAdmin(`drop database if exists ${name} with (force)`) }
}

export interface TestStoreOptions {
  readonly findSource: FindSource
  readonly clock?: Clock
  readonly databaseUrl?: string
  readonly poolSize?: number
  /** Default: what the gateway uses with this value of DESKGRAPH_PERFORMANCE. */
  readonly connectPGlite?: StoreOptions['connectPGlite']
}

/** A store without telemetry, in memory unless a database is named. */
export function openTestStore(options: TestStoreOptions): Promise<Store> {
  const connectPGlite = process.env.DESKGRAPH_PERFORMANCE === 'off' ? undefined : connectPrepared
  return openStore({ poolSize: 5, connectPGlite, ...options, logger: noLogger, metrics: noMetrics })
}
