/**
 * How long to wait before the next attempt, in milliseconds; null when the schedule is used up.
 * `made` is how many attempts were made; `random` is in [0, 1) and varies the wait by up to 20 % each way, so that
 * partners are not called in waves. A Retry-After counts between the wait and twice the wait.
 */
export function nextWaitMs(
  scheduleSeconds: readonly number[],
  made: number,
  retryAfterMs: number | null,
  random: number,
): number | null {
  const seconds = scheduleSeconds[made]
  if (seconds === undefined) return null
  const wait = seconds * 1000
  if (retryAfterMs === null) return Math.round(wait * (0.8 + 0.4 * random))
  // Never earlier than the partner asked: this is only varied upwards.
  return Math.round(Math.min(Math.max(wait, retryAfterMs) * (1 + 0.2 * random), 2 * wait))
}

/** A Retry-After header as milliseconds from now: seconds or an HTTP date. null: absent or neither. */
export function readRetryAfter(header: string | string[] | undefined, nowMs: number): number | null {
  const text = (Array.isArray(header) ? header[0] : header)?.trim()
  if (text === undefined || text === '') return null
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs)
}
