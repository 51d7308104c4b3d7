import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A way for a simulator to fail. `times` limits it to that many calls, `operation` to one operation;
 * `afterWork` does the work first (a write that happened and was not confirmed).
 */
export type Fault = { readonly times?: number; readonly operation?: string; readonly afterWork?: boolean } & (
  | { readonly kind: 'hang' | 'garbage' | 'empty' | 'reset' }
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
)

/** Holds the one fault that is switched on. */
export interface FaultSwitch {
  set(fault: Fault | null): void
  /** The fault that this call meets, which uses up one of its `times`; null: none. */
  take(operation: string): Fault | null
}

export function createFaultSwitch(): FaultSwitch {
  let current: Fault | null = null
  let left = Number.POSITIVE_INFINITY
  return {
    set(fault) {
      current = fault
      left = fault?.times ?? Number.POSITIVE_INFINITY
    },
    take(operation) {
      if (!current || left <= 0 || (current.operation ?? operation) !== operation) return null
      left -= 1
      return current
    },
  }
}

/** Answers as the fault says. True: answered (or deliberately never will be). */
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
