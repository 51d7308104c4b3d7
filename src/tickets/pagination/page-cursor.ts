import { z } from 'zod'
import { DeskgraphError } from '../../domain/errors.ts'
import { fingerprint, shortHash, shortHashLength } from '../../domain/fingerprint.ts'
import type { OrderKey, OrderValue } from '../../sources/pagination/ticket-order.ts'
import type { TicketFilter, TicketOrder } from '../../sources/source.ts'
import type { OffsetCursor } from './offset-cursor.ts'

/** Where the list of one source resumes. A source that has not answered yet has no position: it resumes at its beginning. */
export type SourcePosition =
  /** The list has no more tickets. `totalCount`: how many there were; null when the source did not say. */
  | { readonly kind: 'exhausted'; readonly totalCount: number | null }
  /** The source's own position. */
  | { readonly kind: 'keyset'; readonly position: string }
  | { readonly kind: 'offset'; readonly cursor: OffsetCursor }
  /** Sorted by the gateway: the block of the list after `block` (null: the first), and in it what sorts after `after`. */
  | { readonly kind: 'sorted'; readonly block: Block | null; readonly after: OrderKey | null }

/** Where a block of a list begins; text: the source's own position. */
export type Block = OffsetCursor | string

/** Where a page starts. */
export interface PageStart {
  /** Where each source resumes, by its key. A source without a position resumes at its beginning. */
  readonly positions: ReadonlyMap<string, SourcePosition>
  /** True when the positions follow from `last`: of every source, what sorts before it was emitted, and nothing else. */
  readonly aligned: boolean
  /** The last edge before the page; null: the list begins here, or the page is not aligned. */
  readonly last: EdgeKey | null
}

/** What an edge sorts by among all sources. */
export interface EdgeKey {
  readonly value: OrderValue
  readonly sourceKey: string
}

export const beginning: PageStart = { positions: new Map(), aligned: true, last: null }

// The cursor is base64url(JSON) after a checksum of 6 characters. The JSON is [version, listHash, { sourceKey: position }], and of an
// aligned page [value, sourceKey] of its last edge.
// A position is ["e", totalCount], ["k", position], ["o", offsetCursor] or ["s", block, key]: tuples without member names,
// because clients send the cursor in URLs. An offset cursor is [offset, lastValue, anchors, flags, ties] without what it lacks at its
// end. The flags are 1 for orderBroken and 2 for tiesPassed.

/**
 * Raise it with every change of the format. Version 2 (Deskgraph 0.2.0) had neither last edges nor ties, and is still read. A
 * cursor of another version is BAD_USER_INPUT, never misread.
 */
const version = 3
const maxCursorLength = 16_384
const text = z.string().max(2_048)
const orderValueSchema = text.nullable()

const offsetCursorSchema = z
  .tuple([z.int().min(1), orderValueSchema, text, z.literal([0, 1, 2, 3]).optional(), text.optional()])
  .transform(([offset, lastValue, anchors, flags = 0, ties]): OffsetCursor => {
    const cursor = { offset, lastValue, anchors, orderBroken: (flags & 1) > 0 }
    return { ...cursor, ...((flags & 2) > 0 && { tiesPassed: true }), ...(ties !== undefined && { ties }) }
  })
const sourcePositionSchema = z.union([
  z
    .tuple([z.literal('e'), z.int().nullable()])
    .transform(([, totalCount]): SourcePosition => ({ kind: 'exhausted', totalCount })),
  z.tuple([z.literal('k'), text]).transform(([, position]): SourcePosition => ({ kind: 'keyset', position })),
  z.tuple([z.literal('o'), offsetCursorSchema]).transform(([, cursor]): SourcePosition => ({ kind: 'offset', cursor })),
  z
    .tuple([z.literal('s'), z.union([offsetCursorSchema, text]).nullable(), z.tuple([orderValueSchema, text, text]).nullable()])
    .transform(([, block, after]): SourcePosition => ({ kind: 'sorted', block, after })),
])
const sourceKeySchema = z.string().max(100)
const cursorSchema = z.tuple([
  z.literal([2, version]),
  z.string(),
  z.record(sourceKeySchema, sourcePositionSchema),
  z.tuple([orderValueSchema, sourceKeySchema]).optional(),
])

function encodePosition(position: SourcePosition): unknown {
  switch (position.kind) {
    case 'exhausted':
      return ['e', position.totalCount]
    case 'keyset':
      return ['k', position.position]
    case 'offset':
      return ['o', encodeOffsetCursor(position.cursor)]
    case 'sorted':
      return ['s', encodeBlock(position.block), position.after]
  }
}

function encodeBlock(block: Block | null): unknown {
  return typeof block === 'object' && block ? encodeOffsetCursor(block) : block
}

function encodeOffsetCursor({ offset, lastValue, anchors, orderBroken, tiesPassed, ties }: OffsetCursor): unknown {
  const flags = (orderBroken ? 1 : 0) + (tiesPassed ? 2 : 0)
  const rest = ties === undefined ? (flags > 0 ? [flags] : []) : [flags, ties]
  return [offset, lastValue, anchors, ...rest]
}

/** Identifies the list that a cursor belongs to: equal for the same filter, order and set of sources. */
export function toListHash(conditions: TicketFilter, order: TicketOrder, sources: readonly string[] | null): string {
  return fingerprint({ conditions, order, sources: sources && [...sources].sort() }).slice(0, 16)
}

/** One source's entry of a cursor. Encoded once and used in many cursors: between two neighbouring edges one entry differs. */
export function encodeEntry(sourceKey: string, position: SourcePosition): string {
  return `${JSON.stringify(sourceKey)}:${JSON.stringify(encodePosition(position))}`
}

/** The opaque text of a page cursor, in the alphabet of base64url. `last`: the last edge of an aligned page, else null. */
export function encodeCursor(listHash: string, entries: readonly string[], last: EdgeKey | null): string {
  const end = last ? `,${JSON.stringify([last.value, last.sourceKey])}` : ''
  const body = Buffer.from(`[${version},"${listHash}",{${entries.join(',')}}${end}]`).toString('base64url')
  return shortHash(body) + body
}

/** Throws BAD_USER_INPUT for every text that `encodeCursor` of this version or version 2 did not write for this list. */
export function decodeCursor(cursor: string, listHash: string): PageStart {
  const body = toBody(cursor)
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(body, 'base64url').toString('utf8')))
  if (!parsed.success) throw notACursor(parsed.error)
  const [, hash, positions, last] = parsed.data
  if (hash !== listHash) throw ofAnotherList()
  const start = { positions: new Map(Object.entries(positions)) }
  return last
    ? { ...start, aligned: true, last: { value: last[0], sourceKey: last[1] } }
    : { ...start, aligned: false, last: null }
}

/** The cursor without its checksum. Throws BAD_USER_INPUT when they differ. */
export function toBody(cursor: string): string {
  const body = cursor.slice(shortHashLength)
  if (cursor.length > maxCursorLength || shortHash(body) !== cursor.slice(0, shortHashLength)) throw notACursor()
  return body
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw notACursor(error)
  }
}

export function ofAnotherList(): DeskgraphError {
  return new DeskgraphError('BAD_USER_INPUT', '`after` belongs to a list with another filter, order or set of sources.')
}

export function notACursor(cause?: unknown): DeskgraphError {
  return new DeskgraphError(
    'BAD_USER_INPUT',
    '`after` is not a cursor of this list, or an older version of the gateway wrote it.',
    {
      cause,
    },
  )
}
