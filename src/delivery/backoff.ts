export interface Backoff {
  /** The longest wait before the first repeat, in milliseconds; it doubles with each. */
  readonly baseMs: number
  /** No wait is longer. */
  readonly maxMs: number
}

/**
 * How long to wait before the repeat number `attempt` (1 is the first), in milliseconds: anything between half and all
 * of the doubled base, so that many callers that failed together do not come back together.
 */
export function toBackoffMs(attempt: number, backoff: Backoff, random: () => number = Math.random): number {
  const ceiling = Math.min(backoff.maxMs, backoff.baseMs * 2 ** (attempt - 1))
  return ceiling / 2 + (ceiling / 2) * random()
}
