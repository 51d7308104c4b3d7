import { PullStream } from '../domain/pull-stream.ts'

export interface BoundedQueueOptions {
  readonly maxWaiting: number
  readonly signal: AbortSignal
  /** What a reader gets that let more wait. */
  readonly tooSlow: () => Error
}

/**
 * A bounded queue for one reader, who takes everything that waits at once, in order. The writer never waits; a reader that is too slow
 * gets an error after what it was given.
 */
export class BoundedQueue<T> extends PullStream<readonly T[]> {
  readonly #options: BoundedQueueOptions
  #waiting: T[] = []
  #fault: Error | null = null
  #ended = false
  #wake: ((more: boolean) => void) | null = null

  constructor(options: BoundedQueueOptions) {
    super()
    this.#options = options
    if (options.signal.aborted) this.#abort()
    else options.signal.addEventListener('abort', this.#abort, { once: true })
  }

  put(item: T): void {
    if (this.#ended || this.#fault) return
    if (this.#waiting.length >= this.#options.maxWaiting) this.#fault = this.#options.tooSlow()
    else this.#waiting.push(item)
    this.#stir()
  }

  poll(): readonly T[] | undefined {
    if (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      return batch
    }
    if (this.#fault) throw this.#fault
    return undefined
  }

  ready(): Promise<boolean> {
    if (this.#hasMore() || this.#ended) return Promise.resolve(this.#hasMore())
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** After what waits now; the signal ends the reader at once. */
  cancel(): void {
    this.#ended = true
    this.#options.signal.removeEventListener('abort', this.#abort)
    this.#stir()
  }

  readonly #abort = (): void => {
    this.#waiting = []
    this.#fault = null
    this.cancel()
  }

  #hasMore(): boolean {
    return this.#waiting.length > 0 || this.#fault !== null
  }

  #stir(): void {
    this.#wake?.(this.#hasMore())
    this.#wake = null
  }
}
