/** Whole seconds (RFC 9110 §10.2.3). */
const seconds = /^\d+$/
/** The three forms of HTTP dates (RFC 9110 §5.6.7), which begin with a weekday. `Date.parse` alone would read "-5" as a year. */
const date = /^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,? .*\d{2}:\d{2}:\d{2}/
/** asctime's form names no zone: it is UTC, and `Date.parse` would take the zone of this machine. */
const zone = /(?:GMT|UTC|[+-]\d{4})$/

/** A Retry-After header as milliseconds from `nowMs`, not negative. null: the header is absent, or neither seconds nor a date. */
export function readRetryAfter(header: string | string[] | undefined, nowMs: number): number | null {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? ''
  if (seconds.test(text)) return Number(text) * 1000
  if (!date.test(text)) return null
  const at = Date.parse(zone.test(text) ? text : `${text} GMT`)
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs)
}
