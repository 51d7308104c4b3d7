import * as z from 'zod'
import type { Ticket } from '../../domain/ticket.ts'
import { badResponse } from '../http-client/upstream-error.ts'
import type { ListRequest, ListSlice, SourceInfo } from '../source.ts'
import { compareValues, type OrderValue, orderValue } from './ticket-order.ts'

// Sources whose vendor gives a cursor behind each page, and none behind a record. A position is the cursor of a page and the ticket in
// it that was given last, so that a list resumes behind any ticket.

/** One page as the vendor returned it. */
export interface CursorPage {
  /** In the vendor's order. null stands for a record that could not be decoded. */
  readonly records: readonly (Ticket | null)[]
  /** Behind the page; null: no record follows. */
  readonly next: string | null
}

/** Reads the page behind a cursor; null: the first one. */
export type CursorPageReader = (cursor: string | null, pageSize: number) => Promise<CursorPage>

interface CursorPosition {
  /** null: the beginning of the list. */
  readonly cursor: string | null
  /** How many records behind the cursor were passed. */
  readonly passed: number
  /** What the last ticket sorts by, and the ids of the tickets with this value that were given. */
  readonly value: OrderValue
  readonly ids: readonly string[]
}

const beginning: CursorPosition = { cursor: null, passed: 0, value: null, ids: [] }
/** More tickets with one value are not told apart: a page has about as many. */
const maxIds = 100
/** Pages of which nothing can be given, before the list counts as broken. */
const maxEmptyPages = 20

const positionSchema = z
  .tuple([z.string().nullable(), z.int().min(0), z.string().nullable(), z.array(z.string())])
  .transform(([cursor, passed, value, ids]): CursorPosition => ({ cursor, passed, value, ids }))

/**
 * Reads a slice, usually with one call. It gives no ticket again that lies at or before the position by its value (DECISION-11), also where the
 * vendor's cursor is an offset that has shifted. Throws RangeError for a position that this source never returned, and UPSTREAM_BAD_RESPONSE
 * where the vendor's cursor repeats.
 */
export async function readCursorSlice(
  { position, order, limit }: Pick<ListRequest, 'position' | 'order' | 'limit'>,
  { info, maxPageSize }: { readonly info: SourceInfo; readonly maxPageSize: number },
  readPage: CursorPageReader,
): Promise<ListSlice> {
  let start = position === null ? beginning : parsePosition(position)
  let dropped = 0
  for (let page = 0; page < maxEmptyPages; page++) {
    const pageSize = Math.max(1, Math.min(maxPageSize, start.passed + limit))
    const { records, next } = await readPage(start.cursor, pageSize)
    if (next !== null && next === start.cursor) throw badResponse(info)
    dropped += records.slice(start.passed).filter((record) => record === null).length
    const given = records.flatMap((ticket, index) => (ticket && !isGiven(ticket, start, order) ? [{ ticket, index }] : []))
    if (given.length > 0 || next === null) {
      const positions = toPositions(given, start, order, { count: records.length, next })
      return { tickets: given.map(({ ticket }) => ticket), positions, end: next === null, totalCount: null, dropped }
    }
    start = { ...start, cursor: next, passed: 0 }
  }
  throw badResponse(info)
}

function isGiven(ticket: Ticket, { value, ids }: CursorPosition, order: ListRequest['order']): boolean {
  if (ids.length === 0) return false
  const compared = compareValues(orderValue(ticket, order), value, order.direction)
  return compared < 0 || (compared === 0 && ids.includes(ticket.externalId))
}

function toPositions(
  given: readonly { readonly ticket: Ticket; readonly index: number }[],
  start: CursorPosition,
  order: ListRequest['order'],
  { count, next }: { readonly count: number; readonly next: string | null },
): readonly string[] {
  let { value, ids } = start
  return given.map(({ ticket, index }) => {
    const own = orderValue(ticket, order)
    ids = [...(own === value ? ids : []), ticket.externalId].slice(-maxIds)
    value = own
    const isPageEnd = index === count - 1 && next !== null
    return JSON.stringify(isPageEnd ? [next, 0, value, ids] : [start.cursor, index + 1, value, ids])
  })
}

function parsePosition(text: string): CursorPosition {
  const parsed = positionSchema.safeParse(parseJson(text))
  if (!parsed.success) throw new RangeError('not a position of this source', { cause: parsed.error })
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
