import { UpstreamError } from './upstream-error.ts'

/** How many attempts may run at once: as many as the source bears, by what it answers. */
export interface AdaptiveLimit {
  /** Runs an attempt when it is its turn. Rejects when the signal aborts before: a source that was not asked is not at fault. */
  run<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T>
  /** The present limit, from 1 to the configured one. */
  readonly current: number
  /** True while an attempt has to wait for its turn. */
  readonly isFull: boolean
}

export interface AdaptiveLimitDeps {
  /** The limit of a source that has never been overloaded. */
  readonly max: number
  /** Called when an overload has lowered the limit. */
  readonly onLowered: (limit: number) => void
}

/**
 * Additive increase, multiplicative decrease (AIMD), as TCP does it: 64 reads at once suit a large service and bring a small server down.
 * An attempt that shows overload halves the limit, once for all attempts that ran together. Successes raise it while it is used up: by one
 * for as many successes as the limit is high.
 */
export function createAdaptiveLimit({ max, onLowered }: AdaptiveLimitDeps): AdaptiveLimit {
  let limit = max
  let active = 0
  /** Counts the decreases: an attempt that began before the last one says nothing about the present limit. */
  let epoch = 0
  const waiting = new Set<() => void>()

  const isFull = () => active >= Math.floor(limit)

  function release(): void {
    active -= 1
    for (const start of waiting) {
      if (isFull()) return
      waiting.delete(start)
      active += 1
      start()
    }
  }

  function raise(): void {
    if (isFull()) limit = Math.min(max, limit + 1 / limit)
  }

  function lower(began: number): void {
    if (began !== epoch || limit === 1) return
    epoch += 1
    limit = Math.max(1, Math.floor(limit / 2))
    onLowered(limit)
  }

  async function runNow<T>(attempt: () => Promise<T>): Promise<T> {
    const began = epoch
    try {
      const result = await attempt()
      raise()
      return result
    } catch (error) {
      if (error instanceof UpstreamError && error.showsOverload) lower(began)
      throw error
    } finally {
      release()
    }
  }

  return {
    run(signal, attempt) {
      if (!isFull()) {
        active += 1
        return runNow(attempt)
      }
      return new Promise((resolve, reject) => {
        const start = () => {
          signal.removeEventListener('abort', leave)
          runNow(attempt).then(resolve, reject)
        }
        const leave = () => {
          waiting.delete(start)
          const { reason } = signal
          reject(
            reason instanceof UpstreamError && reason.kind === 'deadline'
              ? new UpstreamError('notSent', { sent: false })
              : reason,
          )
        }
        signal.addEventListener('abort', leave, { once: true })
        waiting.add(start)
      })
    },
    get current() {
      return Math.floor(limit)
    },
    get isFull() {
      return isFull()
    },
  }
}
