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
  /**
   * null once it has landed. What was taken out of a map stands in the map's former tables for as long as the old generation
   * keeps those: without this, half of all answers would get there.
   */
  flight: Flight<unknown> | null
  waiting: number
}

/** `left` makes the error of a caller whose signal aborted; `onShared` is told of every caller that joined another's flight. */
export function createFlights(left: () => Error, onShared: () => void): Flights {
  const underWay = new Map<string, Shared>()

  function begin(key: string | null, flight: Flight<unknown>): Shared {
    const shared: Shared = { flight, waiting: 0 }
    if (key !== null) underWay.set(key, shared)
    const land = () => {
      if (key !== null && underWay.get(key) === shared) underWay.delete(key)
      shared.flight = null
    }
    flight.result.then(land, land)
    return shared
  }

  function leave(key: string | null, shared: Shared): void {
    shared.waiting -= 1
    if (shared.waiting > 0) return
    if (key !== null && underWay.get(key) === shared) underWay.delete(key)
    shared.flight?.cancel()
  }

  return {
    join<T>(key: string | null, signal: AbortSignal, start: () => Flight<T>): Promise<T> {
      if (signal.aborted) return Promise.reject(left())
      const running = key === null ? undefined : underWay.get(key)
      if (running?.flight) onShared()
      const shared = running?.flight ? running : begin(key, start())
      const { result } = shared.flight as Flight<T>
      shared.waiting += 1
      // The key names the request, and a request has one way to be translated: the flight's result is a T.
      return new Promise<T>((resolve, reject) => {
        const onAbort = () => {
          reject(left())
          leave(key, shared)
        }
        signal.addEventListener('abort', onAbort, { once: true })
        const done = () => signal.removeEventListener('abort', onAbort)
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
