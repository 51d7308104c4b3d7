import { Socket } from 'node:net'
import { PostgresDialect, type PostgresPool } from 'kysely'
import { Pool, type PoolClient, types } from 'pg'
import type { Logger } from '../domain/telemetry.ts'
import type { OpenedEngine } from './open-store.ts'
import { isReadOnly } from './storage-errors.ts'

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
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection was lost'))
  // The pool listens to idle connections only. A connection that breaks in use rejects its query; without a listener, the
  // `error` event that comes with it ends the process.
  pool.on('connect', (connected) => connected.on('error', () => {}))
  const connections = replacingReadOnly(pool)
  return {
    engine: { kind: 'postgres', databaseUrl, pool },
    dialect: new PostgresDialect({ pool: connections }),
    close: () => pool.end(),
  }
}

/** How often connections are replaced because the server accepts no writes. */
const replaceIntervalMs = 1_000

/**
 * A pool that opens new connections once the server has refused a write because it is read-only: after a failover, the same address leads to
 * another server, while open connections still lead to the old one.
 */
function replacingReadOnly(pool: Pool): PostgresPool {
  let generation = 0
  let replacedAt = Number.NEGATIVE_INFINITY
  const generationOf = new WeakMap<PoolClient, number>()
  const notice = (error: unknown): void => {
    if (!isReadOnly(error) || performance.now() - replacedAt < replaceIntervalMs) return
    generation += 1
    replacedAt = performance.now()
  }
  pool.on('connect', (client) => {
    generationOf.set(client, generation)
    const query = client.query
    client.query = ((...request: Parameters<typeof query>) => {
      const answer: unknown = query.apply(client, request)
      if (answer instanceof Promise) answer.catch(notice)
      return answer
    }) as typeof query
  })
  const isCurrent = (client: PoolClient) => generationOf.get(client) === generation
  async function connect(): Promise<PoolClient> {
    const client = await pool.connect()
    if (!isCurrent(client)) {
      client.release(true)
      return connect()
    }
    // pg sets `release` anew for every loan.
    const { release } = client
    // Named first: V8 puts a function that is assigned to a property at once into the old generation.
    const releaseIfCurrent = () => release(!isCurrent(client))
    client.release = releaseIfCurrent
    return client
  }
  return { connect, end: () => pool.end(), options: pool.options }
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
