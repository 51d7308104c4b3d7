import { Socket } from 'node:net'
import { Client, type QueryResult } from 'pg'

type Answered = (error: Error | undefined, result: QueryResult) => void

/**
 * pg's client, asked by callback: of the promises that it makes itself, every one that outlives a collection of the young takes
 * all later ones with it, each with its query and its rows.
 */
export class PostgresClient extends Client {
  override query(...given: readonly unknown[]): never {
    const ask = super.query as (...all: unknown[]) => unknown
    const [statement, values] = given
    const isOfItsOwn = typeof (statement as { readonly submit?: unknown }).submit === 'function'
    if (isOfItsOwn || given.some((argument) => typeof argument === 'function')) return ask.apply(this, [...given]) as never
    return new Promise<QueryResult>((resolve, reject) => {
      const answered: Answered = (error, result) => (error ? reject(error) : resolve(result))
      ask.call(this, statement, values, answered)
    }) as never
  }
}

/**
 * A socket that is given up, and with it the statement that waits, when nothing has moved on it for so long. One timer for the
 * connection: pg's own `query_timeout` makes one for each query, which keeps the query as above.
 */
export function endingWhenSilent(silentMs: number): Socket {
  const socket = new Socket()
  socket.setTimeout(silentMs, () => socket.destroy(new Error('The database has not answered for too long.')))
  return socket
}
