import { describe, expect, it } from 'vitest'
import { shortHash } from '../../../src/domain/fingerprint.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { assumedOrder as order } from '../../../src/sources/pagination/ticket-order.ts'
import {
  createAnchorCache,
  createAnchorMatcher,
  cursorAfter,
  cursorAtTies,
  liesBefore,
  type OffsetCursor,
  type Ties,
  tiesAt,
} from '../../../src/tickets/pagination/offset-cursor.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('a')
const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString()
const ticketAt = (id: string, second: number | null) =>
  toTicket(info, id, { updatedAt: second === null ? null : at(second), tenant: 'acme' })
/** Tickets t0, t1, … in the list's order, or named from `first` on. */
const recordsAt = (seconds: readonly (number | null)[], first = 0) =>
  seconds.map((second, i) => ticketAt(`t${first + i}`, second))

const idHash = (id: string) => shortHash(`acme\0${id}`)
/** The ties of these tickets: four characters of each. */
const tiesOf = (...ids: string[]) => ids.map((id) => idHash(id).slice(0, 4)).join('')

const readFrom = (records: readonly Ticket[], start: OffsetCursor | null) => ({
  ...{ order, records, start },
  anchorAt: createAnchorCache(records, order),
})

/** The cursor after all these records. */
const cursorBehind = (records: readonly Ticket[], start: OffsetCursor | null = null) =>
  cursorAfter(readFrom(records, start), records.length, (start?.offset ?? 0) + records.length, false)

describe('the anchors that a cursor hands on', () => {
  const anchorsOf = ({ anchors }: OffsetCursor) => anchors.match(/.{8}/g)?.map((anchor) => anchor.slice(0, 6))
  const start = cursorBehind(recordsAt([9, 8, 7, 6, 5]))

  it('are none of the page before where this page has five of its own', () => {
    const ids = ['t5', 't6', 't7', 't8', 't9']
    expect(anchorsOf(cursorBehind(recordsAt([4, 3, 2, 1, 0], 5), start))).toEqual(ids.map(idHash))
  })

  it('are all where the page goes on with the last time of the page before', () => {
    const ids = ['t0', 't1', 't2', 't3', 't4', 't5', 't6']
    expect(anchorsOf(cursorBehind(recordsAt([5, 5], 5), start))).toEqual(ids.map(idHash))
  })

  it('tell a record without a time too', () => {
    const [unknown] = recordsAt([null])
    const cursor = cursorBehind([unknown!])
    expect(cursor).toMatchObject({ lastValue: null, anchors: idHash('t0') + shortHash('').slice(0, 2) })
    const { match } = createAnchorMatcher(cursor, order)
    expect([match(unknown!), match(ticketAt('t0', 9))]).toEqual(['SAME', 'CHANGED'])
  })
})

describe('the ties of an edge', () => {
  const of = (records: readonly Ticket[], index: number, start: OffsetCursor | null = null) =>
    tiesAt(readFrom(records, start), index)

  it('are the records of its time before it', () => {
    const records = recordsAt([9, 3, 3, 3, 3])
    expect(of(records, 3)).toEqual({ last: idHash('t3'), others: tiesOf('t1', 't2') })
    expect(of(records, 0)).toEqual({ last: idHash('t0'), others: '' })
  })

  it('are those of the page before too, where that ended with the same time', () => {
    const start = cursorBehind(recordsAt([9, 3, 3]))
    expect(of(recordsAt([3, 3], 3), 1, start)).toEqual({ last: idHash('t4'), others: tiesOf('t1', 't2', 't3') })
    const tied = { ...start, ties: tiesOf('x', 'y') }
    expect(of(recordsAt([3], 3), 0, tied).others).toBe(tiesOf('x', 'y', 't1', 't2'))
  })

  it('are none of the page before, where the time is another one', () => {
    const start = cursorBehind(recordsAt([9, 3, 3]))
    expect(of(recordsAt([2, 2], 3), 1, start).others).toBe(tiesOf('t3'))
    expect(of(recordsAt([3, 2], 3), 1, start).others).toBe('')
  })

  it('are twenty at most', () => {
    const start = cursorBehind(recordsAt([3]))
    const records = recordsAt(Array<number>(22).fill(3), 1)
    const ids = Array.from({ length: 20 }, (_, i) => `t${i + 2}`)
    expect(of(records, 21, start).others).toBe(tiesOf(...ids))
  })
})

describe('a cursor at the ties of an edge', () => {
  const last = idHash('t3')
  const others = tiesOf('t1', 't2')
  const matcherOf = (ties: Ties) => createAnchorMatcher(cursorAtTies(ties, 9, at(3)), order)

  it('has the anchor of the ticket, and its ties where there are any', () => {
    const cursor = { offset: 9, lastValue: at(3), anchors: last + shortHash(at(3)).slice(0, 2), orderBroken: false }
    expect(cursorAtTies({ last, others }, 9, at(3))).toStrictEqual({ ...cursor, ties: others })
    expect(cursorAtTies({ last, others: '' }, 9, at(3))).toStrictEqual(cursor)
  })

  it('knows its ties by their id and their time', () => {
    const { isTie, match } = matcherOf({ last, others })
    const records = [...recordsAt([3, 3, 3, 3]), ticketAt('t1', 4)]
    expect(records.map(isTie)).toEqual([false, true, true, false, false])
    expect(records.map(match)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN', 'SAME', 'UNKNOWN'])
  })

  it('knows none where the edge was the only ticket of its time', () => {
    expect(recordsAt([3, 3, 3]).map(matcherOf({ last, others: '' }).isTie)).toEqual([false, false, false])
  })
})

describe('a record lies before a cursor', () => {
  const areBefore = (cursor: Partial<OffsetCursor>) => {
    const full: OffsetCursor = { offset: 1, lastValue: at(3), anchors: '', orderBroken: false, ...cursor }
    return recordsAt([4, 3, 2, null]).map((ticket) => liesBefore(ticket, full, order))
  }

  it('by its time, where the latest comes first', () => {
    expect(areBefore({})).toEqual([true, false, false, false])
  })

  it('also with the time of the cursor, where all of these were passed', () => {
    expect(areBefore({ tiesPassed: true })).toEqual([true, true, false, false])
    expect(areBefore({ tiesPassed: true, lastValue: null })).toEqual([true, true, true, true])
  })
})
