import { shortHash, shortHashLength } from '../../domain/fingerprint.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { OffsetCursor } from './page-cursor.ts'

/** So many records back a place can be recognised, and so many at most when they all have the same time. */
const fewestMarks = 5
const mostMarks = 40

const timeLength = 2
const markLength = shortHashLength + timeLength

function idMark(ticket: Ticket): string {
  return shortHash(`${ticket.tenant}\0${ticket.externalId}`)
}

function timeMark(ticket: Ticket): string {
  return shortHash(ticket.updatedAt ?? '').slice(0, timeLength)
}

/**
 * What a place says of a record. SAME: it was given, and stands where it stood. CHANGED: it was given and has changed
 * since, so that it may stand anywhere. UNKNOWN: the place does not remember it.
 */
export type AnchorMatch = 'SAME' | 'CHANGED' | 'UNKNOWN'

export function toRecogniser(place: OffsetCursor): (ticket: Ticket) => AnchorMatch {
  const times = new Map<string, string>()
  for (let at = 0; at < place.m.length; at += markLength) {
    times.set(place.m.slice(at, at + shortHashLength), place.m.slice(at + shortHashLength, at + markLength))
  }
  return (ticket) => {
    const time = times.get(idMark(ticket))
    if (time === undefined) return 'UNKNOWN'
    return time === timeMark(ticket) ? 'SAME' : 'CHANGED'
  }
}

/** Is every record before the place remembered? Then it can be found even when all of them have changed. */
export function remembersAll(place: OffsetCursor): boolean {
  return place.o * markLength <= place.m.length
}

/** The marks of a list of records, each made once: neighbouring places share most of theirs. */
export function createMarker(records: readonly Ticket[]): (index: number) => string {
  const marks: string[] = []
  return (index) => {
    marks[index] ??= idMark(records[index]!) + timeMark(records[index]!)
    return marks[index]
  }
}

/**
 * The place behind the first `count` of these records, which were read from `before` on.
 * It remembers every record that shares the last one's time, because only those could be taken for unread ones.
 */
export function placeBehind(
  records: readonly Ticket[],
  markAt: (index: number) => string,
  count: number,
  offset: number,
  before: OffsetCursor | null,
  contradicted: boolean,
): OffsetCursor {
  const time = records[count - 1]!.updatedAt
  let marks = ''
  let marked = 0
  while (marked < count && wantsMark(marked, records[count - 1 - marked]!.updatedAt === time)) {
    marks = markAt(count - 1 - marked) + marks
    marked += 1
  }
  if (before && marked === count) marks = olderMarks(before, time, marked) + marks
  return contradicted ? { o: offset, t: time, m: marks, x: 1 } : { o: offset, t: time, m: marks }
}

function olderMarks(before: OffsetCursor, time: string | null, marked: number): string {
  const room = (before.t === time ? mostMarks : fewestMarks) - marked
  return room > 0 ? before.m.slice(-room * markLength) : ''
}

function wantsMark(marked: number, sameTime: boolean): boolean {
  return marked < fewestMarks || (sameTime && marked < mostMarks)
}
