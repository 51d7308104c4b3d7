import { z } from 'zod'
import { DeskgraphError } from '../../domain/errors.ts'
import { fingerprint, shortHash, shortHashLength } from '../../domain/fingerprint.ts'
import type { TicketFilter, TicketOrder } from '../../sources/source.ts'

const version = 1
const maxCursorLength = 16_384
const text = z.string().max(2_048)
const orderValue = text.nullable()

/** Where a walk stands in a list that shifts: how many records it is in, and how to recognise the last of them. */
const placeSchema = z.strictObject({
  /** Records behind us. */
  o: z.int().min(1),
  /** The time of the last of them. */
  t: orderValue,
  /** Marks of the last of them, one after the other. */
  m: text,
  /** Set once the list has contradicted its assumed order: then times prove nothing. */
  x: z.literal(1).optional(),
})

/** Where a walk stands in one source. A source that has not answered yet has no entry: it begins at its beginning. */
const sourceStateSchema = z.union([
  /** Nothing is left; `n` is how many there were. */
  z.strictObject({ e: z.literal(1), n: z.int().nullable() }),
  /** A position of the source's own. */
  z.strictObject({ p: text }),
  /** A place in a shifting list. */
  z.strictObject({ w: placeSchema }),
  /** Sorted here: the block of the list that is being given (null: the first), and the last key of it that was. */
  z.strictObject({ b: placeSchema.nullable(), k: z.tuple([orderValue, text, text]).nullable() }),
])
const cursorSchema = z.strictObject({
  v: z.literal(version),
  q: z.string(),
  s: z.record(z.string().max(100), sourceStateSchema),
})

export type OffsetCursor = z.infer<typeof placeSchema>
export type SourceState = z.infer<typeof sourceStateSchema>
export type SourceStates = ReadonlyMap<string, SourceState>

/** What a cursor belongs to: the same for the same filter, order and sources. */
export function toListHash(conditions: TicketFilter, order: TicketOrder, sources: readonly string[] | null): string {
  return fingerprint({ conditions, order, sources: sources && [...sources].sort() }).slice(0, 16)
}

/** One source's entry of a cursor. Made once and used in many cursors: between two tickets only one entry changes. */
export function toEntry(sourceKey: string, state: SourceState): string {
  return `${JSON.stringify(sourceKey)}:${JSON.stringify(state)}`
}

/** The opaque text of a cursor: base64url JSON behind a checksum. */
export function writeCursor(listHash: string, entries: readonly string[]): string {
  const body = Buffer.from(`{"v":${version},"q":"${listHash}","s":{${entries.join(',')}}}`).toString('base64url')
  return shortHash(body) + body
}

/** Throws BAD_USER_INPUT for anything that was not written by `writeCursor` for this list. */
export function readCursor(cursor: string, listHash: string): SourceStates {
  const body = cursor.slice(shortHashLength)
  if (cursor.length > maxCursorLength || shortHash(body) !== cursor.slice(0, shortHashLength)) throw notOurs()
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(body, 'base64url').toString('utf8')))
  if (!parsed.success) throw notOurs(parsed.error)
  if (parsed.data.q !== listHash) {
    throw new DeskgraphError('BAD_USER_INPUT', '`after` belongs to a list with another filter, order or set of sources.')
  }
  return new Map(Object.entries(parsed.data.s))
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw notOurs(error)
  }
}

function notOurs(cause?: unknown): DeskgraphError {
  return new DeskgraphError('BAD_USER_INPUT', '`after` is not a cursor of this list.', { cause })
}
