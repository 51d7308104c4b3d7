import { isDeepStrictEqual } from 'node:util'
import type { PlainTicket } from '../../src/domain/ticket.ts'
import { fullTicket } from '../support/full-source.ts'

// What a vendor could send in place of a value, and whether a ticket that was read from it has the form that the model promises.

/** Values that JSON can have and that built-in functions throw for. */
const hostile: readonly unknown[] = JSON.parse(`[
  {"toString": 1, "valueOf": 1}, [{"toString": 1, "valueOf": 1}], "\\ud800", 1e308, "constructor", "en-en-en", [[]]
]`)

/** Values of types and sizes that no reader expects. Their number is prime: `damage` tries three of them at each place, in turn. */
const odd: readonly unknown[] = JSON.parse(`[
  null, true, 0, -1, 1.5, 1152921504606846976, 8640000000000001, "", " ", {"__proto__": {}}, [], [null], {}, "javascript:alert(1)",
  "Invalid Date", "2026-13-45T99:99:99Z", "${'long text '.repeat(400)}"
]`)
const oddPerPlace = 3

/** Names that every object inherits. */
const inherited = ['__proto__', 'constructor']

interface Damaged {
  /** Where it differs from the sample, and how. */
  readonly place: string
  readonly value: unknown
}

/** Copies of a sample of JSON: in each, one part is another value, or has another key. */
export function damage(sample: object): readonly Damaged[] {
  return placesOf(sample, '', (value) => value).flatMap(({ path, put, rename }, index) => {
    const picked = Array.from({ length: oddPerPlace }, (_, at) => odd[(index * oddPerPlace + at) % odd.length])
    return [
      ...[...hostile, ...picked].map((value) => ({ place: `${path}: ${JSON.stringify(value).slice(0, 40)}`, value: put(value) })),
      ...inherited.flatMap((key) => (rename ? { place: `${path} as ${key}`, value: rename(key) } : [])),
    ]
  })
}

interface Place {
  readonly path: string
  /** The sample with this value here. */
  put(value: unknown): unknown
  /** The sample with this key in place of the last one of the path. null: an item of a list. */
  readonly rename: ((key: string) => unknown) | null
}

function placesOf(parent: object, path: string, putParent: Place['put']): readonly Place[] {
  return Object.entries(parent).flatMap(([key, part]): readonly Place[] => {
    const put = (value: unknown) =>
      putParent(Array.isArray(parent) ? parent.with(Number(key), value) : { ...parent, [key]: value })
    const others = Object.entries(parent).filter(([other]) => other !== key)
    const rename = Array.isArray(parent) ? null : (name: string) => putParent(Object.fromEntries([...others, [name, part]]))
    const place = { path: `${path}.${key}`, put, rename }
    return typeof part === 'object' && part !== null ? [place, ...placesOf(part, place.path, put)] : [place]
  })
}

/** The places of a ticket whose values are neither null nor of the type that the model gives them, or that JSON does not keep. */
export function findFaults(ticket: PlainTicket): readonly string[] {
  const faults: string[] = []
  // The source is the gateway's own, and `raw` the record itself.
  collectFaults({ ...ticket, source: null, raw: null }, fullTicket, '', faults)
  return faults
}

function collectFaults(value: unknown, model: unknown, path: string, faults: string[]): void {
  if (value === null) return
  if (typeof model !== 'object' || model === null) {
    if (typeof value !== typeof model || !isKept(value)) faults.push(path)
  } else if (typeof value !== 'object' || Array.isArray(value) !== Array.isArray(model)) faults.push(path)
  else if (Array.isArray(value)) for (const item of value) collectFaults(item, (model as unknown[]).at(-1), `${path}[]`, faults)
  else {
    for (const [key, part] of Object.entries(value)) {
      if (key !== 'value') collectFaults(part, (model as Record<string, unknown>)[key] ?? part, `${path}.${key}`, faults)
      // The value of a custom field is of any type.
      else if (!isKept(part)) faults.push(`${path}.${key}`)
    }
  }
}

/** True for a value that is the same when it was written as JSON and read again. */
function isKept(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return true
  return isDeepStrictEqual(JSON.parse(JSON.stringify(value) ?? '0'), value)
}
