import { shortHash, shortHashLength } from '../../domain/fingerprint.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { assumedOrder, compareValues, type OrderValue } from './ticket-order.ts'

/** A position in a list whose records shift while tickets change: a count of records, and how to recognise the last of them. */
export interface OffsetCursor {
  /** How many records lie before the position, at least 1. They may have shifted since. An edge cursor may not know: then 1. */
  readonly offset: number
  /** `updatedAt` of the record before the position (after an edge cursor: of the edge's ticket, of any source); null when it has none. */
  readonly lastUpdatedAt: OrderValue
  /** True when every record with `lastUpdatedAt` lies before the position. Absent: those with an anchor do. */
  readonly tiesPassed?: true
  /** After an edge cursor: `Ties.others`, records that lie before the position. Only where no anchor is found. */
  readonly ties?: string
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

function toTimeHash(updatedAt: OrderValue): string {
  return shortHash(updatedAt ?? '').slice(0, timeHashLength)
}

export interface AnchorMatcher {
  match(ticket: Ticket): AnchorMatch
  /** True for a record that is one of the cursor's `ties`. */
  isTie(ticket: Ticket): boolean
}

/** Compares records with the anchors of this cursor. */
export function createAnchorMatcher({ anchors, ties = '', lastUpdatedAt }: OffsetCursor): AnchorMatcher {
  const timeHashes = new Map<string, string>()
  for (let i = 0; i < anchors.length; i += anchorLength) {
    const idEnd = i + shortHashLength
    timeHashes.set(anchors.slice(i, idEnd), anchors.slice(idEnd, i + anchorLength))
  }
  const tieSet = new Set<string>()
  for (let i = 0; i < ties.length; i += tieLength) tieSet.add(ties.slice(i, i + tieLength))
  return {
    match(ticket) {
      const time = timeHashes.get(idHash(ticket))
      if (time === undefined) return 'UNKNOWN'
      return time === toTimeHash(ticket.updatedAt) ? 'SAME' : 'CHANGED'
    },
    isTie: (ticket) => tieSet.size > 0 && ticket.updatedAt === lastUpdatedAt && tieSet.has(idHash(ticket).slice(0, tieLength)),
  }
}

/** True when the time alone tells that the record lies before the position. */
export function liesBefore(ticket: Ticket, { lastUpdatedAt, tiesPassed }: OffsetCursor): boolean {
  const compared = compareValues(ticket.updatedAt, lastUpdatedAt, assumedOrder.direction)
  return compared < 0 || (tiesPassed === true && compared === 0)
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
    anchors[index] ??= idHash(ticket) + toTimeHash(ticket.updatedAt)
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

/** How an edge cursor of an offset-paginated list tells its ticket, and the others with its time that lie before the position. */
export interface Ties {
  /** The short hash of the id of the edge's ticket. */
  readonly last: string
  /** The beginnings of the short hashes of the others, `tieLength` characters each. */
  readonly others: string
}

/** 24 bits: they count only when the edge's own ticket has changed or gone. */
export const tieLength = 4

/** More other tickets than these do not fit into an edge cursor. */
const maxTieText = 20 * tieLength

/** The record at `index`, and those that share its time and do not come after it: all, or more than fit into an edge cursor. */
export function tiesAt({ records, anchorAt, start }: ReadRecords, index: number): Ties {
  const { updatedAt } = records[index]!
  let others = ''
  let first = index - 1
  for (; first >= 0 && others.length < maxTieText && records[first]!.updatedAt === updatedAt; first--) {
    others = anchorAt(first).slice(0, tieLength) + others
  }
  // The page begins among the records of this time.
  if (first < 0 && start?.lastUpdatedAt === updatedAt) others = tiesOf(start) + others
  return { last: anchorAt(index).slice(0, shortHashLength), others }
}

/** The records of a cursor that share its time: those with an anchor, and its ties. */
function tiesOf({ anchors, lastUpdatedAt, ties = '' }: OffsetCursor): string {
  const time = toTimeHash(lastUpdatedAt)
  let all = ties
  for (let i = 0; i < anchors.length; i += anchorLength) {
    if (anchors.endsWith(time, i + anchorLength)) all += anchors.slice(i, i + tieLength)
  }
  return all
}

/** The position behind an edge's ticket. `offset`: how many records lie before it, as far as is known. */
export function cursorAtTies({ last, others }: Ties, offset: number, lastUpdatedAt: OrderValue): OffsetCursor {
  const cursor = { offset, lastUpdatedAt, anchors: last + toTimeHash(lastUpdatedAt), orderBroken: false }
  return others === '' ? cursor : { ...cursor, ties: others }
}
