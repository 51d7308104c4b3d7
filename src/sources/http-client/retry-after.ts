/** What a source says is believed up to a minute: an absurd value must not silence it for a day. */
const longestSeconds = 60

/** The header's seconds or date as seconds from now, 0 to 60; undefined when there is none that makes sense. */
export function toRetryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim()
  if (!text) return undefined
  if (/^\d+$/.test(text)) return Math.min(longestSeconds, Number(text))
  // Only the dates of HTTP, which name a weekday; Date.parse alone would take "-5" for a year.
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) return undefined
  return Math.min(longestSeconds, Math.max(0, Math.ceil((at - nowMs) / 1000)))
}
