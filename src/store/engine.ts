import { type Dialect, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import type { Logger } from '../domain/telemetry.ts'
import type { EmbeddedSession } from './embedded-session.ts'
import { postgresTypes } from './postgres-types.ts'

/** The database engine under the store, for parts that speak SQL to it by themselves (the job engine). */
export type Engine =
  | { readonly kind: 'pglite'; readonly pglite: EmbeddedSession }
  | { readonly kind: 'postgres'; readonly databaseUrl: string; readonly pool: Pool }

export interface OpenedEngine {
  readonly engine: Engine
  readonly dialect: Dialect
  close(): Promise<void>
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
  // The pool listens to idle connections only. One that breaks while it is in use tells its user by the failed query; without a
  // listener the event that comes with it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  return { engine: { kind: 'postgres', databaseUrl, pool }, dialect: new PostgresDialect({ pool }), close: () => pool.end() }
}
