import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Route, Simulator } from './simulator.ts'

/** One call to a simulator. */
export interface CallRecord {
  readonly operation: string
  readonly method: string
  readonly path: string
  /** The X-Agent-User-ID header, or null. */
  readonly agent: string | null
  readonly status: number
}

/** The simulator's own count of its calls. */
export interface CallLog {
  count(operation: string): void
  record(call: CallRecord): void
  counts(): Readonly<Record<string, number>>
  /** The latest calls, oldest first, at most 1,000. */
  latest(): readonly CallRecord[]
  reset(): void
}

/** An empty call log. */
export function createCallLog(): CallLog {
  let counts: Record<string, number> = {}
  let calls: CallRecord[] = []
  return {
    count(operation) {
      counts[operation] = (counts[operation] ?? 0) + 1
    },
    record(call) {
      calls.push(call)
      if (calls.length > 1000) calls = calls.slice(-500)
    },
    counts: () => ({ ...counts }),
    latest: () => [...calls],
    reset() {
      counts = {}
      calls = []
    },
  }
}

/**
 * A way for a simulator to fail. `times` limits it to that many calls, `operation` to one operation, `writesOnly` to calls that
 * change something. `afterWork` does the work first: a write that succeeded without a confirmation.
 */
export type Fault = {
  readonly times?: number
  readonly operation?: string
  readonly writesOnly?: boolean
  readonly afterWork?: boolean
} & (
  | { readonly kind: 'hang' | 'garbage' | 'empty' | 'reset' }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
)

/** The one fault that is set. */
export interface FaultSwitch {
  set(fault: Fault | null): void
  /** The fault of this call, or null. It counts against `times`. */
  next(operation: string, isWrite: boolean): Fault | null
}

/** A switch without a fault. */
export function createFaultSwitch(): FaultSwitch {
  let current: Fault | null = null
  let remaining = Number.POSITIVE_INFINITY
  return {
    set(fault) {
      current = fault
      remaining = fault?.times ?? Number.POSITIVE_INFINITY
    },
    next(operation, isWrite) {
      if (!current || remaining <= 0 || (current.operation ?? operation) !== operation) return null
      if (current.writesOnly && !isWrite) return null
      remaining -= 1
      return current
    },
  }
}

/** Answers as the fault says. Returns false when the caller still has to answer. */
export async function answerFault(
  fault: Fault,
  response: ServerResponse,
  failure: (status: number) => unknown,
): Promise<boolean> {
  switch (fault.kind) {
    case 'hang':
      return true
    case 'latency':
      await sleep(fault.ms)
      return false
    case 'reset':
      response.socket?.destroy()
      return true
    case 'empty':
      response.writeHead(200, { 'content-length': 0 }).end()
      return true
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' }).end('<html><body><h1>Bad gateway</h1>')
      return true
    case 'status':
      response.writeHead(fault.status, {
        'content-type': 'application/json',
        ...(fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter }),
      })
      response.end(JSON.stringify(failure(fault.status)))
      return true
  }
}

interface Inspected {
  readonly simulator: Simulator
  readonly calls: CallLog
  readonly faults: FaultSwitch
}

/**
 * The inspection API of every simulator. It needs no token, is not counted and has no faults.
 * - `GET /_sandbox/calls`: `{counts, latest}`; `DELETE` resets them
 * - `GET /_sandbox/tickets`: `{count}`; `GET /_sandbox/tickets/{id}`: the vendor's own state of the ticket
 * - `PUT /_sandbox/fault`: a `Fault` as JSON; `DELETE` removes it
 */
export function inspectionRoutes({ simulator, calls, faults }: Inspected): Route[] {
  const done = { status: 204 }
  return [
    route('GET', /^\/_sandbox\/calls$/, () => ({ status: 200, body: { counts: calls.counts(), latest: calls.latest() } })),
    route('DELETE', /^\/_sandbox\/calls$/, () => {
      calls.reset()
      return done
    }),
    route('GET', /^\/_sandbox\/tickets$/, () => ({ status: 200, body: { count: simulator.tickets() } })),
    route('GET', /^\/_sandbox\/tickets\/([^/]+)$/, ({ params }) => {
      const ticket = simulator.ticket(params[0] ?? '')
      return ticket === undefined ? { status: 404, body: { error: 'no such ticket' } } : { status: 200, body: ticket }
    }),
    route('PUT', /^\/_sandbox\/fault$/, (request) => {
      const fault = request.json()
      if (typeof fault.kind !== 'string') return { status: 400, body: { error: 'a fault needs a kind' } }
      faults.set(fault as unknown as Fault)
      return done
    }),
    route('DELETE', /^\/_sandbox\/fault$/, () => {
      faults.set(null)
      return done
    }),
  ]
}

function route(method: string, path: RegExp, handle: Route['handle']): Route {
  return { method, path, operation: '_sandbox', handle }
}
