// The vendor's formats of times in a request. Without a zone it is UTC.

const pattern = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(:\d{2})?(?:\.\d+)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/

/** The time in milliseconds since 1970; null when the text is in none of the documented formats. */
export function parseTime(text: unknown): number | null {
  const [, day, minutes = '00:00', seconds = ':00', zone = 'Z'] = pattern.exec(typeof text === 'string' ? text : '') ?? []
  if (day === undefined) return null
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.replace(':', '').slice(3) || '00'}`
  const at = Date.parse(`${day}T${minutes}${seconds}${offset}`)
  return Number.isNaN(at) ? null : at
}

/** True for a day of the calendar as `2026-03-02`. */
export function isDay(text: unknown): boolean {
  return typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTime(text) !== null
}
