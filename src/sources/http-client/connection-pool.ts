import { Client, type Dispatcher, Pool } from 'undici'
import { createGatheringConnector } from './gathering-connector.ts'

export interface ConnectionLimits {
  /** Connections to the source for reads; as many again, at most, for writes. */
  readonly connections: number
  /** How many reads may wait on one connection once every connection is busy. */
  readonly pipelining: number
}

export interface Connections {
  /** Where the next read goes. `done` is called when it is over. */
  forRead(): Lane
  /** Where a write goes: never behind or before anything else on its connection. */
  readonly forWrite: Pick<Dispatcher, 'dispatch'>
  close(): Promise<void>
}

/**
 * The connections of one source. undici's own Pool fills one connection's pipeline before it takes the next, and a server
 * answers a pipeline in order; here a read takes the connection with the fewest reads under way, so that
 * nothing queues behind a slow answer while another connection is free.
 */
export function createConnections(origin: string, limits: ConnectionLimits, timeoutMs: number): Connections {
  // The deadline ends calls, hence no timers inside; HTTP/2 would need its own rules for aborting and is left out.
  const options = { headersTimeout: 0, bodyTimeout: 0, allowH2: false, connect: { timeout: timeoutMs } }
  const lanes = Array.from(
    { length: limits.connections },
    () =>
      new ReadLane(
        new Client(origin, { ...options, connect: createGatheringConnector(timeoutMs), pipelining: limits.pipelining }),
      ),
  )
  const writes = new Pool(origin, { ...options, connections: limits.connections, pipelining: 1 })
  return {
    forRead() {
      let best = lanes[0]!
      for (const lane of lanes) {
        if (lane.running < best.running) best = lane
        if (best.running === 0) break
      }
      best.running += 1
      return best
    },
    forWrite: writes,
    // Whoever still waits is told by its deadline or by the closed connection.
    async close() {
      await Promise.all([writes.destroy(), ...lanes.map((lane) => lane.dispatcher.destroy())])
    },
  }
}

/** One connection and how many reads are under way on it. */
interface Lane {
  readonly dispatcher: Pick<Dispatcher, 'dispatch'>
  readonly done: () => void
}

class ReadLane implements Lane {
  running = 0
  readonly dispatcher: Client
  readonly done = () => {
    this.running -= 1
  }
  constructor(dispatcher: Client) {
    this.dispatcher = dispatcher
  }
}

/** For tests: everything goes through one dispatcher handed in, such as undici's MockAgent. It is its owner's to close. */
export function toConnections(handedIn: Dispatcher, origin: string): Connections {
  const dispatcher: Lane['dispatcher'] = { dispatch: (options, handler) => handedIn.dispatch({ ...options, origin }, handler) }
  return { forRead: () => ({ dispatcher, done() {} }), forWrite: dispatcher, async close() {} }
}
