/**
 * Parses a source's JSON. Whole numbers beyond 2^53 become text with all their digits: UPSTREAM-19. Bytes that are not UTF-8 become
 * U+FFFD, and a byte order mark is skipped: UPSTREAM-35. Throws SyntaxError for what is not JSON, and for extreme nesting: UPSTREAM-17.
 *
 * The two checks look at every 16th and every 200th byte. Regular expressions over the whole text took longer than JSON.parse
 * itself, and a reviver for every number five times as long (a page of 100 tickets, 117 kB).
 */
export function parseJson(bytes: Buffer): unknown {
  if (hasClosingRun(bytes)) throw new SyntaxError('too deep')
  const decoded = bytes.toString('utf8')
  const text = decoded.startsWith('\uFEFF') ? decoded.slice(1) : decoded
  return hasLongInteger(bytes) ? JSON.parse(text, keepDigits) : JSON.parse(text)
}

/** No real document closes this many levels in a row. */
const maxClosingRun = 200
const [closingBracket, closingBrace, space] = [0x5d, 0x7d, 0x20]

/**
 * Finds extreme nesting by its run of closing brackets, with spaces between them. Code that iterates such a value would overflow
 * the stack. A value with text between its closing brackets passes, because finding it would need every character: the
 * sources' decoders drop records that are too deep.
 */
function hasClosingRun(bytes: Buffer): boolean {
  // A run of 200 covers one of these positions.
  for (let at = maxClosingRun - 1; at < bytes.length; at += maxClosingRun) {
    if (isClosingOrSpace(bytes[at]) && closingRunAround(bytes, at) >= maxClosingRun) return true
  }
  return false
}

function closingRunAround(bytes: Buffer, at: number): number {
  // Bounded, so that a long run of spaces is not scanned again for every position in it.
  const [first, last] = [at - 2 * maxClosingRun, at + 2 * maxClosingRun]
  let brackets = 0
  for (let left = at; left > first && isClosingOrSpace(bytes[left]); left--) if (bytes[left] !== space) brackets += 1
  for (let right = at + 1; right < last && isClosingOrSpace(bytes[right]); right++) if (bytes[right] !== space) brackets += 1
  return brackets
}

function isClosingOrSpace(byte: number | undefined): boolean {
  return byte === closingBrace || byte === closingBracket || byte === space
}

/** Integers with fewer digits are below 2^53. */
const longInteger = 16
const [zero, nine, minus] = [0x30, 0x39, 0x2d]
/** The bytes that may precede a number: white space, colon, comma, bracket. A quote, a letter or a point means that it is none. */
const beforeNumber = new Set([0x20, 0x09, 0x0a, 0x0d, 0x3a, 0x2c, 0x5b])

/** True when there is a whole number of 16 digits or more. */
function hasLongInteger(bytes: Buffer): boolean {
  // A run of 16 digits covers one of these positions.
  for (let at = longInteger - 1; at < bytes.length; at += longInteger) {
    if (!isDigit(bytes[at])) continue
    // Such a run extends at least seven digits to one side of the position.
    if (!isDigit(bytes[at - 7]) && !isDigit(bytes[at + 7])) continue
    let first = at
    while (isDigit(bytes[first - 1])) first -= 1
    let last = at
    while (isDigit(bytes[last + 1])) last += 1
    if (last - first + 1 >= longInteger && isNumberAt(bytes, first)) return true
    // Skips the run: scanning a megabyte of digits in a string again and again would take a minute.
    at = Math.max(at, last - longInteger + 1)
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

/** Rounded to a JavaScript number, a long id would name another record. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}
