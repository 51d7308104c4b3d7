import { isUtf8 } from 'node:buffer'

/** The JSON of these bytes. Throws SyntaxError when they are not valid UTF-8, not JSON, or nested beyond all reason. */
export function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8')
  if (hasAbyss(bytes)) throw new SyntaxError('too deep')
  const text = bytes.toString('utf8')
  return hasLongNumber(bytes) ? JSON.parse(text, keepDigits) : JSON.parse(text)
}

/** So many brackets that close one right after the other, but for blanks, are nothing that a person or a program means to say. */
const deepest = 200
const [closingBracket, closingBrace, blank] = [0x5d, 0x7d, 0x20]

/**
 * Whoever walks or writes out a value that is nested without end runs out of stack. Only every two-hundredth place is looked at: a
 * run that long covers one. A tree with words between its closing brackets passes, since finding it here would cost a look at
 * every character: the sources drop a record that is too deep where they decode it.
 */
function hasAbyss(bytes: Buffer): boolean {
  for (let at = deepest - 1; at < bytes.length; at += deepest) {
    if (isClosing(bytes[at]) && closingAround(bytes, at) >= deepest) return true
  }
  return false
}

function closingAround(bytes: Buffer, at: number): number {
  // As far as blanks between all of them would reach, so that a desert of blanks is not crossed again and again.
  const [first, last] = [at - 2 * deepest, at + 2 * deepest]
  let brackets = 0
  for (let before = at; before > first && isClosing(bytes[before]); before--) if (bytes[before] !== blank) brackets += 1
  for (let after = at + 1; after < last && isClosing(bytes[after]); after++) if (bytes[after] !== blank) brackets += 1
  return brackets
}

function isClosing(byte: number | undefined): boolean {
  return byte === closingBrace || byte === closingBracket || byte === blank
}

const longest = 16
const [zero, nine, minus] = [0x30, 0x39, 0x2d]
/** What may stand before a number: white space, a colon, a comma, a bracket. Not a quote, a letter or a point. */
const beforeNumber = new Set([0x20, 0x09, 0x0a, 0x0d, 0x3a, 0x2c, 0x5b])

/**
 * Is there a whole number of sixteen digits or more? A run that long has a digit at every sixteenth place somewhere,
 * so only those are looked at: a regular expression over the whole text took as long as parsing it.
 */
function hasLongNumber(bytes: Buffer): boolean {
  for (let at = longest - 1; at < bytes.length; at += longest) {
    if (!isDigit(bytes[at])) continue
    // A run that covers this place and is that long goes on for half its length to one side.
    if (!isDigit(bytes[at - 7]) && !isDigit(bytes[at + 7])) continue
    let first = at
    while (isDigit(bytes[first - 1])) first -= 1
    let last = at
    while (isDigit(bytes[last + 1])) last += 1
    if (last - first + 1 >= longest && isNumberAt(bytes, first)) return true
    // What was looked at is not looked at again: a megabyte of digits within quotes would take a minute.
    at = Math.max(at, last - longest + 1)
  }
  return false
}

function isNumberAt(bytes: Buffer, first: number): boolean {
  const before = bytes[first - 1] === minus ? bytes[first - 2] : bytes[first - 1]
  return before === undefined || beforeNumber.has(before)
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine
}

/** A whole number beyond 2^53 becomes text with all its digits: as a number it would name another thing. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}
