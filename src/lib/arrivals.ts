/**
 * What comes over time, one after the other. Waiting is one thing and taking another: whoever stands behind such a stream takes what is
 * at hand, and passes on its promise of more, so that a whole chain waits once. Of async generators behind each other every one would
 * wait for itself, several promises at a time, which a thousand readers of the same change feel.
 */
export abstract class Arrivals<T> implements AsyncIterableIterator<T, undefined> {
  /** The next, without a wait; undefined: there is nothing yet, or it has ended. Throws what broke the stream. */
  abstract atHand(): T | undefined
  /** Resolves with true when there may be something at hand, and with false at the end. It never rejects. */
  abstract arrived(): Promise<boolean>
  /** Nobody wants what is still to come. May be said more than once. */
  abstract end(): void

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      do {
        const value = this.atHand()
        if (value !== undefined) return { done: false, value }
      } while (await this.arrived())
    } catch (error) {
      this.end()
      throw error
    }
    return this.return()
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** One thing that comes, or breaks. */
export function arrivesOnce<T>(coming: Promise<T>): Arrivals<T> {
  return new OneArrival(coming)
}

class OneArrival<T> extends Arrivals<T> {
  readonly #settled: Promise<void>
  #take: (() => T) | null = null
  #taken = false

  constructor(coming: Promise<T>) {
    super()
    this.#settled = coming.then(
      (value) => {
        this.#take = () => value
      },
      (error) => {
        this.#take = () => {
          throw error
        }
      },
    )
  }

  atHand(): T | undefined {
    if (this.#taken || !this.#take) return undefined
    this.#taken = true
    return this.#take()
  }

  async arrived(): Promise<boolean> {
    await this.#settled
    return !this.#taken
  }

  end(): void {
    this.#taken = true
  }
}
