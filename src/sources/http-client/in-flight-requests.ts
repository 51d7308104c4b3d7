import { UpstreamError } from './upstream-error.ts'

/** Starts a request that runs until it settles or the controller is aborted. */
export type StartRequest<T> = (controller: AbortController) => Promise<T>

/**
 * Shares requests in flight between callers (request coalescing). A caller that leaves does not affect the others; when the last
 * one leaves, the request is aborted: UPSTREAM-18.
 */
export interface InFlightRequests {
  /**
   * Waits for the request in flight with this key, or starts it. The key must contain the viewer's identity, so that two viewers
   * never share an answer: INPUT-09. With the key null the request is never shared. Rejects when `signal` aborts.
   */
  share<T>(key: string | null, signal: AbortSignal, start: StartRequest<T>): Promise<T>
  /** Stops sharing the requests in flight. After a write, they may return the state before it. */
  invalidate(): void
}

export interface InFlightRequestsDeps {
  /** Makes the error of a caller that left. */
  readonly toCancelledError: () => unknown
  /** Called for every caller that shares the request of another one. */
  readonly onShared: () => void
}

export function createInFlightRequests({ toCancelledError, onShared }: InFlightRequestsDeps): InFlightRequests {
  const inFlight = new Map<string, SharedRequest<unknown>>()

  function create<T>(key: string | null): SharedRequest<T> {
    if (key === null) return new SharedRequest<T>(toCancelledError, () => {})
    const request = new SharedRequest<T>(toCancelledError, () => {
      if (inFlight.get(key) === request) inFlight.delete(key)
    })
    // Equal keys mean equal requests, and a request has one translation, so the result is a T.
    inFlight.set(key, request as SharedRequest<unknown>)
    return request
  }

  return {
    share<T>(key: string | null, signal: AbortSignal, start: StartRequest<T>): Promise<T> {
      if (signal.aborted) return Promise.reject(toCancelledError())
      const running = key === null ? undefined : (inFlight.get(key) as SharedRequest<T> | undefined)
      if (running) {
        onShared()
        return running.subscribe(signal)
      }
      const request = create<T>(key)
      const result = request.subscribe(signal)
      request.start(start)
      return result
    },
    invalidate: () => inFlight.clear(),
  }
}

class SharedRequest<T> {
  readonly #controller = new AbortController()
  #waiters: Waiter<T>[] = []
  readonly #toCancelledError: () => unknown
  readonly #onSettled: () => void

  constructor(toCancelledError: () => unknown, onSettled: () => void) {
    this.#toCancelledError = toCancelledError
    this.#onSettled = onSettled
  }

  start(start: StartRequest<T>): void {
    start(this.#controller).then(
      (result) => {
        for (const waiter of this.#settle()) waiter.resolve(result)
      },
      (error: unknown) => {
        for (const waiter of this.#settle()) waiter.reject(error)
      },
    )
  }

  subscribe(signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiters.push(new Waiter(this, signal, resolve, reject))
    })
  }

  unsubscribe(waiter: Waiter<T>): void {
    waiter.reject(this.#toCancelledError())
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
    if (this.#waiters.length > 0) return
    this.#settle()
    this.#controller.abort(new UpstreamError('cancelled', { sent: false }))
  }

  /** Returns the waiters and drops the references to them: the map of requests in flight may keep this object alive for long. */
  #settle(): readonly Waiter<T>[] {
    const waiters = this.#waiters
    this.#waiters = []
    this.#onSettled()
    for (const waiter of waiters) waiter.stopListening()
    return waiters
  }
}

/** One caller, until the request settles or the caller's signal aborts. */
class Waiter<T> {
  readonly resolve: (result: T) => void
  readonly reject: (error: unknown) => void
  readonly #signal: AbortSignal
  /** A function: for a listener that is an object, Node makes a closure in V8's old generation, which keeps the answer from being freed. */
  readonly #leave: () => void

  constructor(request: SharedRequest<T>, signal: AbortSignal, resolve: (result: T) => void, reject: (error: unknown) => void) {
    this.resolve = resolve
    this.reject = reject
    this.#signal = signal
    const leave = () => request.unsubscribe(this)
    signal.addEventListener('abort', leave, { once: true })
    this.#leave = leave
  }

  stopListening(): void {
    this.#signal.removeEventListener('abort', this.#leave)
  }
}
