import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request as the vendor received it. */
export interface VendorCall {
  readonly method: string
  /** Path and query, not decoded. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Decoded JSON; the text of a form; undefined without a body. */
  readonly body: unknown
  /** How many requests came before it. */
  readonly index: number
  /** The caller's port, which identifies the connection. */
  readonly port: number
}

/** A vendor's API on loopback. */
export interface Vendor {
  readonly url: string
  /** Every request, in order. */
  readonly calls: readonly VendorCall[]
  /** "METHOD path" of every request, in order. */
  lines(): string[]
  /** How many requests the caller aborted before the answer. */
  aborted(): number
}

/** Answers with JSON. */
export function json(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/**
 * Sends the delayed answers whenever no further request arrives for a while, and adds their number to `atOnce`: these requests
 * were concurrent. Stop it with clearInterval.
 */
export function releaseWhenQuiet(delayed: (() => void)[], atOnce: number[]): NodeJS.Timeout {
  let before = 0
  return setInterval(() => {
    if (delayed.length > 0 && delayed.length === before) {
      atOnce.push(delayed.length)
      for (const answer of delayed.splice(0)) answer()
    }
    before = delayed.length
  }, 60)
}

/** Starts a real HTTP server with the test's answers. It stops at the end of the test. */
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
      const isForm = req.headers['content-type']?.startsWith('multipart/') === true
      const body: unknown = text === '' ? undefined : isForm ? text : JSON.parse(text)
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
