import { Client, type Dispatcher, Pool } from 'undici'
import type { HttpClientLimits } from './config.ts'
import type { HttpClientOptions } from './types.ts'

/** A connection that was acquired for one read. */
export interface Connection {
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>
  /** Must be called once, when the read has ended. */
  readonly release: () => void
}

export interface ConnectionPool {
  /** Acquires the connection with the fewest reads in flight. */
  acquireForRead(): Connection
  /** Sends a write. No other request shares its connection. */
  readonly forWrites: Pick<Dispatcher, 'dispatch'>
  /** Closes all connections; requests in flight fail. */
  close(): Promise<void>
}

export type ConnectionPoolOptions = Pick<HttpClientOptions, 'timeoutMs' | 'dispatcher'> & {
  readonly origin: string
  readonly limits: Pick<HttpClientLimits, 'connections' | 'pipelining'>
}

/**
 * Creates the connections to one source. undici's Pool fills the pipeline of one connection before it opens the next, and a
 * server answers a pipeline in order: a slow answer would delay reads while other connections are idle. This pool chooses the
 * connection with the fewest reads in flight instead.
 */
export function createConnectionPool(options: ConnectionPoolOptions): ConnectionPool {
  const { origin, limits, timeoutMs } = options
  if (options.dispatcher) return toConnectionPool(options.dispatcher, origin)
  // A call's own deadline ends it, so undici needs no timeouts. HTTP/2 resets streams instead of connections and is not supported.
  const clientOptions = { headersTimeout: 0, bodyTimeout: 0, allowH2: false, connect: { timeout: timeoutMs } }
  const connections = Array.from(
    { length: limits.connections },
    () => new CountedConnection(new Client(origin, { ...clientOptions, pipelining: limits.pipelining })),
  )
  const forWrites = new Pool(origin, { ...clientOptions, connections: limits.connections, pipelining: 1 })
  return {
    acquireForRead() {
      let best = connections[0]!
      for (const connection of connections) {
        if (connection.inFlight < best.inFlight) best = connection
        if (best.inFlight === 0) break
      }
      best.inFlight += 1
      return best
    },
    forWrites,
    async close() {
      await Promise.all([forWrites.destroy(), ...connections.map(({ dispatcher }) => dispatcher.destroy())])
    },
  }
}

class CountedConnection implements Connection {
  inFlight = 0
  readonly dispatcher: Client
  readonly release = () => {
    this.inFlight -= 1
  }
  constructor(dispatcher: Client) {
    this.dispatcher = dispatcher
  }
}

function toConnectionPool(handedIn: Dispatcher, origin: string): ConnectionPool {
  const dispatcher: Connection['dispatcher'] = {
    dispatch: (options, handler) => handedIn.dispatch({ ...options, origin }, handler),
  }
  return { acquireForRead: () => ({ dispatcher, release() {} }), forWrites: dispatcher, async close() {} }
}
