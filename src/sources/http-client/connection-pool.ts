import { Client, type Dispatcher, Pool } from 'undici'
import type { HttpClientLimits } from './config.ts'
import type { HttpClientOptions } from './types.ts'

/** A connection that was acquired for one read. */
export interface Connection {
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>
  /** True once an answer has begun on the current connection. A new connection starts with false. */
  served: boolean
  /** Must be called once, when the read has ended. */
  readonly release: () => void
}

export interface ConnectionPool {
  /** Acquires the connection with the fewest reads in flight. */
  acquireForRead(): Connection
  /** Sends a read again. With the option `reset`, no other request shares its connection, which is new. */
  readonly forRepeats: Pick<Dispatcher, 'dispatch'>
  /** Sends a write. With the option `reset`, no other request shares its connection, which is new. */
  readonly forWrites: Pick<Dispatcher, 'dispatch'>
  /** Closes all connections; requests in flight fail. */
  close(): Promise<void>
}

export type ConnectionPoolOptions = Pick<HttpClientOptions, 'timeoutMs' | 'dispatcher'> & {
  readonly origin: string
  readonly limits: Pick<HttpClientLimits, 'connections' | 'pipelining'>
}

/** The largest head of an answer. Node's default of 16 kB is too little for a vendor behind several proxies: UPSTREAM-36. */
const maxHeaderSize = 65_536

/**
 * Creates the connections to one source. undici's Pool fills the pipeline of one connection before it opens the next, and a
 * server answers a pipeline in order: a slow answer would delay reads while other connections are idle. This pool chooses the
 * connection with the fewest reads in flight instead.
 */
export function createConnectionPool(options: ConnectionPoolOptions): ConnectionPool {
  const { origin, limits, timeoutMs } = options
  if (options.dispatcher) return toConnectionPool(options.dispatcher, origin)
  // A call's own deadline ends it, so undici needs no timeouts. HTTP/2 resets streams instead of connections and is not supported.
  const clientOptions = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize, allowH2: false, connect: { timeout: timeoutMs } }
  const connections = Array.from(
    { length: limits.connections },
    () => new CountedConnection(new Client(origin, { ...clientOptions, pipelining: limits.pipelining })),
  )
  const singleUse = { ...clientOptions, connections: limits.connections, pipelining: 1 }
  const forRepeats = new Pool(origin, singleUse)
  const forWrites = new Pool(origin, singleUse)
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
    forRepeats,
    forWrites,
    async close() {
      await Promise.all([forRepeats.destroy(), forWrites.destroy(), ...connections.map(({ dispatcher }) => dispatcher.destroy())])
    },
  }
}

class CountedConnection implements Connection {
  inFlight = 0
  served = false
  readonly dispatcher: Client
  readonly release = () => {
    this.inFlight -= 1
  }
  constructor(dispatcher: Client) {
    this.dispatcher = dispatcher
    dispatcher.on('connect', () => {
      this.served = false
    })
  }
}

function toConnectionPool(handedIn: Dispatcher, origin: string): ConnectionPool {
  const dispatcher: Connection['dispatcher'] = {
    dispatch: (options, handler) => handedIn.dispatch({ ...options, origin }, handler),
  }
  return {
    acquireForRead: () => ({ dispatcher, served: false, release() {} }),
    forRepeats: dispatcher,
    forWrites: dispatcher,
    async close() {},
  }
}
