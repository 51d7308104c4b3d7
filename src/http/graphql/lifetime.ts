import type { ServerResponse } from 'node:http'

/** A signal that aborts when the client goes away before its answer was written, or when the operation has had its time. */
export function signalOf(response: ServerResponse, timeoutMs: number): AbortSignal {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Error('The operation took too long.')), timeoutMs)
  response.once('close', () => {
    clearTimeout(timer)
    if (!response.writableFinished) controller.abort(new Error('The client went away.'))
  })
  return controller.signal
}
