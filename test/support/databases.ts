import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { openStore, type Store } from '../../src/db/open-store.ts'
import type { FindSource } from '../../src/db/repositories/ticket-json.ts'
import type { Clock } from '../../src/domain/clock.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'

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

/** Is there a PostgreSQL to test with? In CI its absence is a failure. */
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

/** A new empty database of its own, and how to drop it. */
export async function createDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
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
}

export function openTestStore(options: TestStoreOptions): Promise<Store> {
  return openStore({ poolSize: 5, ...options, logger: noLogger, metrics: noMetrics })
}
