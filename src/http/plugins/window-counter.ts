/** How often something may happen within windows of a fixed length, by key. In this process's memory. */
export interface WindowCounter {
  /** Counts one. 0: within the limit; else the milliseconds until the key's window is over. */
  take(key: string): number
  /** How many keys are remembered. */
  size(): number
}

interface Window {
  taken: number
  readonly endsAt: number
}

/** From so many keys on, windows that are over are looked for; again when the number has doubled. */
const sweepFrom = 10_000

/** A key's window begins with its first take. */
export function createWindowCounter(limit: number, windowMs: number): WindowCounter {
  const windows = new Map<string, Window>()
  let sweepAt = sweepFrom

  function open(key: string, now: number): Window {
    if (windows.size >= sweepAt) {
      for (const [other, { endsAt }] of windows) if (endsAt <= now) windows.delete(other)
      sweepAt = Math.max(sweepFrom, windows.size * 2)
    }
    const window = { taken: 0, endsAt: now + windowMs }
    windows.set(key, window)
    return window
  }

  return {
    take(key) {
      const now = performance.now()
      const known = windows.get(key)
      const window = known && known.endsAt > now ? known : open(key, now)
      window.taken += 1
      return window.taken <= limit ? 0 : window.endsAt - now
    },
    size: () => windows.size,
  }
}
