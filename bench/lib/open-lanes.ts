import { RawConnection } from './http-client.ts'

export interface LaneOptions {
  readonly port: number
  /** How many connections there are: a request that finds none free waits for one, here. */
  readonly connections: number
  /** From when a request was due, in milliseconds; after it nobody waits for the answer any more. */
  readonly timeoutMs: number
  /** Sent in turn. */
  readonly requests: readonly Buffer[]
  /** When the request of this number is due, on the clock of `performance`. */
  readonly dueAt: (index: number) => number
  /** Called once for every request: its HTTP status, or null when no answer came. */
  readonly onDone: (index: number, status: number | null) => void
}

/** A bounded number of connections that send requests as they fall due. */
export interface Lanes {
  /** So many requests are due by now, since the beginning. */
  due(count: number): void
  /** Gives up what is over its time. To be called now and then. */
  sweep(): void
  close(): void
}

/** So many connect at once: more than a server's queue holds would be dropped, and tried again a second later. */
const connectAtOnce = 64

async function connectAll(port: number, count: number): Promise<RawConnection[]> {
  const open: RawConnection[] = []
  while (open.length < count) {
    const few = Array.from({ length: Math.min(connectAtOnce, count - open.length) }, () => new RawConnection(port))
    await Promise.all(few.map((connection) => connection.connected))
    open.push(...few)
  }
  return open
}

/** Connects first, so that no request pays for it. Rejects when the server does not take the connections. */
export async function openLanes(options: LaneOptions): Promise<Lanes> {
  const { port, requests, dueAt, onDone } = options
  const free = await connectAll(port, options.connections)
  const running = new Map<RawConnection, number>()
  let dueCount = 0
  let next = 0
  const isLate = (index: number): boolean => performance.now() - dueAt(index) > options.timeoutMs

  /**
   * In turn, so that none is idle for long: the gateway hangs up on those that have said nothing for ten seconds, and a request that
   * crosses with that would count as unanswered. Those that broke are replaced.
   */
  const takeFree = (): RawConnection => {
    const connection = free.shift()
    return connection?.isOpen ? connection : new RawConnection(port)
  }

  const send = async (connection: RawConnection, index: number): Promise<void> => {
    running.set(connection, index)
    const status = await connection.send(requests[index % requests.length]!).then(
      (answer) => answer.status,
      () => null,
    )
    running.delete(connection)
    free.push(connection)
    onDone(index, status)
    serve()
  }

  const serve = (): void => {
    for (; next < dueCount && free.length > 0; next++) {
      // Whoever would have sent it has gone by now.
      if (isLate(next)) onDone(next, null)
      else void send(takeFree(), next)
    }
  }

  return {
    due(count) {
      dueCount = count
      serve()
    },
    sweep() {
      for (const [connection, index] of running) if (isLate(index)) connection.abandon()
    },
    close() {
      for (const connection of [...free, ...running.keys()]) connection.close()
    },
  }
}
