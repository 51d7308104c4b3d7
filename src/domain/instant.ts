/**
 * A moment in UTC as ISO 8601 text with milliseconds, always 24 characters ("2024-02-15T14:46:46.000Z").
 * Text order is time order, JSON keeps it as it is, and the graph writes it out unchanged.
 */
export type Instant = string

/** The instant of a number of milliseconds since 1970. Throws RangeError outside the years 0000–9999. */
export function toInstant(epochMs: number): Instant {
  const ms = Math.trunc(epochMs)
  const day = Math.floor(ms / dayMs)
  const inDay = ms - day * dayMs
  const seconds = Math.floor(inDay / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const date = knownDates.get(day) ?? learnDate(day, epochMs)
  return `${date}${two[hours]}:${two[minutes - hours * 60]}:${two[seconds - minutes * 60]}.${String(inDay - seconds * 1000).padStart(3, '0')}Z`
}

// Writing an instant with Date takes longer than all the rest of translating a ticket; tickets of a page lie on few days.
const dayMs = 86_400_000
const knownDates = new Map<number, string>()
const mostDates = 20_000
const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))

/** "2024-02-15T" of a day since 1970. */
function learnDate(day: number, epochMs: number): string {
  const text = new Date(day * dayMs).toISOString()
  if (text.length !== 24) throw new RangeError(`${epochMs} ms is outside the years that an instant can hold`)
  if (knownDates.size < mostDates) knownDates.set(day, text.slice(0, 11))
  return text.slice(0, 11)
}

/** Milliseconds since 1970. */
export function toEpochMs(instant: Instant): number {
  return Date.parse(instant)
}
