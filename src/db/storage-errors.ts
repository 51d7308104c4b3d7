import type { DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'
import { DeskgraphError } from '../domain/errors.ts'

// SQLSTATEs of a database that cannot serve now: connection exceptions (08), shutdown and crash (57P0), insufficient resources
// (53: disk full, too many connections), a cancelled statement (57014), a lock timeout (55P03), system errors (58), a server that accepts no
// writes (25006), a user or password that is refused (28), a database that is not there (3D000), missing rights (42501).
const unavailableStates = /^(08...|57P0.|53...|57014|55P03|58...|25006|28...|3D000|42501)$/
/** A serialisation failure and a deadlock. */
const retryableStates = new Set(['40001', '40P01'])
/** Node's names of system errors (ECONNREFUSED, EPIPE, ENOSPC, …), but not of its own API errors (ERR_…). */
const systemErrorCode = /^E(?!RR_)[A-Z_]+$/
/** What pg's client says, without a code, about a connection that was lost while it was in use. */
const lostConnection = /^(Connection terminated|Client has encountered a connection error|Client was closed)/

function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}

function sqlState(error: unknown): string | null {
  const code = codeOf(error)
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && !systemErrorCode.test(code) ? code : null
}

/** True when this server accepts no writes: a standby, or one that is read-only. After a failover, a new connection may reach another one. */
export function isReadOnly(error: unknown): boolean {
  return sqlState(error) === '25006'
}

/** True when the disk of the database is full: disk_full (53100) of PostgreSQL, or the file system's own error. */
function isDiskFull(error: unknown): boolean {
  return sqlState(error) === '53100' || codeOf(error) === 'ENOSPC'
}

/** True for a deadlock or a serialisation failure: the same transaction may succeed when it runs again. */
export function isRetryable(error: unknown): boolean {
  return retryableStates.has(sqlState(error) ?? '')
}

/**
 * The error that a caller sees for a failed statement. A connection or storage fault becomes STORAGE_UNAVAILABLE. Every other
 * error is a defect of this gateway and is returned unchanged, so that it is masked and logged as one.
 */
export function toStorageError(error: unknown): unknown {
  return isUnavailable(error) ? storageUnavailable(error) : error
}

function isUnavailable(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== null) return unavailableStates.test(state)
  return systemErrorCode.test(codeOf(error) ?? '') || (error instanceof Error && lostConnection.test(error.message))
}

/**
 * As `toStorageError`, where a plain error without a code is a connection fault: pg and PGlite report most failures to connect, and
 * every use after they were closed, in this way.
 */
function toConnectError(error: unknown): unknown {
  const isPlain = error instanceof Error && (error.constructor === Error || error instanceof AggregateError)
  return isPlain && sqlState(error) === null ? storageUnavailable(error) : toStorageError(error)
}

function storageUnavailable(cause: unknown): DeskgraphError {
  return new DeskgraphError('STORAGE_UNAVAILABLE', 'The database cannot be used now; try again shortly.', {
    retryAfter: 1,
    cause,
  })
}

/** What the store knows of its own state, and learns from failures. */
export interface StorageState {
  isClosed(): boolean
  /** Called for each statement that failed because the disk is full. */
  onDiskFull?(): void
}

/**
 * A dialect whose connection and storage faults reject with STORAGE_UNAVAILABLE, on either engine. So does every use after
 * the store was closed.
 */
export function withStorageErrors(dialect: Dialect, state: StorageState): Dialect {
  return {
    createDriver: () => translateDriver(dialect.createDriver(), state),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

function translateDriver(driver: Driver, { isClosed, onDiskFull }: StorageState): Driver {
  const toError: ToError = (error) => {
    if (isDiskFull(error)) onDiskFull?.()
    return isClosed() ? toConnectError(error) : toStorageError(error)
  }
  const translated = new WeakSet<DatabaseConnection>()
  return {
    init: (options) => translate(() => driver.init(options), toConnectError),
    async acquireConnection(options) {
      const connection = await translate(() => driver.acquireConnection(options), toConnectError)
      if (!translated.has(connection)) translateConnection(connection, toError)
      translated.add(connection)
      return connection
    },
    async beginTransaction(connection, settings) {
      // Kysely's PGlite driver never answers a `begin` on a closed database.
      if (isClosed()) throw storageUnavailable(new Error('The store is closed.'))
      await translate(() => driver.beginTransaction(connection, settings), toError)
    },
    commitTransaction: (connection) =>
      translate(
        () => driver.commitTransaction(connection),
        (error) => toCommitError(toError(error)),
      ),
    rollbackTransaction: (connection) => translate(() => driver.rollbackTransaction(connection), toError),
    releaseConnection: (connection, options) => driver.releaseConnection(connection, options),
    destroy: (options) => driver.destroy(options),
  }
}

/** Changes the connection itself, as Kysely does for its logging: its driver recognises no other object. */
function translateConnection(connection: DatabaseConnection, toError: ToError): void {
  const { executeQuery } = connection
  connection.executeQuery = <R>(...query: Parameters<typeof executeQuery>) =>
    translate(() => executeQuery.apply(connection, query) as Promise<QueryResult<R>>, toError)
}

/** A commit whose answer is lost may have been done: a write in it must not be sent again. */
function toCommitError(error: unknown): unknown {
  if (!(error instanceof DeskgraphError)) return error
  const { code, message, retryAfter, cause } = error
  return new DeskgraphError(code, message, { retryAfter, cause, effect: 'unknown' })
}

type ToError = (error: unknown) => unknown

async function translate<T>(work: () => Promise<T>, toError: ToError): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toError(error)
  }
}
