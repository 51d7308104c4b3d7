/**
 * A stream of values over time that separates "is a value ready?" (`ready`) from "take it" (`poll`).
 * A stream behind another passes `ready` through, so a chain of streams awaits once per value. A chain of async generators
 * awaits several times per value at each stage, and `return()` waits for a pending `next()`; `cancel` ends a pending wait.
 *
 * It is also an async iterator: `for await` works, and leaving the loop cancels the stream.
 */
export abstract class PullStream<T> implements AsyncIterableIterator<T, undefined> {
  /** The next value without waiting; undefined when none has come yet or the stream has ended. Throws the stream's error. */
  abstract poll(): T | undefined
  /** Resolves with true once `poll` may give a value or throw, and with false at the end. Never rejects. */
  abstract ready(): Promise<boolean>
  /** Ends the stream, because its reader wants no more values. May be called more than once. */
  abstract cancel(): void

  /** The next value, awaited. An error ends the stream and rejects. */
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

/** A stream of the one value that the promise resolves with, or of its error. */
export function singleValueStream<T>(promise: Promise<T>): PullStream<T> {
  return new SingleValueStream(promise)
}

class SingleValueStream<T> extends PullStream<T> {
  readonly #settled: Promise<void>
  /** Gives the value or throws the error; null while the promise is pending. */
  #result: (() => T) | null = null
  #ended = false

  constructor(promise: Promise<T>) {
    super()
    // Named first: V8 puts a function that is assigned to a property at once into the old generation.
    this.#settled = promise.then(
      (value) => {
        const give = () => value
        this.#result = give
      },
      (error) => {
        const fail = () => {
          throw error
        }
        this.#result = fail
      },
    )
  }

  poll(): T | undefined {
    if (this.#ended || !this.#result) return undefined
    this.#ended = true
    return this.#result()
  }

  async ready(): Promise<boolean> {
    await this.#settled
    return !this.#ended
  }

  cancel(): void {
    this.#ended = true
  }
}
