import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request as the vendor got it. */
export interface VendorCall {
  readonly method: string
  /** Path and query as they were on the wire. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Decoded JSON; undefined when there was none. */
  readonly body: unknown
  /** How many requests came before it. */
  readonly index: number
  /** The caller's port: which connection it came on. */
  readonly port: number
}

export interface Vendor {
  readonly url: string
  /** Every request, in order. */
  readonly calls: readonly VendorCall[]
  /** "METHOD path" of every request, in order. */
  lines(): string[]
  /** How many requests were given up by the caller before they were answered. */
  aborted(): number
}

/** Answers with JSON. */
export function json(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/**
 * Lets held answers go whenever no further request has come for a while, and notes how many there were: those were under way
 * at once. Stop it with clearInterval.
 */
export function releaseWhenQuiet(held: (() => void)[], atOnce: number[]): NodeJS.Timeout {
  let before = 0
  return setInterval(() => {
    if (held.length > 0 && held.length === before) {
      atOnce.push(held.length)
      for (const answer of held.splice(0)) answer()
    }
    before = held.length
  }, 60)
}

/** A vendor's API on loopback: a real HTTP server whose answers are the test's. It ends with the test. */
export async function startVendor(answer: (call: VendorCall, res: ServerResponse) => void): Promise<Vendor> {
  const calls: VendorCall[] = []
  let aborted = 0
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    res.on('close', () => {
      if (!res.writableFinished) aborted += 1
    })
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const body: unknown = text === '' ? undefined : JSON.parse(text)
      const call = {
        method: req.method ?? '',
        path: req.url ?? '',
        headers: req.headers,
        body,
        index: calls.length,
        port: req.socket.remotePort ?? 0,
      }
      calls.push(call)
      answer(call, res)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    lines: () => calls.map(({ method, path }) => `${method} ${path}`),
    aborted: () => aborted,
  }
}
