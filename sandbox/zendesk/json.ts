// JSON with whole numbers of 64 bits. Zendesk's ids may be larger than 2^53, where a JavaScript number loses digits.

/** The id of any record: a JSON number, read and written without the loss of a digit. */
export type Id = bigint

// Node 20 has neither `JSON.rawJSON` nor the source text of a number: such a number is a text with this mark on its way.
const mark = 'integer\uE000'
const marked = new RegExp(`"${mark}(-?\\d+)"`, 'g')

/** The value as JSON. A `bigint` becomes a number. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? mark + String(part) : part))
  return text.replace(marked, '$1')
}

/** A text, or a whole number of so many digits that a JavaScript number may not hold it. */
const textOrLong = /"(?:[^"\\]|\\.)*"|(?<![\d.+-])-?\d{16,}(?![\d.eE])/g

/** The value of a JSON text. A whole number that a JavaScript number cannot hold becomes a `bigint`. Throws a SyntaxError. */
export function fromJson(text: string): unknown {
  const isMarked = (part: unknown): part is string => typeof part === 'string' && part.startsWith(mark)
  const prepared = text.replace(textOrLong, (found) => (found.startsWith('"') || isSafe(found) ? found : `"${mark}${found}"`))
  return JSON.parse(prepared, (_, part: unknown) => (isMarked(part) ? BigInt(part.slice(mark.length)) : part))
}

function isSafe(digits: string): boolean {
  return Number.isSafeInteger(Number(digits))
}

/** The id in a number, a `bigint` or a text of digits; else undefined. */
export function toId(value: unknown): Id | undefined {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return typeof value === 'string' && /^\d{1,19}$/.test(value) ? BigInt(value) : undefined
}

/** The ids in a list such as `1,2,3`, without what is no id. */
export function toIds(list: string | null): Id[] {
  return (list ?? '').split(',').flatMap((part) => toId(part.trim()) ?? [])
}
