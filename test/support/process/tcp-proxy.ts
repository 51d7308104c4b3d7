import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP connection to a server that a test can break and restore. */
export interface TcpProxy {
  readonly port: number
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>
  /** Accepts connections again. */
  restore(): Promise<void>
  /** Drops all data without closing connections, as an unreachable host does. */
  freeze(): void
  /** Closes the frozen connections and forwards new ones. */
  thaw(): void
  close(): Promise<void>
}

/** Starts a proxy that forwards connections. */
export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let frozen = false
  const join = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('data', (data) => {
      if (!frozen) to.write(data)
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host)
    join(client, upstream)
    join(upstream, client)
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    cut,
    restore: () => listen(port),
    freeze: () => {
      frozen = true
    },
    // The frozen connections have lost data and cannot continue.
    thaw: () => {
      frozen = false
      for (const socket of sockets) socket.destroy()
    },
    close: () => (server.listening ? cut() : Promise.resolve()),
  }
}
