import { shortHash, shortHashLength } from '../../domain/fingerprint.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { OrderValue } from './ticket-order.ts'

/** A position in a list whose records shift while tickets change: a count of records, and how to recognise the last of them. */
export interface OffsetCursor {
  /** How many records lie before the position, at least 1. They may have shifted since. */
  readonly offset: number
  /** `updatedAt` of the record before the position; null when it has none. */
  readonly lastUpdatedAt: OrderValue
  /** The anchors of the last records before the position, oldest position first, `anchorLength` characters each. */
  readonly anchors: string
  /** True once the list has contradicted the assumed order. Then only anchors tell where the position is, times do not. */
  readonly orderBroken: boolean
}

/**
 * How a record compares with the anchors of a cursor.
 * SAME: the record was emitted and has not changed, so its position relative to its neighbours is the same.
 * CHANGED: the record was emitted and has changed since, so it may be anywhere in the list.
 * UNKNOWN: no anchor names the record.
 */
export type AnchorMatch = 'SAME' | 'CHANGED' | 'UNKNOWN'

/** A cursor has this many anchors when it can. The position is found again while one of these records is unchanged. */
const usualAnchors = 5
/** A cursor has at most this many anchors, where more than `usualAnchors` records share the last `updatedAt`. */
const maxAnchors = 40

const timeHashLength = 2
const anchorLength = shortHashLength + timeHashLength

function idHash(ticket: Ticket): string {
  return shortHash(`${ticket.tenant}\0${ticket.externalId}`)
}

function timeHash(ticket: Ticket): string {
  return shortHash(ticket.updatedAt ?? '').slice(0, timeHashLength)
}

/** Compares records with the anchors of this cursor. */
export function createAnchorMatcher(cursor: OffsetCursor): (ticket: Ticket) => AnchorMatch {
  const timeHashes = new Map<string, string>()
  for (let i = 0; i < cursor.anchors.length; i += anchorLength) {
    const idEnd = i + shortHashLength
    timeHashes.set(cursor.anchors.slice(i, idEnd), cursor.anchors.slice(idEnd, i + anchorLength))
  }
  return (ticket) => {
    const time = timeHashes.get(idHash(ticket))
    if (time === undefined) return 'UNKNOWN'
    return time === timeHash(ticket) ? 'SAME' : 'CHANGED'
  }
}

/** True when every record before the position has an anchor. Then the list can be read from its beginning without repeats. */
export function anchorsEveryRecord(cursor: OffsetCursor): boolean {
  return cursor.offset * anchorLength <= cursor.anchors.length
}

/** The anchor of a record by its index. Each is computed once, because neighbouring cursors share most of theirs. */
export function createAnchorCache(records: readonly Ticket[]): (index: number) => string {
  const anchors: string[] = []
  return (index) => {
    const ticket = records[index]!
    anchors[index] ??= idHash(ticket) + timeHash(ticket)
    return anchors[index]
  }
}

export interface ReadRecords {
  /** The records read after `start`, in the list's order. */
  readonly records: readonly Ticket[]
  readonly anchorAt: (index: number) => string
  /** The cursor that the records were read from; null: the beginning of the list. */
  readonly start: OffsetCursor | null
}

/**
 * The cursor after the first `count` of these records; `count` is at least 1.
 * Every record that shares the last `updatedAt` gets an anchor, up to `maxAnchors`: without one it would look unread.
 */
export function cursorAfter(
  { records, anchorAt, start }: ReadRecords,
  count: number,
  offset: number,
  orderBroken: boolean,
): OffsetCursor {
  const lastUpdatedAt = records[count - 1]!.updatedAt
  let anchors = ''
  let anchored = 0
  while (anchored < count && wantsAnchor(anchored, records[count - 1 - anchored]!.updatedAt === lastUpdatedAt)) {
    anchors = anchorAt(count - 1 - anchored) + anchors
    anchored += 1
  }
  if (start && anchored === count) anchors = earlierAnchors(start, lastUpdatedAt, anchored) + anchors
  return { offset, lastUpdatedAt, anchors, orderBroken }
}

function wantsAnchor(anchored: number, sharesTime: boolean): boolean {
  return anchored < usualAnchors || (sharesTime && anchored < maxAnchors)
}

/** The anchors that the cursor before hands on when fewer records were read than a cursor anchors. */
function earlierAnchors(start: OffsetCursor, lastUpdatedAt: OrderValue, anchored: number): string {
  const free = (start.lastUpdatedAt === lastUpdatedAt ? maxAnchors : usualAnchors) - anchored
  return free > 0 ? start.anchors.slice(-free * anchorLength) : ''
}
