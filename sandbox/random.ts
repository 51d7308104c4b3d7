/** Seeded pseudo-random choices. The same seed gives the same choices on every machine. Not for secrets. */
export interface Random {
  /** From 0 (inclusive) to 1 (exclusive). */
  next(): number
  /** A whole number from `min` to `max`, both inclusive. */
  int(min: number, max: number): number
  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean
  /** One of the items; undefined when there are none. */
  pick<T extends readonly unknown[]>(items: T): T[number]
  /** One of the choices. The probability of each is its weight's share. */
  weighted<T>(choices: readonly (readonly [weight: number, item: T])[]): T
  /** `count` different items in random order; all items when there are fewer. */
  some<T>(items: readonly T[], count: number): T[]
  /** A text of `length` characters of `alphabet`. */
  text(alphabet: string, length: number): string
  /** A UUID of version 4. */
  uuid(): string
  /** A time after `from`: at most `withinMs` later, and not after `until`. */
  later(from: number, withinMs: number, until: number): number
}

/** Hashes the seed with FNV-1a and generates numbers with mulberry32. */
export function createRandom(seed: string): Random {
  let state = hash(seed)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  const text = (alphabet: string, length: number) => Array.from({ length }, () => alphabet[int(0, alphabet.length - 1)]).join('')
  return {
    next,
    int,
    text,
    chance: (probability) => next() < probability,
    pick: (items) => items[int(0, items.length - 1)],
    weighted: (choices) => pickWeighted(choices, next()),
    some: <T>(items: readonly T[], count: number) => shuffled(items, int).slice(0, count),
    later: (from, withinMs, until) => from + Math.floor(next() * Math.max(0, Math.min(withinMs, until - from))),
    uuid: () => [8, 4, 4, 4, 12].map((length, part) => (part === 2 ? `4${text(hex, 3)}` : text(hex, length))).join('-'),
  }
}

const hex = '0123456789abcdef'

function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193)
  return value
}

function pickWeighted<T>(choices: readonly (readonly [number, T])[], draw: number): T {
  let remaining = draw * choices.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, item] of choices) {
    remaining -= weight
    if (remaining < 0) return item
  }
  return choices.at(-1)![1]
}

function shuffled<T>(items: readonly T[], int: (min: number, max: number) => number): T[] {
  const copy = [...items]
  for (let last = copy.length - 1; last > 0; last--) {
    const other = int(0, last)
    ;[copy[last], copy[other]] = [copy[other] as T, copy[last] as T]
  }
  return copy
}
