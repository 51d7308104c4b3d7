/** Text without NUL and lone surrogates, which a database's text columns refuse; each becomes U+FFFD. */
export function sanitizeForPostgres(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD')
}

/** The same for every text, and every key, in a JSON value. */
export function sanitizeJsonForPostgres(value: unknown): unknown {
  if (typeof value === 'string') return sanitizeForPostgres(value)
  if (Array.isArray(value)) return value.map(sanitizeJsonForPostgres)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [sanitizeForPostgres(key), sanitizeJsonForPostgres(item)]))
}
