/** Something under way that can be given up. */
export interface Flight<T> {
  readonly result: Promise<T>
  cancel(): void
}

/**
 * Reads in flight that several callers wait for. The key must name the identity too: two people never share an answer.
 * One caller that leaves takes nothing from the others; when the last one leaves, the read is given up.
 */
export interface Flights {
  /** Waits for the flight of that key, begun now unless one is under way. key null: never shared. */
  join<T>(key: string | null, signal: AbortSignal, start: () => Flight<T>): Promise<T>
  /** Nobody joins what is under way now: something was written, and those reads may show how it was before. */
  seal(): void
}

interface Shared {
  readonly flight: Flight<unknown>
  waiting: number
}

/** `left` makes the error of a caller whose signal aborted; `onShared` is told of every caller that joined another's flight. */
export function createFlights(left: () => Error, onShared: () => void): Flights {
  const underWay = new Map<string, Shared>()

  function begin(key: string | null, start: () => Flight<unknown>): Shared {
    const shared: Shared = { flight: start(), waiting: 0 }
    if (key === null) return shared
    underWay.set(key, shared)
    const over = () => {
      if (underWay.get(key) === shared) underWay.delete(key)
    }
    shared.flight.result.then(over, over)
    return shared
  }

  function leave(key: string | null, shared: Shared): void {
    shared.waiting -= 1
    if (shared.waiting > 0) return
    if (key !== null && underWay.get(key) === shared) underWay.delete(key)
    shared.flight.cancel()
  }

  return {
    join<T>(key: string | null, signal: AbortSignal, start: () => Flight<T>): Promise<T> {
      if (signal.aborted) return Promise.reject(left())
      const running = key === null ? undefined : underWay.get(key)
      if (running) onShared()
      const shared = running ?? begin(key, start)
      shared.waiting += 1
      return new Promise<T>((resolve, reject) => {
        const onAbort = () => {
          reject(left())
          leave(key, shared)
        }
        signal.addEventListener('abort', onAbort, { once: true })
        const done = () => signal.removeEventListener('abort', onAbort)
        // The key names the request, and a request has one way to be translated: the flight's result is a T.
        const result = shared.flight.result as Promise<T>
        result.then(
          (value) => {
            done()
            resolve(value)
          },
          (error: unknown) => {
            done()
            reject(error)
          },
        )
      })
    },
    seal() {
      underWay.clear()
    },
  }
}
