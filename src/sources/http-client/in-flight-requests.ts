/** What a read under way tells, once, when it ended. */
export interface Landing<T> {
  succeed(result: T): void
  fail(error: unknown): void
}

/** Begins a read; returns how it is given up. Its landing may be told at any time, also more than once: the first time holds. */
export type Begin<T> = (landing: Landing<T>) => () => void

/**
 * Reads in flight that several callers wait for. The key must name the identity too: two people never share an answer.
 * One caller that leaves takes nothing from the others; when the last one leaves, the read is given up.
 */
export interface InFlightRequests {
  /** Waits for the flight of that key, begun now unless one is under way. key null: never shared. */
  join<T>(key: string | null, signal: AbortSignal, begin: Begin<T>): Promise<T>
  /** Nobody joins what is under way now: something was written, and those reads may show how it was before. */
  seal(): void
}

/** `left` makes the error of a caller whose signal aborted; `onShared` is told of every caller that joined another's flight. */
export function createInFlightRequests(left: () => Error, onShared: () => void): InFlightRequests {
  const underWay = new Map<string, Flight<unknown>>()

  function takeOff<T>(key: string | null): Flight<T> {
    const flight: Flight<T> = new Flight<T>(left, () => {
      if (key !== null && underWay.get(key) === flight) underWay.delete(key)
    })
    // The key names the request, and a request has one way to be translated: the flight's result is a T.
    if (key !== null) underWay.set(key, flight as Flight<unknown>)
    return flight
  }

  return {
    join<T>(key: string | null, signal: AbortSignal, begin: Begin<T>): Promise<T> {
      if (signal.aborted) return Promise.reject(left())
      const running = key === null ? undefined : underWay.get(key)
      if (running) {
        onShared()
        return running.board(signal) as Promise<T>
      }
      const flight = takeOff<T>(key)
      const result = flight.board(signal)
      flight.begin(begin)
      return result
    },
    seal() {
      underWay.clear()
    },
  }
}

/** Tells all who wait without a promise of its own: this runs for every call. */
class Flight<T> implements Landing<T> {
  #passengers: Passenger<T>[] = []
  #giveUp: (() => void) | null = null
  #over = false
  readonly #left: () => Error
  readonly #onOver: () => void

  /** `onOver` is told once nobody can board any more. */
  constructor(left: () => Error, onOver: () => void) {
    this.#left = left
    this.#onOver = onOver
  }

  begin(begin: Begin<T>): void {
    try {
      const giveUp = begin(this)
      if (!this.#over) this.#giveUp = giveUp
    } catch (error) {
      this.fail(error)
    }
  }

  board(signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#passengers.push(new Passenger(this, signal, resolve, reject))
    })
  }

  leave(passenger: Passenger<T>): void {
    passenger.reject(this.#left())
    this.#passengers = this.#passengers.filter((other) => other !== passenger)
    if (this.#passengers.length > 0) return
    const giveUp = this.#giveUp
    this.#end()
    giveUp?.()
  }

  succeed(result: T): void {
    for (const passenger of this.#end()) passenger.resolve(result)
  }

  fail(error: unknown): void {
    for (const passenger of this.#end()) passenger.reject(error)
  }

  /**
   * Lets go of everything. What was taken out of a map stands in the map's former tables for as long as the old generation keeps
   * those: without this, half of all answers would get there.
   */
  #end(): readonly Passenger<T>[] {
    if (this.#over) return []
    const passengers = this.#passengers
    this.#over = true
    this.#passengers = []
    this.#giveUp = null
    this.#onOver()
    for (const passenger of passengers) passenger.stay()
    return passengers
  }
}

/** One caller, until the flight has landed or its own signal aborts. */
class Passenger<T> {
  readonly resolve: (result: T) => void
  readonly reject: (error: unknown) => void
  readonly #flight: Flight<T>
  readonly #signal: AbortSignal

  constructor(flight: Flight<T>, signal: AbortSignal, resolve: (result: T) => void, reject: (error: unknown) => void) {
    this.resolve = resolve
    this.reject = reject
    this.#flight = flight
    this.#signal = signal
    signal.addEventListener('abort', this, { once: true })
  }

  /** The signal's: an object that listens needs no function of its own. */
  handleEvent(): void {
    this.#flight.leave(this)
  }

  /** It does not listen any more. */
  stay(): void {
    this.#signal.removeEventListener('abort', this)
  }
}
