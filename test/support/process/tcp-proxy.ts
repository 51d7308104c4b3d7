import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** A stretch of cable in front of a server, that a test can cut and mend. */
export interface TcpProxy {
  readonly port: number
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Lets nothing through any more, and says nothing about it: as a host that vanished. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

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
    mend: () => listen(port),
    freeze: () => {
      frozen = true
    },
    // What was swallowed is gone: those connections are of no use.
    thaw: () => {
      frozen = false
      for (const socket of sockets) socket.destroy()
    },
    close: () => (server.listening ? cut() : Promise.resolve()),
  }
}
