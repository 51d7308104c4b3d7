import { shortHash, shortHashLength } from '../../domain/fingerprint.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { compareValues, type OrderValue, orderValue } from '../../sources/pagination/ticket-order.ts'
import type { TicketOrder } from '../../sources/source.ts'

/** A position in a list whose records shift while tickets change: a count of records, and how to recognise the last of them. */
export interface OffsetCursor {
  /** How many records lie before the position, at least 1. They may have shifted since. An edge cursor may not know: then 1. */
  readonly offset: number
  /**
   * What the record before the position sorts by in the list's order (after an edge cursor: the edge's ticket, of any source); null when
   * it has no such value.
   */
  readonly lastValue: OrderValue
  /** True when every record with `lastValue` lies before the position. Absent: those with an anchor do. */
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
/** A cursor has at most this many anchors, where more than `usualAnchors` records share the last value. */
const maxAnchors = 40

const valueHashLength = 2
const anchorLength = shortHashLength + valueHashLength

function idHash(ticket: Ticket): string {
  return shortHash(`${ticket.tenant}\0${ticket.externalId}`)
}

function toValueHash(value: OrderValue): string {
  return shortHash(value ?? '').slice(0, valueHashLength)
}

export interface AnchorMatcher {
  match(ticket: Ticket): AnchorMatch
  /** True for a record that is one of the cursor's `ties`. */
  isTie(ticket: Ticket): boolean
}

/** Compares records with the anchors of this cursor. `order`: the order of the list. */
export function createAnchorMatcher({ anchors, ties = '', lastValue }: OffsetCursor, order: TicketOrder): AnchorMatcher {
  const valueHashes = new Map<string, string>()
  for (let i = 0; i < anchors.length; i += anchorLength) {
    const idEnd = i + shortHashLength
    valueHashes.set(anchors.slice(i, idEnd), anchors.slice(idEnd, i + anchorLength))
  }
  const tieSet = new Set<string>()
  for (let i = 0; i < ties.length; i += tieLength) tieSet.add(ties.slice(i, i + tieLength))
  return {
    match(ticket) {
      const hash = valueHashes.get(idHash(ticket))
      if (hash === undefined) return 'UNKNOWN'
      return hash === toValueHash(orderValue(ticket, order)) ? 'SAME' : 'CHANGED'
    },
    isTie: (ticket) =>
      tieSet.size > 0 && orderValue(ticket, order) === lastValue && tieSet.has(idHash(ticket).slice(0, tieLength)),
  }
}

/** True when the value alone tells that the record lies before the position. */
export function liesBefore(ticket: Ticket, { lastValue, tiesPassed }: OffsetCursor, order: TicketOrder): boolean {
  const compared = compareValues(orderValue(ticket, order), lastValue, order.direction)
  return compared < 0 || (tiesPassed === true && compared === 0)
}

/** True when every record before the position has an anchor. Then the list can be read from its beginning without repeats. */
export function anchorsEveryRecord(cursor: OffsetCursor): boolean {
  return cursor.offset * anchorLength <= cursor.anchors.length
}

/** The anchor of a record by its index. Each is computed once, because neighbouring cursors share most of theirs. */
export function createAnchorCache(records: readonly Ticket[], order: TicketOrder): (index: number) => string {
  const anchors: string[] = []
  return (index) => {
    const ticket = records[index]!
    anchors[index] ??= idHash(ticket) + toValueHash(orderValue(ticket, order))
    return anchors[index]
  }
}

export interface ReadRecords {
  /** The order of the list. */
  readonly order: TicketOrder
  /** The records read after `start`, in the list's order. */
  readonly records: readonly Ticket[]
  readonly anchorAt: (index: number) => string
  /** The cursor that the records were read from; null: the beginning of the list. */
  readonly start: OffsetCursor | null
}

/**
 * The cursor after the first `count` of these records; `count` is at least 1.
 * Every record that shares the last value gets an anchor, up to `maxAnchors`: without one it would look unread.
 */
export function cursorAfter(
  { order, records, anchorAt, start }: ReadRecords,
  count: number,
  offset: number,
  orderBroken: boolean,
): OffsetCursor {
  const valueAt = (index: number) => orderValue(records[index]!, order)
  const lastValue = valueAt(count - 1)
  let anchors = ''
  let anchored = 0
  while (anchored < count && wantsAnchor(anchored, valueAt(count - 1 - anchored) === lastValue)) {
    anchors = anchorAt(count - 1 - anchored) + anchors
    anchored += 1
  }
  if (start && anchored === count) anchors = earlierAnchors(start, lastValue, anchored) + anchors
  return { offset, lastValue, anchors, orderBroken }
}

function wantsAnchor(anchored: number, sharesValue: boolean): boolean {
  return anchored < usualAnchors || (sharesValue && anchored < maxAnchors)
}

/** The anchors that the cursor before hands on when fewer records were read than a cursor anchors. */
function earlierAnchors(start: OffsetCursor, lastValue: OrderValue, anchored: number): string {
  const free = (start.lastValue === lastValue ? maxAnchors : usualAnchors) - anchored
  return free > 0 ? start.anchors.slice(-free * anchorLength) : ''
}

/** How an edge cursor of an offset-paginated list tells its ticket, and the others with its value that lie before the position. */
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

/** The record at `index`, and those that share its value and do not come after it: all, or more than fit into an edge cursor. */
export function tiesAt({ order, records, anchorAt, start }: ReadRecords, index: number): Ties {
  const valueAt = (at: number) => orderValue(records[at]!, order)
  const value = valueAt(index)
  let others = ''
  let first = index - 1
  for (; first >= 0 && others.length < maxTieText && valueAt(first) === value; first--) {
    others = anchorAt(first).slice(0, tieLength) + others
  }
  // The page begins among the records of this value.
  if (first < 0 && start?.lastValue === value) others = tiesOf(start) + others
  return { last: anchorAt(index).slice(0, shortHashLength), others }
}

/** The records of a cursor that share its value: those with an anchor, and its ties. */
function tiesOf({ anchors, lastValue, ties = '' }: OffsetCursor): string {
  const hash = toValueHash(lastValue)
  let all = ties
  for (let i = 0; i < anchors.length; i += anchorLength) {
    if (anchors.endsWith(hash, i + anchorLength)) all += anchors.slice(i, i + tieLength)
  }
  return all
}

/** The position behind an edge's ticket. `offset`: how many records lie before it, as far as is known. */
export function cursorAtTies({ last, others }: Ties, offset: number, lastValue: OrderValue): OffsetCursor {
  const cursor = { offset, lastValue, anchors: last + toValueHash(lastValue), orderBroken: false }
  return others === '' ? cursor : { ...cursor, ties: others }
}
