import { PullStream } from '../domain/pull-stream.ts'

export interface BoundedQueueOptions {
  /** How many items may wait for the consumer. */
  readonly capacity: number
  /** Ends the queue at once and drops what waits. */
  readonly signal: AbortSignal
  /** Makes the error that the consumer gets when more than `capacity` items waited. */
  readonly slowConsumerError: () => Error
}

/**
 * A bounded queue with one consumer. The producer never waits. The consumer takes everything that waits as one batch, in order.
 * When the queue overflows, the consumer gets the items that fitted and then `slowConsumerError`.
 */
export class BoundedQueue<T> extends PullStream<readonly T[]> {
  readonly #options: BoundedQueueOptions
  #items: T[] = []
  #error: Error | null = null
  #ended = false
  /** Resolves the promise of `ready`, when the consumer waits for one. */
  #resolveReady: ((hasMore: boolean) => void) | null = null

  constructor(options: BoundedQueueOptions) {
    super()
    this.#options = options
    if (options.signal.aborted) this.#abort()
    else options.signal.addEventListener('abort', this.#abort, { once: true })
  }

  /** Adds an item. Has no effect after the end or after an overflow. */
  push(item: T): void {
    if (this.#ended || this.#error) return
    if (this.#items.length >= this.#options.capacity) this.#error = this.#options.slowConsumerError()
    else this.#items.push(item)
    this.#notifyConsumer()
  }

  poll(): readonly T[] | undefined {
    if (this.#items.length > 0) {
      const batch = this.#items
      this.#items = []
      return batch
    }
    if (this.#error) throw this.#error
    return undefined
  }

  ready(): Promise<boolean> {
    if (this.#hasMore() || this.#ended) return Promise.resolve(this.#hasMore())
    return new Promise((resolve) => {
      this.#resolveReady = resolve
    })
  }

  /** Ends the queue after the items that wait now. */
  cancel(): void {
    this.#ended = true
    this.#options.signal.removeEventListener('abort', this.#abort)
    this.#notifyConsumer()
  }

  readonly #abort = (): void => {
    this.#items = []
    this.#error = null
    this.cancel()
  }

  #hasMore(): boolean {
    return this.#items.length > 0 || this.#error !== null
  }

  #notifyConsumer(): void {
    this.#resolveReady?.(this.#hasMore())
    this.#resolveReady = null
  }
}
