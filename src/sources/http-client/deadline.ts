import { UpstreamError } from './upstream-error.ts'

/**
 * The one way in which a call ends early: its time is up, or nobody waits for it any more.
 * Cheaper than AbortSignal.any over a timeout and a caller's signal, and exact where the client library's timers are late.
 */
export class Deadline {
  /** What ends right now with the call: the try in flight, or the wait between two. */
  onEnd: ((fault: UpstreamError) => void) | null = null
  #fault: UpstreamError | null = null
  readonly #endsAt: number
  readonly #timer: NodeJS.Timeout
  #abandon: (fault: UpstreamError) => void

  /** `abandon` is told when the call ends while nothing is going on that could be stopped: it waits for its turn. */
  constructor(timeoutMs: number, abandon: (fault: UpstreamError) => void) {
    this.#abandon = abandon
    this.#endsAt = performance.now() + timeoutMs
    this.#timer = setTimeout(() => this.end('deadline'), timeoutMs)
  }

  get fault(): UpstreamError | null {
    return this.#fault
  }

  remainingMs(): number {
    return this.#endsAt - performance.now()
  }

  end(kind: 'deadline' | 'cancelled'): void {
    if (this.#fault) return
    clearTimeout(this.#timer)
    this.#fault = new UpstreamError(kind, { sent: false })
    const stop = this.onEnd ?? this.#abandon
    stop(this.#fault)
  }

  /**
   * The call is over; no timer is left behind, and nothing of the call hangs on to this: the timer and the connection that
   * may still know it would take the whole answer with them into the old generation.
   */
  clear(): void {
    clearTimeout(this.#timer)
    this.onEnd = null
    this.#abandon = nobody
  }

  /** Waits; rejects when the call ends first. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#fault) return reject(this.#fault)
      const timer = setTimeout(() => {
        this.onEnd = null
        resolve()
      }, ms)
      this.onEnd = (fault) => {
        clearTimeout(timer)
        reject(fault)
      }
    })
  }
}

const nobody = () => undefined
