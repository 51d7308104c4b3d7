/**
 * True for text that every store keeps unchanged: without NUL and without halves of surrogate pairs, which PostgreSQL refuses and UTF-8
 * cannot write. It is the rule for every text of a client: changed texts would let two keys become one.
 */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000')
}

/** A text of a vendor, with U+FFFD in place of what is not storable. */
export function sanitizeForPostgres(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD')
}

/** An escape of JSON: of a surrogate pair, of a lone surrogate, which is the group, or any other one. */
const escapes = /\\(?:ud[89ab][\da-f]{2}\\ud[c-f][\da-f]{2}|(ud[89a-f][\da-f]{2})|.)/gi

/**
 * JSON text with U+FFFD in place of lone surrogates, which strict clients refuse to read. A vendor that cuts a text in the middle of an
 * emoji makes them, and JSON.stringify writes them as `\ud83d`.
 */
export function toWellFormedJson(json: string): string {
  // Nearly every text ends here: the search is many times faster than the expression.
  if (!json.includes('\\ud')) return json
  return json.replace(escapes, (sequence, lone: string | undefined) => (lone === undefined ? sequence : '\uFFFD'))
}

/** Sanitizes every text and every key of a JSON value. */
export function sanitizeJsonForPostgres(value: unknown): unknown {
  if (typeof value === 'string') return sanitizeForPostgres(value)
  if (Array.isArray(value)) return value.map(sanitizeJsonForPostgres)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [sanitizeForPostgres(key), sanitizeJsonForPostgres(item)]))
}
