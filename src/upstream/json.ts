import { isUtf8 } from 'node:buffer'

/** The JSON of these bytes. Throws SyntaxError when they are not valid UTF-8 or not JSON. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8')
  const text = bytes.toString('utf8')
  return hasLongNumber(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)
}

/**
 * Sixteen digits in a row are rare, and looking for them costs next to nothing because the search skips; only then is it
 * worth asking whether they are a number (no quote before them).
 */
function hasLongNumber(text: string): boolean {
  return /\d{16}/.test(text) && /[:,[\s-]\d{16}/.test(text)
}

/** A whole number beyond 2^53 becomes text with all its digits: as a number it would name another thing. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}
