import { Client, type QueryResult } from 'pg'
import type { DatabaseDrivers } from '../db/open-store.ts'

type Callback = (error: Error | undefined, result: QueryResult) => void

/**
 * pg's client, called with a callback. Each promise that pg makes itself is promoted to the old generation together with its query
 * and its rows: 2,053 bytes for each statement, against 14 with this class (test/performance/promotion.test.ts).
 */
class CallbackClient extends Client {
  override query(...given: readonly unknown[]): never {
    const query = super.query as (...all: unknown[]) => unknown
    const [statement, values] = given
    const isSubmittable = typeof (statement as { readonly submit?: unknown }).submit === 'function'
    const hasCallback = given.some((argument) => typeof argument === 'function')
    if (isSubmittable || hasCallback) return query.apply(this, [...given]) as never
    return new Promise<QueryResult>((resolve, reject) => {
      const callback: Callback = (error, result) => (error ? reject(error) : resolve(result))
      query.call(this, statement, values, callback)
    }) as never
  }
}

/** Faster parts for both engines. */
export const databaseDrivers: DatabaseDrivers = {
  postgresClient: CallbackClient,
  // Imported only when it is used: the module loads a whole database.
  connectPGlite: async (pglite) => (await import('./embedded-session.ts')).connectPrepared(pglite),
}
