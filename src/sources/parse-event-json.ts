import { sanitizeJsonForPostgres } from '../domain/sanitize-text.ts'
import { locateJsonError } from './locate-json-error.ts'

/** Thrown with a message that says what and where, without quoting the text. */
export class JsonProblem extends Error {
  override readonly name = 'JsonProblem'
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const maxDepth = 64

/** The text of UTF-8 bytes without a byte order mark. Throws JsonProblem for any other bytes. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new JsonProblem('The body is not UTF-8.', { cause: error })
  }
}

/** Deeper than any record of ours may be? Counts brackets outside of texts, so that nothing is parsed for it. */
function isTooDeep(text: string): boolean {
  let depth = 0
  let inText = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 92 && inText) at += 1
    else if (code === 34) inText = !inText
    else if (!inText && (code === 123 || code === 91)) depth += 1
    else if (!inText && (code === 125 || code === 93)) depth -= 1
    if (depth > maxDepth) return true
  }
  return false
}

/** Whole numbers beyond 2^53 stay text, so that an id keeps every digit. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}

/**
 * A JSON record of a vendor: NUL and lone surrogates replaced, long whole numbers as text, at most 64 levels deep.
 * Throws JsonProblem with line and column.
 */
export function parseEventJson(text: string): unknown {
  if (isTooDeep(text)) throw new JsonProblem(`The record is nested more than ${maxDepth} levels deep.`)
  try {
    const value: unknown = /\d{16}/.test(text) ? JSON.parse(text, exactNumber) : JSON.parse(text)
    return /\\u[dD0]|[\u0000\ud800-\udfff]/.test(text) ? sanitizeJsonForPostgres(value) : value
  } catch (error) {
    const fault = locateJsonError(text)
    if (fault === null) throw error
    throw new JsonProblem(`Not JSON: ${fault.problem}, at line ${fault.line}, column ${fault.column}.`, { cause: error })
  }
}
