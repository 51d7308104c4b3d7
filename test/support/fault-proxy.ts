import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

/** One call as the proxy received it. */
export interface ProxiedCall {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The caller's port, which identifies the connection. */
  readonly port: number
  /** When the caller closed the connection before the answer; null: it did not. */
  abortedAt: number | null
}

interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A call that a fault can forward and answer. */
export interface Exchange {
  readonly call: ProxiedCall
  readonly response: ServerResponse
  readonly socket: Socket
  /** Forwards the call to the real system, in place of its own path to this one where it is given, and returns the answer. */
  forward(path?: string): Promise<Answered>
}

/** A way to fail. null: the proxy forwards the call and its answer. */
export type Fault = (exchange: Exchange) => void | Promise<void>

/** An HTTP server between a gateway and a system. */
export interface FaultProxy {
  /** Scheme, host and port. */
  readonly origin: string
  readonly calls: readonly ProxiedCall[]
  /** The base URL with the proxy's host. The proxy forwards calls to the original host. */
  before(baseUrl: string): string
  /** Sets the fault of the next `times` calls; of all calls when it is absent. */
  fault(fault: Fault | null, times?: number): void
  /** Removes the recorded calls and the fault. */
  reset(): void
  close(): Promise<void>
}

/** Starts a proxy without a fault. */
export async function startFaultProxy(): Promise<FaultProxy> {
  const calls: ProxiedCall[] = []
  let target = ''
  let current: Fault | null = null
  let remaining = 0
  const nextFault = (): Fault => {
    const fault = remaining > 0 ? current : null
    remaining -= 1
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
      await nextFault()({ call, response, socket, forward: (path = call.path) => forward(target, { ...call, path }) })
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
      remaining = times
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

/** Forwards the call and its answer. */
export const passOn: Fault = async ({ response, forward }) => {
  const { status, headers, body } = await forward()
  const { etag, location } = headers
  send(response, status, { ...json, ...(etag && { etag }), ...(location && { location }) }, body)
}

/** Reads the request and never answers. */
export const hang: Fault = () => undefined

/** Waits, then forwards the answer. */
export const late =
  (ms: number): Fault =>
  async (exchange) => {
    await sleep(ms)
    if (!exchange.response.destroyed) await passOn(exchange)
  }

/** Sends the answer one byte at a time and never ends it. */
export const drip: Fault = ({ response }) => {
  response.writeHead(200, json)
  const timer = setInterval(() => response.write(' '), 20)
  response.once('close', () => clearInterval(timer))
}

/** Resets the connection before the answer, after its headers, within its body, or after the work without an answer. */
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

/** Resets the connections of these callers, as a middlebox does that has forgotten them. Calls on other connections are forwarded. */
export const resetPorts =
  (ports: ReadonlySet<number>): Fault =>
  (exchange) =>
    ports.has(exchange.call.port) ? void exchange.socket.resetAndDestroy() : passOn(exchange)

/** Announces the whole length, sends half of the answer, and closes the connection normally. */
export const truncate: Fault = async ({ response, socket, forward }) => {
  const { body } = await forward()
  response.writeHead(200, { ...json, 'content-length': body.length })
  response.write(body.subarray(0, body.length >> 1), () => socket.end())
}

/** Answers with this status, these headers and this body. */
export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Fault =>
  ({ response }) =>
    send(response, code, { ...json, ...headers }, body)

/** Does the work, then answers with this status. */
export const doneThen =
  (code: number): Fault =>
  async ({ response, forward }) => {
    await forward()
    send(response, code, json, '{"errors":[{"status":"500","title":"internal server error"}]}')
  }

/** Answers with these bytes. */
export const bytes =
  (body: Buffer | string, headers: Record<string, string> = json): Fault =>
  ({ response }) =>
    send(response, 200, headers, body)

/** Answers with the changed JSON of the real answer. */
export const rewrite =
  // biome-ignore lint/suspicious/noExplicitAny: the answer of any vendor
    (change: (answer: any) => unknown): Fault =>
    async ({ response, forward }) => {
      const { status, body } = await forward()
      send(response, status, json, JSON.stringify(change(JSON.parse(body.toString('utf8')))))
    }

/** An answer without an end, with or without an announced length. */
export const endless =
  (announcedBytes?: number): Fault =>
  ({ response }) => {
    const chunk = Buffer.alloc(256 * 1024, ' ')
    response.writeHead(200, announcedBytes === undefined ? json : { ...json, 'content-length': announcedBytes })
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', pour)
    pour()
  }

/** 200 MB of blanks, compressed to 200 kB. */
export const gzipBomb = (): Fault => {
  const packed = gzipSync(Buffer.alloc(200 * 1024 * 1024, ' '), { level: 9 })
  return ({ response }) => send(response, 200, { ...json, 'content-encoding': 'gzip' }, packed)
}

/**
 * Delays the answer of every call until `release`. `waiting` is the number of delayed calls whose caller still waits: a call
 * after its deadline does not count.
 */
export function holdBack(): { readonly fault: Fault; readonly waiting: () => number; release(): void } {
  const delayed = new Map<ServerResponse, () => void>()
  return {
    async fault(exchange) {
      await new Promise<void>((resolve) => delayed.set(exchange.response, resolve))
      if (!exchange.response.destroyed) await passOn(exchange)
    },
    waiting: () => [...delayed.keys()].filter((response) => !response.destroyed).length,
    release() {
      for (const resolve of delayed.values()) resolve()
      delayed.clear()
    },
  }
}

/** Answers with the changed text of the real answer, for what JSON.stringify cannot write. */
export const rewriteText =
  (change: (text: string) => string | Buffer): Fault =>
  async ({ response, forward }) => {
    const { status, body } = await forward()
    send(response, status, json, change(body.toString('utf8')))
  }
