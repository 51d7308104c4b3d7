import { isUtf8 } from 'node:buffer'

/** The JSON of these bytes. Throws SyntaxError when they are not valid UTF-8, not JSON, or nested beyond all reason. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8')
  const text = bytes.toString('utf8')
  if (isAbyss(text)) throw new SyntaxError('too deep')
  return hasLongNumber(text) ? JSON.parse(text, keepDigits) : JSON.parse(text)
}

/**
 * Hundreds of brackets that open, or close, one right after the other: nothing that a person or a program means to say, and
 * whoever walks or writes out such a value runs out of stack. A tree of brackets with words between them passes; it would cost
 * a look at every character, and its end is an error of one answer, not of the process.
 */
function isAbyss(text: string): boolean {
  return /[\]}]{200}/.test(text) || /[[{]{200}/.test(text)
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
