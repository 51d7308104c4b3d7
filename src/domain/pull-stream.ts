/**
 * What comes over time, one after the other. Waiting is one thing and taking another: whoever stands behind such a stream takes what is
 * at hand, and passes on its promise of more, so that a whole chain waits once. Of async generators behind each other every one would
 * wait for itself, several promises at a time, which a thousand readers of the same change feel.
 */
export abstract class PullStream<T> implements AsyncIterableIterator<T, undefined> {
  /** The next, without a wait; undefined: there is nothing yet, or it has ended. Throws what broke the stream. */
  abstract poll(): T | undefined
  /** Resolves with true when there may be something at hand, and with false at the end. It never rejects. */
  abstract ready(): Promise<boolean>
  /** Nobody wants what is still to come. May be said more than once. */
  abstract cancel(): void

  async next(): Promise<IteratorResult<T, undefined>> {
    try {
      do {
        const value = this.poll()
        if (value !== undefined) return { done: false, value }
      } while (await this.ready())
    } catch (error) {
      this.cancel()
      throw error
    }
    return this.return()
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.cancel()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

/** One thing that comes, or breaks. */
export function singleValueStream<T>(coming: Promise<T>): PullStream<T> {
  return new OneArrival(coming)
}

class OneArrival<T> extends PullStream<T> {
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

  poll(): T | undefined {
    if (this.#taken || !this.#take) return undefined
    this.#taken = true
    return this.#take()
  }

  async ready(): Promise<boolean> {
    await this.#settled
    return !this.#taken
  }

  cancel(): void {
    this.#taken = true
  }
}
