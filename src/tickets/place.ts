import type { Ticket } from '../domain/ticket.ts'
import { shortHash, shortHashLength } from '../lib/fingerprint.ts'
import type { Place } from './cursor.ts'

/** So many records back a place can be recognised, and so many at most when they all have the same time. */
const fewestMarks = 5
const mostMarks = 40

/** Recognises a record as long as it does not change: a changed one has moved, and tells nothing of the place. */
export function markOf(ticket: Ticket): string {
  return shortHash(`${ticket.tenant}\0${ticket.externalId}\0${ticket.updatedAt}`)
}

export function marksOf(place: Place): ReadonlySet<string> {
  const marks = new Set<string>()
  for (let at = 0; at < place.m.length; at += shortHashLength) marks.add(place.m.slice(at, at + shortHashLength))
  return marks
}

/**
 * The place behind the first `count` of these records, which were read from `before` on.
 * It remembers every record that shares the last one's time, because only those could be taken for unread ones.
 */
export function placeBehind(
  records: readonly Ticket[],
  count: number,
  offset: number,
  before: Place | null,
  contradicted: boolean,
): Place {
  const time = records[count - 1]!.updatedAt
  let marks = ''
  let marked = 0
  while (marked < count && wantsMark(marked, records[count - 1 - marked]!.updatedAt === time)) {
    marks = markOf(records[count - 1 - marked]!) + marks
    marked += 1
  }
  if (before && marked === count) marks = olderMarks(before, time, marked) + marks
  return contradicted ? { o: offset, t: time, m: marks, x: 1 } : { o: offset, t: time, m: marks }
}

function olderMarks(before: Place, time: string | null, marked: number): string {
  const room = (before.t === time ? mostMarks : fewestMarks) - marked
  return room > 0 ? before.m.slice(-room * shortHashLength) : ''
}

function wantsMark(marked: number, sameTime: boolean): boolean {
  return marked < fewestMarks || (sameTime && marked < mostMarks)
}
