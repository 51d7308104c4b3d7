import { type Dialect, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import type { Logger } from '../domain/telemetry.ts'
import type { EmbeddedSession } from '../performance/embedded-session.ts'
import { endingWhenSilent, PostgresClient } from './postgres-client.ts'
import { postgresTypes } from './postgres-types.ts'

/** The database engine under the store, for parts that speak SQL to it by themselves (the job engine). */
export type Engine =
  | { readonly kind: 'pglite'; readonly pglite: EmbeddedSession }
  | { readonly kind: 'postgres'; readonly databaseUrl: string; readonly pool: Pool }

export interface PostgresOptions {
  readonly databaseUrl: string
  readonly poolSize: number
  readonly logger: Logger
  /** A connection on which nothing has moved for so long is given up, and with it the statement that waits. */
  readonly silentMs?: number
}

export interface OpenedEngine {
  readonly engine: Engine
  readonly dialect: Dialect
  close(): Promise<void>
}

/** Longer than any statement may take. */
const mostSilentMs = 12_000

/**
 * A pool that answers within a second when it is exhausted, and survives the loss of its connections: also of one from which nothing
 * comes any more.
 */
export async function openPostgres({
  databaseUrl,
  poolSize,
  logger,
  silentMs = mostSilentMs,
}: PostgresOptions): Promise<OpenedEngine> {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: poolSize,
    connectionTimeoutMillis: 800,
    statement_timeout: 10_000,
    Client: PostgresClient,
    stream: () => endingWhenSilent(silentMs),
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
