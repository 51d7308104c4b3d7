import { type Instant, toInstant } from '../domain/instant.ts'

// Small readers for what others send: `unknown` in, a typed value or null out, never an exception.
// Hand-written although a schema library could do it: on a page of 100 tickets zod with lenient fields takes 40 % of what
// JSON.parse takes, and every page passes through here.

export type JsonRecord = Readonly<Record<string, unknown>>

/** The value as a JSON object; null when it is anything else, a list too. */
export function toRecord(value: unknown): JsonRecord | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : null
}

/** Text that says something; null for anything else and for text of blanks only. */
export function toText(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null
  // Nearly every text begins with something to see: the look at the rest is spared.
  return value.charCodeAt(0) > 32 || value.trim() !== '' ? value : null
}

/**
 * An id: text, or a whole number that JavaScript holds exactly. A number above 2^53 has lost digits
 * and would name another thing: null.
 */
export function toId(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null
  return toText(value)
}

/** A finite number, or one written as text. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

/** The items that are text, in order; null when it is not a list. */
export function toTexts(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((item): item is string => toText(item) !== null) : null
}

/** Each item of a list decoded, those that could not be left out; null when it is not a list. */
export function toList<T>(value: unknown, decode: (item: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null
  const items: T[] = []
  for (const item of value) {
    const decoded = decode(item)
    if (decoded !== null) items.push(decoded)
  }
  return items
}

/** Reads a key as documented, or, where that is missing, in any other casing. For records that come singly. */
export function readKey(record: JsonRecord, documented: string): unknown {
  const value = record[documented]
  if (value !== undefined) return value
  const wanted = documented.toLowerCase()
  for (const key in record) if (key.toLowerCase() === wanted) return record[key]
  return undefined
}

/**
 * Reads a record's keys in any casing: gives the record itself where they are spelled as documented (or not documented at all),
 * else a copy with the documented spelling. Where both are there, the documented one counts.
 */
export function createRespelling(documented: readonly string[]): (record: JsonRecord) => JsonRecord {
  const byLowerCase = new Map(documented.map((key) => [key.toLowerCase(), key]))
  // Every spelling that was met: a look-up per key, since records come in thousands and spellings are few.
  const spellings = new Map<string, string>(documented.map((key) => [key, key]))
  const mostSpellings = documented.length + 1000

  function toDocumented(key: string): string {
    const name = byLowerCase.get(key.toLowerCase()) ?? key
    if (spellings.size < mostSpellings) spellings.set(key, name)
    return name
  }

  return (record) => {
    for (const key in record) {
      if ((spellings.get(key) ?? toDocumented(key)) !== key) return respell(record)
    }
    return record
  }

  function respell(record: JsonRecord): JsonRecord {
    const entries = Object.entries(record).map(([key, value]): [string, unknown] => [toDocumented(key), value])
    const wellSpelled = Object.entries(record).filter(([key]) => toDocumented(key) === key)
    // fromEntries defines keys instead of setting them: a key named __proto__ is only a key.
    return Object.fromEntries([...entries, ...wellSpelled])
  }
}

// Seconds stay below this until the year 5138; milliseconds have been above it since March 1973.
const firstMilliseconds = 100_000_000_000

/** A moment given as epoch seconds or 13-digit milliseconds, as a number or as text. 0 and less is "unknown": null. */
export function toInstantFromEpoch(value: unknown): Instant | null {
  const number = toNumber(value)
  if (number === null || number <= 0) return null
  return toInstantWithin(number < firstMilliseconds ? number * 1000 : number)
}

const isoText = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/i

/** A moment given as ISO 8601 text, with or without fractions. Text without an offset is UTC. */
export function toInstantFromIso(value: unknown): Instant | null {
  if (typeof value !== 'string') return null
  const match = isoText.exec(value)
  if (!match) return null
  return toInstantWithin(Date.parse(match[1] ? value : `${value}Z`))
}

const lastMs = 253_402_300_799_999

function toInstantWithin(epochMs: number): Instant | null {
  return epochMs >= 0 && epochMs <= lastMs ? toInstant(Math.floor(epochMs)) : null
}
