import { isExternalId } from '../domain/ids.ts'
import { type Instant, readTime, toInstant } from '../domain/instant.ts'

// Readers of untrusted JSON: `unknown` in, a typed value or null out. They never throw. They are not made with zod: for a page of
// 100 tickets lenient zod schemas add 40 % to the time of JSON.parse.

export type JsonRecord = Readonly<Record<string, unknown>>

/** The value as a JSON object. null: it is something else, for example a list. */
export function toRecord(value: unknown): JsonRecord | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : null
}

/** The value as text. null: it is something else, or blank. */
export function toText(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null
  // Nearly every text starts with a visible character: only the others are trimmed.
  return value.charCodeAt(0) > 32 || value.trim() !== '' ? value : null
}

/** An id: text, or a whole number. null: something else, or a number above 2^53, which has lost digits and may be another id. */
export function toId(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null
  return toText(value)
}

/** The id of a ticket. null: it is none, or one that the graph would refuse (DECISION-08). */
export function toTicketId(value: unknown): string | null {
  const id = toId(value)
  return id !== null && isExternalId(id) ? id : null
}

/** A finite number, also one that is sent as text. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

/**
 * A single value as text: a text, a finite number or a flag. null: something else, or a blank text. For values of any type, which
 * `String` does not take: it throws for an object with a `toString` that is no function.
 */
export function toValueText(value: unknown): string | null {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  return toText(value)
}

/** The values of a field that has one or several, each as text; others are left out. */
export function toValueTexts(value: unknown): readonly string[] {
  return [value].flat().flatMap((one) => toValueText(one) ?? [])
}

/** The texts of a list, in order; other items are left out. null: the value is not a list. */
export function toTexts(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((item): item is string => toText(item) !== null) : null
}

/** The decoded items of a list, in order; items that `decode` returns null for are left out. null: the value is not a list. */
export function toList<T>(value: unknown, decode: (item: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null
  const items: T[] = []
  for (const item of value) {
    const decoded = decode(item)
    if (decoded !== null) items.push(decoded)
  }
  return items
}

/** The value of a key that comes from elsewhere, which may be `constructor`. undefined: the record does not have it. */
export function readOwn(record: JsonRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/**
 * The value of a key in any casing; the documented casing wins. It searches all keys: for records that come by the page,
 * use `createKeyNormaliser`.
 */
export function readKey(record: JsonRecord, documentedKey: string): unknown {
  const value = record[documentedKey]
  if (value !== undefined) return value
  const wanted = documentedKey.toLowerCase()
  for (const key in record) if (key.toLowerCase() === wanted) return record[key]
  return undefined
}

/**
 * Makes a function that brings a record's keys into the documented casing. It returns the record itself when no key differs, else
 * a copy. Where a record has a key in both casings, the value of the documented one wins. Undocumented keys stay.
 */
export function createKeyNormaliser(documentedKeys: readonly string[]): (record: JsonRecord) => JsonRecord {
  const byLowerCase = new Map(documentedKeys.map((key) => [key.toLowerCase(), key]))
  // Casing → documented key. Records come in thousands and casings are few, so nearly every key takes one look-up.
  const known = new Map(documentedKeys.map((key) => [key, key]))
  const maxKnown = documentedKeys.length + 1000

  function toDocumentedKey(key: string): string {
    const documented = byLowerCase.get(key.toLowerCase()) ?? key
    if (known.size < maxKnown) known.set(key, documented)
    return documented
  }

  function rename(record: JsonRecord): JsonRecord {
    const renamed = Object.entries(record).map(([key, value]): [string, unknown] => [toDocumentedKey(key), value])
    const unchanged = Object.entries(record).filter(([key]) => toDocumentedKey(key) === key)
    // Object.fromEntries defines keys, so a key `__proto__` does not set the prototype.
    return Object.fromEntries([...renamed, ...unchanged])
  }

  return (record) => {
    for (const key in record) {
      if ((known.get(key) ?? toDocumentedKey(key)) !== key) return rename(record)
    }
    return record
  }
}

/** True when a JSON value is nested deeper than this. Such a value overflows the stack of a function that recurses into it. */
export function exceedsDepth(value: object, maxDepth = 64): boolean {
  if (maxDepth === 0) return true
  // Object.values takes a fifth of the time of Object.keys here, and every record of every page is checked.
  const items: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  for (const item of items) {
    if (typeof item === 'object' && item !== null && exceedsDepth(item, maxDepth - 1)) return true
  }
  return false
}

// As seconds this is the year 5138, as milliseconds March 1973: no real time is read in the wrong unit.
const firstMilliseconds = 100_000_000_000

/** A time in epoch seconds or milliseconds, as a number or as text. null: something else, or 0 and below, which mean "unknown". */
export function toInstantFromEpoch(value: unknown): Instant | null {
  const number = toNumber(value)
  if (number === null || number <= 0) return null
  // Rounded to microseconds first: a decimal number of seconds is seldom a whole number of milliseconds in binary.
  const epochMs = number < firstMilliseconds ? Math.floor(Math.round(number * 1_000_000) / 1000) : Math.floor(number)
  return epochMs <= lastMs ? toInstant(epochMs) : null
}

const lastMs = 253_402_300_799_999

/** A time as text (`readTime`). A time without an offset is UTC. null: something else. */
export function toInstantFromIso(value: unknown): Instant | null {
  return typeof value === 'string' ? (readTime(value)?.instant ?? null) : null
}

/** A whole number for JSON that is sent, with all its digits: `Number` would round an id above 2^53. Throws SyntaxError for other text. */
export function toJsonInteger(digits: string): unknown {
  // TypeScript does not know JSON.rawJSON yet.
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits)
}
