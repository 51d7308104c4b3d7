import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

/** One call as the proxy got it. */
export interface ProxiedCall {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The caller's port: which connection it came on. */
  readonly port: number
  /** When the caller closed the connection before it was answered; null: it did not. */
  abortedAt: number | null
}

interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What a fault can do with a call: hand it on, and answer it or not. */
export interface Exchange {
  readonly call: ProxiedCall
  readonly response: ServerResponse
  readonly socket: Socket
  /** Has the real system do it, and gives its answer. */
  forward(): Promise<Answered>
}

/** A way to fail. `null` in its place: the call is handed on and answered as it is. */
export type Fault = (exchange: Exchange) => void | Promise<void>

export interface FaultProxy {
  /** Scheme, host and port. */
  readonly origin: string
  readonly calls: readonly ProxiedCall[]
  /** The same base URL with the proxy in the place of its host. */
  before(baseUrl: string): string
  /** From now on: this fault, for so many calls. */
  fault(fault: Fault | null, times?: number): void
  /** Forgets the calls and the fault. */
  reset(): void
  close(): Promise<void>
}

/** An HTTP server between a gateway and a system, which behaves until it is told how to fail. */
export async function startFaultProxy(): Promise<FaultProxy> {
  const calls: ProxiedCall[] = []
  let target = ''
  let current: Fault | null = null
  let left = 0
  const take = (): Fault => {
    const fault = left > 0 ? current : null
    left -= 1
    return fault ?? passOn
  }
  const server = createServer(async (incoming, response) => {
    const { socket } = incoming
    try {
      const body = await buffer(incoming)
      const call = toCall(incoming, body)
      calls.push(call)
      response.once('close', () => {
        if (!response.writableFinished) call.abortedAt = performance.now()
      })
      await take()({ call, response, socket, forward: () => forward(target, call) })
    } catch {
      socket.destroy()
    }
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    calls,
    before(baseUrl) {
      const url = new URL(baseUrl)
      target = url.origin
      return origin + (url.pathname === '/' ? '' : url.pathname)
    },
    fault(fault, times = Number.POSITIVE_INFINITY) {
      current = fault
      left = times
    },
    reset() {
      calls.length = 0
      current = null
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function toCall({ method, url, headers, socket }: IncomingMessage, body: Buffer): ProxiedCall {
  return { method: method ?? '', path: url ?? '', headers, body, port: socket.remotePort ?? 0, abortedAt: null }
}

function forward(target: string, { method, path, headers, body }: ProxiedCall): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const outgoing = request(target + path, { method, headers, agent: false }, (answer) => {
      buffer(answer).then((bytes) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: bytes }), reject)
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: Buffer | string): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body)
}

const json = { 'content-type': 'application/json' }

const passOn: Fault = async ({ response, forward }) => {
  const { status, body } = await forward()
  send(response, status, json, body)
}

/** Takes the request and says nothing. */
export const hang: Fault = () => undefined

/** Waits, then answers as it should. */
export const late =
  (ms: number): Fault =>
  async (exchange) => {
    await sleep(ms)
    if (!exchange.response.destroyed) await passOn(exchange)
  }

/** Begins to answer, a byte at a time, and never ends. */
export const drip: Fault = ({ response }) => {
  response.writeHead(200, json)
  const timer = setInterval(() => response.write(' '), 20)
  response.once('close', () => clearInterval(timer))
}

/** A connection reset before the answer, after its headers, within its body, or when the work is done and nothing is said of it. */
export const reset =
  (when: 'before' | 'headers' | 'body' | 'done'): Fault =>
  async ({ response, socket, forward }) => {
    if (when === 'before') return void socket.resetAndDestroy()
    const { body } = await forward()
    if (when === 'done') return void socket.resetAndDestroy()
    response.writeHead(200, { ...json, 'content-length': body.length })
    response.flushHeaders()
    if (when === 'body') response.write(body.subarray(0, body.length >> 1))
    await sleep(20)
    socket.resetAndDestroy()
  }

/** Promises the whole answer, sends half, and ends the connection in good order. */
export const truncate: Fault = async ({ response, socket, forward }) => {
  const { body } = await forward()
  response.writeHead(200, { ...json, 'content-length': body.length })
  response.write(body.subarray(0, body.length >> 1), () => socket.end())
}

/** A status of its own, with the words of a system that says too much. */
export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Fault =>
  ({ response }) =>
    send(response, code, { ...json, ...headers }, body)

/** Does the work, then answers with this status all the same. */
export const doneThen =
  (code: number): Fault =>
  async ({ response, forward }) => {
    await forward()
    send(response, code, json, '{"errors":[{"status":"500","title":"internal server error"}]}')
  }

/** These bytes in the place of the answer. */
export const bytes =
  (body: Buffer | string, headers: Record<string, string> = json): Fault =>
  ({ response }) =>
    send(response, 200, headers, body)

/** The real answer, changed. */
export const rewrite =
  // biome-ignore lint/suspicious/noExplicitAny: it is a vendor's answer, whatever that is
    (change: (answer: any) => unknown): Fault =>
    async ({ response, forward }) => {
      const { status, body } = await forward()
      send(response, status, json, JSON.stringify(change(JSON.parse(body.toString('utf8')))))
    }

/** Megabytes behind megabytes, with a length that is named before or never. */
export const endless =
  (namedBytes?: number): Fault =>
  ({ response }) => {
    const chunk = Buffer.alloc(256 * 1024, ' ')
    response.writeHead(200, namedBytes === undefined ? json : { ...json, 'content-length': namedBytes })
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', pour)
    pour()
  }

/** 200 MB of blanks, packed into 200 kB. */
export const gzipBomb = (): Fault => {
  const packed = gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '), { level: 9 })
  return ({ response }) => send(response, 200, { ...json, 'content-encoding': 'gzip' }, packed)
}

/** Takes every call and holds its answer back until `release`. */
export function holdBack(): { readonly fault: Fault; readonly held: () => number; release(): void } {
  const waiting: (() => void)[] = []
  return {
    async fault(exchange) {
      await new Promise<void>((go) => waiting.push(go))
      if (!exchange.response.destroyed) await passOn(exchange)
    },
    held: () => waiting.length,
    release() {
      for (const go of waiting.splice(0)) go()
    },
  }
}

/** The real answer, its text changed: for what JSON.stringify would not write. */
export const respell =
  (change: (text: string) => string | Buffer): Fault =>
  async ({ response, forward }) => {
    const { status, body } = await forward()
    send(response, status, json, change(body.toString('utf8')))
  }
