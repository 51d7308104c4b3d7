/**
 * A time in UTC as ISO 8601 text with milliseconds, always 24 characters ("2024-02-15T14:46:46.000Z"). Text order is time order,
 * and JSON keeps it unchanged.
 */
export type Instant = string

/** The instant of a number of milliseconds since 1970. Throws RangeError outside the years 0 to 9999. */
export function toInstant(epochMs: number): Instant {
  const text = new Date(epochMs).toISOString()
  if (text.length !== 24) throw new RangeError(`${epochMs} ms is outside the years 0 to 9999`)
  return text
}

/** Milliseconds since 1970. */
export function toEpochMs(instant: Instant): number {
  return Date.parse(instant)
}
