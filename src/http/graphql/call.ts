import type { ServerResponse } from 'node:http'
import type { Call, CallTally, Viewer } from '../../domain/call.ts'

/**
 * The call of one HTTP request. Its signal aborts when the client goes away before its answer was written, or when the
 * operation has had its time. Both are watched from when somebody first asks for the signal: an operation that calls
 * nobody needs neither.
 */
export function createCall(viewer: Viewer, requestId: string, response: ServerResponse, timeoutMs: number): Call {
  return new RequestCall(viewer, requestId, response, timeoutMs)
}

class RequestCall implements Call {
  readonly viewer: Viewer
  readonly requestId: string
  readonly tally: CallTally = { upstreamCalls: 0 }
  readonly #response: ServerResponse
  readonly #endsAt: number
  #signal: AbortSignal | null = null

  constructor(viewer: Viewer, requestId: string, response: ServerResponse, timeoutMs: number) {
    this.viewer = viewer
    this.requestId = requestId
    this.#response = response
    this.#endsAt = performance.now() + timeoutMs
  }

  get signal(): AbortSignal {
    this.#signal ??= watch(this.#response, this.#endsAt - performance.now())
    return this.#signal
  }
}

function watch(response: ServerResponse, leftMs: number): AbortSignal {
  const controller = new AbortController()
  if (response.destroyed) controller.abort(new Error('The client went away.'))
  const timer = setTimeout(() => controller.abort(new Error('The operation took too long.')), Math.max(0, leftMs))
  response.once('close', () => {
    clearTimeout(timer)
    if (!response.writableFinished) controller.abort(new Error('The client went away.'))
  })
  return controller.signal
}
