import { Socket } from 'node:net'
import { PostgresDialect } from 'kysely'
import { Pool, types } from 'pg'
import type { Logger } from '../domain/telemetry.ts'
import type { OpenedEngine } from './open-store.ts'

export interface PostgresOptions {
  readonly databaseUrl: string
  /** Connections at most. */
  readonly poolSize: number
  /** Gets a warning for each idle connection that is lost. */
  readonly logger: Logger
  /** A connection on which no byte has moved for this long is closed, and the statement that waits on it fails. */
  readonly silentMs?: number
}

/** Longer than `statement_timeout`, so that a slow statement is cancelled by the server before its connection is closed. */
const defaultSilentMs = 12_000

/**
 * A pool of connections to PostgreSQL. It rejects within a second while it is exhausted, and survives the loss of its
 * connections, also of one whose server has stopped answering.
 */
export function openPostgres({ databaseUrl, poolSize, logger, silentMs = defaultSilentMs }: PostgresOptions): OpenedEngine {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: poolSize,
    // How long a caller waits for a free connection: an exhausted pool answers within a second.
    connectionTimeoutMillis: 800,
    // The server cancels a slower statement (57014), so that it frees its connection.
    statement_timeout: 10_000,
    // Frees the locks of a transaction whose process hangs.
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    stream: () => createSocket(silentMs),
    types: bigintAsNumber,
    application_name: 'deskgraph',
  })
  pool.on('error', (error) => logger.warn({ cause: error.message }, 'an idle database connection was lost'))
  // The pool listens to idle connections only. A connection that breaks in use rejects its query; without a listener, the
  // `error` event that comes with it ends the process.
  pool.on('connect', (connected) => connected.on('error', () => {}))
  return { engine: { kind: 'postgres', databaseUrl, pool }, dialect: new PostgresDialect({ pool }), close: () => pool.end() }
}

/** A socket that closes itself after a silence. pg's `query_timeout` fails the query, but leaves the connection in the pool. */
function createSocket(silentMs: number): Socket {
  const socket = new Socket()
  const silent = Object.assign(new Error('The database has not answered for too long.'), { code: 'ETIMEDOUT' })
  socket.setTimeout(silentMs, () => socket.destroy(silent))
  return socket
}

const bigintOid = 20

/** pg's own parsers, but bigint is a number as in PGlite: these are row counts and sequence numbers, far below 2^53. */
const bigintAsNumber: Pick<typeof types, 'getTypeParser'> = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === bigintOid ? Number : types.getTypeParser(oid, format as 'text')) as typeof types.getTypeParser,
}
