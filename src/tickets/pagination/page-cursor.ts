import { z } from 'zod'
import { DeskgraphError } from '../../domain/errors.ts'
import { fingerprint, shortHash, shortHashLength } from '../../domain/fingerprint.ts'
import type { TicketFilter, TicketOrder } from '../../sources/source.ts'
import type { OffsetCursor } from './offset-cursor.ts'
import type { OrderKey } from './ticket-order.ts'

/** Where the list of one source resumes. A source that has not answered yet has no position: it resumes at its beginning. */
export type SourcePosition =
  /** The list has no more tickets. `totalCount`: how many there were; null when the source did not say. */
  | { readonly kind: 'exhausted'; readonly totalCount: number | null }
  /** The source's own position. */
  | { readonly kind: 'keyset'; readonly position: string }
  | { readonly kind: 'offset'; readonly cursor: OffsetCursor }
  /** Sorted by the gateway: the block of the list after `block` (null: the first), and in it what sorts after `after`. */
  | { readonly kind: 'sorted'; readonly block: OffsetCursor | null; readonly after: OrderKey | null }

/** The position of each source, by its key. */
export type SourcePositions = ReadonlyMap<string, SourcePosition>

// The cursor is base64url(JSON) after a checksum of 6 characters. The JSON is [version, listHash, { sourceKey: position }].
// A position is ["e", totalCount], ["k", position], ["o", offsetCursor] or ["s", block, key]: tuples without member names,
// because clients send the cursor in URLs. An offset cursor is [offset, lastUpdatedAt, anchors], and a fourth 1 when orderBroken.

/** Raise it with every change of the format. A cursor of another version is BAD_USER_INPUT, never misread. */
const version = 2
const maxCursorLength = 16_384
const text = z.string().max(2_048)
const orderValueSchema = text.nullable()

const offsetCursorSchema = z
  .tuple([z.int().min(1), orderValueSchema, text, z.literal(1).optional()])
  .transform(
    ([offset, lastUpdatedAt, anchors, broken]): OffsetCursor => ({ offset, lastUpdatedAt, anchors, orderBroken: broken === 1 }),
  )
const sourcePositionSchema = z.union([
  z
    .tuple([z.literal('e'), z.int().nullable()])
    .transform(([, totalCount]): SourcePosition => ({ kind: 'exhausted', totalCount })),
  z.tuple([z.literal('k'), text]).transform(([, position]): SourcePosition => ({ kind: 'keyset', position })),
  z.tuple([z.literal('o'), offsetCursorSchema]).transform(([, cursor]): SourcePosition => ({ kind: 'offset', cursor })),
  z
    .tuple([z.literal('s'), offsetCursorSchema.nullable(), z.tuple([orderValueSchema, text, text]).nullable()])
    .transform(([, block, after]): SourcePosition => ({ kind: 'sorted', block, after })),
])
const cursorSchema = z.tuple([z.literal(version), z.string(), z.record(z.string().max(100), sourcePositionSchema)])

function encodePosition(position: SourcePosition): unknown {
  switch (position.kind) {
    case 'exhausted':
      return ['e', position.totalCount]
    case 'keyset':
      return ['k', position.position]
    case 'offset':
      return ['o', encodeOffsetCursor(position.cursor)]
    case 'sorted':
      return ['s', position.block && encodeOffsetCursor(position.block), position.after]
  }
}

function encodeOffsetCursor({ offset, lastUpdatedAt, anchors, orderBroken }: OffsetCursor): unknown {
  return orderBroken ? [offset, lastUpdatedAt, anchors, 1] : [offset, lastUpdatedAt, anchors]
}

/** Identifies the list that a cursor belongs to: equal for the same filter, order and set of sources. */
export function toListHash(conditions: TicketFilter, order: TicketOrder, sources: readonly string[] | null): string {
  return fingerprint({ conditions, order, sources: sources && [...sources].sort() }).slice(0, 16)
}

/** One source's entry of a cursor. Encoded once and used in many cursors: between two neighbouring edges one entry differs. */
export function encodeEntry(sourceKey: string, position: SourcePosition): string {
  return `${JSON.stringify(sourceKey)}:${JSON.stringify(encodePosition(position))}`
}

/** The opaque text of a cursor, in the alphabet of base64url. */
export function encodeCursor(listHash: string, entries: readonly string[]): string {
  const body = Buffer.from(`[${version},"${listHash}",{${entries.join(',')}}]`).toString('base64url')
  return shortHash(body) + body
}

/** Throws BAD_USER_INPUT for every text that `encodeCursor` of this version did not write for this list. */
export function decodeCursor(cursor: string, listHash: string): SourcePositions {
  const body = cursor.slice(shortHashLength)
  if (cursor.length > maxCursorLength || shortHash(body) !== cursor.slice(0, shortHashLength)) throw notACursor()
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(body, 'base64url').toString('utf8')))
  if (!parsed.success) throw notACursor(parsed.error)
  const [, hash, positions] = parsed.data
  if (hash !== listHash) {
    throw new DeskgraphError('BAD_USER_INPUT', '`after` belongs to a list with another filter, order or set of sources.')
  }
  return new Map(Object.entries(positions))
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw notACursor(error)
  }
}

function notACursor(cause?: unknown): DeskgraphError {
  return new DeskgraphError(
    'BAD_USER_INPUT',
    '`after` is not a cursor of this list, or an older version of the gateway wrote it.',
    {
      cause,
    },
  )
}
