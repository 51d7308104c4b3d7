/** Of latencies: a tenth of a millisecond fine, up to a minute. Adding one costs nothing that a measurement would feel. */
export function createHistogram() {
  const perMs = 10
  const counts = new Uint32Array(60_000 * perMs)
  let total = 0
  return {
    add(ms: number): void {
      const bucket = Math.min(counts.length - 1, Math.max(0, Math.round(ms * perMs)))
      counts[bucket]! += 1
      total += 1
    },
    /** The latency that this share of all stays within, in milliseconds; NaN where there is none. */
    at(share: number): number {
      let left = Math.max(1, Math.ceil(total * share))
      for (let bucket = 0; bucket < counts.length; bucket++) {
        left -= counts[bucket]!
        if (left <= 0) return bucket / perMs
      }
      return Number.NaN
    },
  }
}
