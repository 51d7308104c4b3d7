import type { ServerResponse } from 'node:http'
import type { Call, CallStats, Viewer } from '../domain/call.ts'

interface OperationTime {
  readonly timeoutMs: number
  readonly startedAt: number
}

const callKey = Symbol('call')

/** A property instead of a WeakMap: a map of the responses of a busy second makes each garbage collection longer. */
interface ResponseWithCall {
  [callKey]?: Call
}

/** Says on whose behalf this response is made, for its line in the access log. */
export function noteCall(response: ServerResponse & ResponseWithCall, call: Call): void {
  response[callKey] = call
}

export function callOf(response: ServerResponse & ResponseWithCall): Call | undefined {
  return response[callKey]
}

/**
 * The call of one HTTP request. Its signal aborts when the client disconnects before its response was written, or when the operation's
 * time is over. The signal is made when it is first read: an operation that calls no source needs none.
 */
export class RequestCall implements Call {
  readonly viewer: Viewer
  readonly requestId: string
  readonly stats: CallStats = { upstreamCalls: 0 }
  readonly #response: ServerResponse
  readonly endsAt: number
  #signal: AbortSignal | null = null

  /** `startedAt`: when the request began, on the scale of `performance.now()`. Sign-in and rate limit count for the operation's time. */
  constructor(viewer: Viewer, requestId: string, response: ServerResponse, { timeoutMs, startedAt }: OperationTime) {
    this.viewer = viewer
    this.requestId = requestId
    this.#response = response
    this.endsAt = startedAt + timeoutMs
    noteCall(response, this)
  }

  get signal(): AbortSignal {
    this.#signal ??= watch(this.#response, this.endsAt - performance.now())
    return this.#signal
  }
}

function watch(response: ServerResponse, remainingMs: number): AbortSignal {
  const controller = new AbortController()
  if (response.destroyed) controller.abort(new Error('The client disconnected.'))
  const timer = setTimeout(() => controller.abort(new Error('The operation took too long.')), Math.max(0, remainingMs))
  response.once('close', () => {
    clearTimeout(timer)
    if (!response.writableFinished) controller.abort(new Error('The client disconnected.'))
  })
  return controller.signal
}
