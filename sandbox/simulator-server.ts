import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  answerFault,
  type CallLog,
  createCallLog,
  createFaultSwitch,
  type Fault,
  type FaultSwitch,
  inspectionRoutes,
} from './inspection.ts'
import type { Reply, Route, Simulator, SimulatorRequest } from './simulator.ts'

/** Where a simulator listens, and how slow it is. */
export interface SimulatorServerOptions {
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  /** The delay of every answer. */
  readonly latencyMs: number
}

/** A simulator behind a real HTTP server. */
export interface SimulatorServer {
  /** Scheme, host and port. */
  readonly origin: string
  readonly calls: CallLog
  setFault(fault: Fault | null): void
  close(): Promise<void>
}

interface Serving {
  readonly simulator: Simulator
  readonly routes: readonly Route[]
  readonly calls: CallLog
  readonly faults: FaultSwitch
  readonly latencyMs: number
}

/** Serves the vendor's routes, the inspection API below `/_sandbox`, and on a free port what the simulator has for downloads. */
export async function serveSimulator(simulator: Simulator, options: SimulatorServerOptions): Promise<SimulatorServer> {
  const downloads = simulator.downloads && (await serveSimulator(simulator.downloads.host, { ...options, port: 0 }))
  if (downloads) simulator.downloads?.listensAt(downloads.origin)
  const calls = createCallLog()
  const faults = createFaultSwitch()
  const routes = [...inspectionRoutes({ simulator, calls, faults }), ...simulator.routes]
  const serving: Serving = { simulator, routes, calls, faults, latencyMs: options.latencyMs }
  const server = createServer((request, response) => {
    answer(serving, request, response).catch(() => response.destroy())
  })
  const origin = await listen(server, options)
  return {
    ...{ origin, calls, setFault: faults.set },
    async close() {
      await simulator.close?.()
      await Promise.all([close(server), downloads?.close()])
    },
  }
}

async function answer(serving: Serving, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://sandbox')
  const body = await buffer(incoming)
  const route = serving.routes.find((candidate) => candidate.method === incoming.method && candidate.path.test(url.pathname))
  const request = toRequest(incoming, url, body, route)
  if (route?.operation.startsWith('_'))
    return send(
      response,
      attempt(serving.simulator, () => route.handle(request)),
    )
  const operation = route?.operation ?? 'unknown'
  serving.calls.count(operation)
  if (serving.latencyMs > 0) await sleep(serving.latencyMs)
  const fault = serving.faults.next(operation, incoming.method !== 'GET')
  if (fault && !fault.afterWork && (await answerFault(fault, response, serving.simulator.failure))) return
  const reply = attempt(serving.simulator, () => handle(serving.simulator, route, request))
  serving.calls.record({
    operation,
    method: incoming.method ?? '',
    path: url.pathname,
    agent: header(incoming, 'x-agent-user-id'),
    status: reply.status,
  })
  if (fault?.afterWork && (await answerFault(fault, response, serving.simulator.failure))) return
  send(response, reply)
}

/** An exception is a fault of the simulator: a 500 in the vendor's format, and its stack on standard error. */
function attempt(simulator: Simulator, work: () => Reply): Reply {
  try {
    return work()
  } catch (error) {
    console.error(error)
    return { status: 500, body: simulator.failure(500) }
  }
}

function handle(simulator: Simulator, route: Route | undefined, request: SimulatorRequest): Reply {
  const refusal = simulator.authorise(request)
  if (refusal) return refusal
  return route ? route.handle(request) : { status: 404, body: simulator.failure(404) }
}

function toRequest(incoming: IncomingMessage, url: URL, body: Buffer, route: Route | undefined): SimulatorRequest {
  const groups = route?.path.exec(url.pathname)?.slice(1) ?? []
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    params: groups.map(decode),
    query: url.searchParams,
    headers: incoming.headers,
    body,
    json: () => toObject(body),
  }
}

/** The percent-decoded text, or the text itself where the encoding is wrong. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function toObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.body === undefined) {
    response.writeHead(reply.status, { 'content-length': 0, ...reply.headers }).end()
    return
  }
  const bytes = Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(JSON.stringify(reply.body))
  const contentType = Buffer.isBuffer(reply.body) ? 'application/octet-stream' : 'application/json; charset=utf-8'
  response.writeHead(reply.status, { 'content-type': contentType, 'content-length': bytes.length, ...reply.headers }).end(bytes)
}

function header(incoming: IncomingMessage, name: string): string | null {
  const value = incoming.headers[name]
  return typeof value === 'string' ? value : null
}

async function listen(server: Server, { host, port }: SimulatorServerOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}
