/** The text with U+FFFD in place of NUL and lone surrogates, which PostgreSQL refuses in text columns. */
export function sanitizeForPostgres(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD')
}

/** Sanitizes every text and every key of a JSON value. */
export function sanitizeJsonForPostgres(value: unknown): unknown {
  if (typeof value === 'string') return sanitizeForPostgres(value)
  if (Array.isArray(value)) return value.map(sanitizeJsonForPostgres)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [sanitizeForPostgres(key), sanitizeJsonForPostgres(item)]))
}
