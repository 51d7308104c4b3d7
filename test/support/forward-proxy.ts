import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** One request that the proxy was asked to pass on. */
export interface ForwardedCall {
  /** CONNECT, or the method of a request with a whole URL. */
  readonly method: string
  /** The host and port of a tunnel, or the whole URL. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

/** An HTTP proxy as companies have it between their networks and the internet. */
export interface ForwardProxy {
  readonly url: string
  readonly calls: readonly ForwardedCall[]
  /** "METHOD target" of every call, in order. */
  lines(): string[]
  close(): Promise<void>
}

/**
 * Starts a proxy. `portOf` is its DNS: the loopback port of the server that stands for this host and port; null: the proxy answers 502.
 * `refuse`: the status with which it refuses every call.
 */
export async function startForwardProxy(
  portOf: (authority: string) => number | null,
  { refuse }: { readonly refuse?: number } = {},
): Promise<ForwardProxy> {
  const calls: ForwardedCall[] = []
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming
    calls.push({ method, target: url, headers })
    const port = URL.canParse(url) ? portOf(new URL(url).host) : null
    if (refuse !== undefined || port === null) return void response.writeHead(refuse ?? 502).end()
    const { pathname, search } = new URL(url)
    const outgoing = request({ host: '127.0.0.1', port, method, path: pathname + search, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  server.on('connect', ({ url = '', headers }, socket: Socket, head: Buffer) => {
    calls.push({ method: 'CONNECT', target: url, headers })
    const port = portOf(url)
    if (refuse !== undefined || port === null) return void socket.end(`HTTP/1.1 ${refuse ?? 502} No\r\ncontent-length: 0\r\n\r\n`)
    const outgoing = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) outgoing.write(head)
      socket.pipe(outgoing).pipe(socket)
    })
    for (const [one, other] of [
      [socket, outgoing],
      [outgoing, socket],
    ] as const) {
      one.on('error', () => other.destroy())
      sockets.add(one)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    lines: () => calls.map(({ method, target }) => `${method} ${target}`),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      await closed
    },
  }
}
