import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { type Dialect, PGliteDialect, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import type { Logger } from '../domain/telemetry.ts'
import { lockDirectory } from './directory-lock.ts'
import { postgresTypes } from './postgres-types.ts'

/** The database engine under the store, for parts that speak SQL to it by themselves (the job engine). */
export type Engine =
  | { readonly kind: 'pglite'; readonly pglite: PGlite }
  | { readonly kind: 'postgres'; readonly databaseUrl: string; readonly pool: Pool }

export interface OpenedEngine {
  readonly engine: Engine
  readonly dialect: Dialect
  close(): Promise<void>
}

const bigintAsNumber = { 20: (text: string) => Number(text) }

/** PGlite in a directory of its own below `dataDir`, or in memory when that is null. */
export async function openEmbedded(dataDir: string | null): Promise<OpenedEngine> {
  const lock = dataDir === null ? null : lockDirectory(dataDir)
  try {
    const path = dataDir === null ? 'memory://' : join(dataDir, 'pglite')
    const pglite = await PGlite.create(path, { parsers: bigintAsNumber })
    return {
      engine: { kind: 'pglite', pglite },
      dialect: new PGliteDialect({ pglite }),
      async close() {
        if (!pglite.closed) await pglite.close()
        lock?.release()
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** A pool that answers within a second when it is exhausted, and survives the loss of its connections. */
export async function openPostgres(databaseUrl: string, poolSize: number, logger: Logger): Promise<OpenedEngine> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: poolSize,
    connectionTimeoutMillis: 800,
    statement_timeout: 10_000,
    query_timeout: 12_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    types: postgresTypes,
    application_name: 'deskgraph',
  })
  pool.on('error', (error) => logger.warn({ cause: error.message }, 'an idle database connection was lost'))
  return { engine: { kind: 'postgres', databaseUrl, pool }, dialect: new PostgresDialect({ pool }), close: () => pool.end() }
}
