import { Client, type Dispatcher, Pool } from 'undici'
import { createProxyAgent, hasProxy, noProxies } from '../../outbound/proxies.ts'
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
  /** Asks for a file, whose body is read as it arrives. */
  readonly forFiles: Pick<Dispatcher, 'request'>
  /** Closes all connections; requests in flight fail. */
  close(): Promise<void>
}

export type ConnectionPoolOptions = Pick<HttpClientOptions, 'timeoutMs' | 'dispatcher' | 'proxies'> & {
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
  const { origin, limits, timeoutMs, proxies = noProxies } = options
  if (options.dispatcher) return toConnectionPool(options.dispatcher, origin)
  // A call's own deadline ends it, so undici needs no timeouts. HTTP/2 resets streams instead of connections and is not supported.
  const common = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize, allowH2: false, connect: { timeout: timeoutMs } }
  const open: Open = (create, own) => {
    const clientOptions = { ...common, ...own }
    if (!hasProxy(proxies)) return create(origin, clientOptions)
    return withOrigin(createProxyAgent(proxies, { ...clientOptions, create }), origin)
  }
  const connections = Array.from({ length: limits.connections }, () => new CountedConnection(open, limits.pipelining))
  const openSingleUse = () => open((to, own) => new Pool(to, { ...own, connections: limits.connections }), { pipelining: 1 })
  const forRepeats = openSingleUse()
  const forWrites = openSingleUse()
  const forFiles = openSingleUse()
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
    forFiles,
    async close() {
      const singleUse = [forRepeats, forWrites, forFiles]
      await Promise.all([...singleUse, ...connections.map(({ dispatcher }) => dispatcher)].map((channel) => channel.destroy()))
    },
  }
}

type Channel = Pick<Dispatcher, 'dispatch' | 'request' | 'destroy'>
type Create = (to: string | URL, options: Client.Options) => Dispatcher

/** Opens connections to the source: directly, or to its proxy. */
type Open = (create: Create, options: Client.Options) => Channel

class CountedConnection implements Connection {
  inFlight = 0
  served = false
  readonly dispatcher: Channel
  readonly release = () => {
    this.inFlight -= 1
  }
  constructor(open: Open, pipelining: number) {
    this.dispatcher = open((to, options) => this.#watch(new Client(to, options)), { pipelining })
  }

  #watch(client: Client): Client {
    return client.on('connect', () => {
      this.served = false
    })
  }
}

/** A dispatcher for many hosts as one for this host. */
function withOrigin(agent: Dispatcher, origin: string): Channel {
  return {
    dispatch: (options, handler) => agent.dispatch({ ...options, origin }, handler),
    request: (options: Dispatcher.RequestOptions) => agent.request({ ...options, origin }),
    destroy: agent.destroy.bind(agent) as Channel['destroy'],
  }
}

function toConnectionPool(handedIn: Dispatcher, origin: string): ConnectionPool {
  const dispatcher = withOrigin(handedIn, origin)
  return {
    acquireForRead: () => ({ dispatcher, served: false, release() {} }),
    forRepeats: dispatcher,
    forWrites: dispatcher,
    forFiles: dispatcher,
    async close() {},
  }
}
