import type { Call } from '../domain/call.ts'

/** A call that ends in time, whatever the one who is called does. */
export interface Deadline {
  /** The call to hand on: its signal aborts at the deadline. */
  readonly call: Call
  /** Rejects at the deadline with the signal's reason, even when the work does not listen. */
  keep<T>(work: Promise<T>): Promise<T>
  /** Call it when nothing is waited for any more. */
  end(): void
}

/** Begins now; ends `timeoutMs` later or when the call's own signal aborts. */
export function startDeadline(call: Call, timeoutMs: number): Deadline {
  const controller = new AbortController()
  const waiting = new Set<(reason: unknown) => void>()
  const expire = (reason: unknown) => {
    controller.abort(reason)
    for (const reject of waiting) reject(controller.signal.reason)
    waiting.clear()
  }
  const onAbort = () => expire(call.signal.reason)
  const timer = setTimeout(() => expire(new DOMException('The deadline has passed.', 'TimeoutError')), timeoutMs)
  if (call.signal.aborted) onAbort()
  else call.signal.addEventListener('abort', onAbort, { once: true })
  return {
    call: { ...call, signal: controller.signal },
    keep: (work) =>
      new Promise((resolve, reject) => {
        if (controller.signal.aborted) reject(controller.signal.reason)
        else waiting.add(reject)
        work.then(resolve, reject).finally(() => waiting.delete(reject))
      }),
    end() {
      clearTimeout(timer)
      call.signal.removeEventListener('abort', onAbort)
    },
  }
}
