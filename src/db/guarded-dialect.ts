import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'
import { toStorageError } from './storage-errors.ts'

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toStorageError(error)
  }
}

function guardConnection(inner: DatabaseConnection): DatabaseConnection & { readonly inner: DatabaseConnection } {
  return {
    inner,
    executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> => guarded(() => inner.executeQuery<R>(query)),
    streamQuery: (query, chunkSize) => inner.streamQuery(query, chunkSize),
  }
}

function unwrap(connection: DatabaseConnection): DatabaseConnection {
  return 'inner' in connection ? (connection as ReturnType<typeof guardConnection>).inner : connection
}

function guardDriver(driver: Driver): Driver {
  const connections = new WeakMap<DatabaseConnection, DatabaseConnection>()
  const guard = (inner: DatabaseConnection): DatabaseConnection => {
    const known = connections.get(inner) ?? guardConnection(inner)
    connections.set(inner, known)
    return known
  }
  return {
    init: () => guarded(() => driver.init()),
    acquireConnection: () => guarded(async () => guard(await driver.acquireConnection())),
    beginTransaction: (connection, settings) => guarded(() => driver.beginTransaction(unwrap(connection), settings)),
    commitTransaction: (connection) => guarded(() => driver.commitTransaction(unwrap(connection))),
    rollbackTransaction: (connection) => guarded(() => driver.rollbackTransaction(unwrap(connection))),
    releaseConnection: (connection) => driver.releaseConnection(unwrap(connection)),
    destroy: () => driver.destroy(),
  }
}

/** A dialect whose connection faults are STORAGE_UNAVAILABLE, on either engine. */
export function guardDialect(dialect: Dialect): Dialect {
  return {
    createDriver: () => guardDriver(dialect.createDriver()),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}
