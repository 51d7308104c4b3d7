/** Hands over what comes, at once or in rounds. */
export interface AdaptiveBatching<T> {
  add(items: readonly T[]): void
  /** What still waits is dropped. */
  clear(): void
}

/** So that nothing is late for the sake of a pause. */
const longestPauseMs = 20
/** Shorter than what a timer can tell. */
const briefMs = 2

/**
 * After a round that kept the event loop busy for a while it pauses for half as long, and what comes meanwhile goes together: what a
 * round costs for each reader, however little it brings, is paid less often then, and there is time for everything else. A round that
 * was over at once is followed by the next one at once.
 */
export function createAdaptiveBatching<T>(handOver: (items: readonly T[]) => void): AdaptiveBatching<T> {
  let waiting: T[] = []
  let busy = false

  const round = (): void => {
    const items = waiting
    waiting = []
    busy = items.length > 0
    if (!busy) return
    const began = performance.now()
    afterwards(() => {
      const lastedMs = performance.now() - began
      if (lastedMs < briefMs) round()
      else setTimeout(round, Math.min(lastedMs / 2, longestPauseMs))
    })
    handOver(items)
  }

  return {
    add(items) {
      waiting.push(...items)
      if (!busy) round()
    },
    clear() {
      waiting = []
    },
  }
}

/** When what this turn of the event loop has set off is done: what is written at its end as well. */
function afterwards(then: () => void): void {
  setImmediate(() => setImmediate(then))
}
