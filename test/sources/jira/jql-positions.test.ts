import { describe, expect, it } from 'vitest'
import { toIssue } from '../../../src/sources/jira/decode.ts'
import {
  comparePlaces,
  isRising,
  isSameSecond,
  parsePosition,
  timeOf,
  toJql,
  toPositionAt,
  toPositionOf,
  toRanks,
  writePosition,
} from '../../../src/sources/jira/jql.ts'
import type { TicketOrder } from '../../../src/sources/source.ts'
import { issue } from './jira-fixture.ts'

const order = (field: TicketOrder['field'], direction: TicketOrder['direction']): TicketOrder => ({ field, direction })
const [updatedDown, updatedUp] = [order('UPDATED_AT', 'DESC'), order('UPDATED_AT', 'ASC')]
const [createdDown, createdUp] = [order('CREATED_AT', 'DESC'), order('CREATED_AT', 'ASC')]
const [priorityDown, priorityUp] = [order('PRIORITY', 'DESC'), order('PRIORITY', 'ASC')]
const newYear = '2026-01-01T00:00:00.000Z'
const newYearMs = 1_767_225_600_000
const key = (externalId: string) => ({ tenant: '', externalId })

describe('a position in a list of Jira', () => {
  it.each([
    ['0_1767225600000_10001', { rank: 0, time: newYearMs, id: 10001 }],
    ['3_x_0', { rank: 3, time: null, id: 0 }],
    ['4_unread_10001', { rank: 4, time: 'unread' as const, id: 10001 }],
    ['5_0_9007199254740991', { rank: 5, time: 0, id: Number.MAX_SAFE_INTEGER }],
  ])('is the text %s', (text, position) => {
    expect(parsePosition(text)).toEqual(position)
    expect(writePosition(position)).toBe(text)
  })

  it.each([
    ...['', '0_1', '6_1_1', '-1_1_1', '0_y_1', '0__1', '0_1_', '0_1_x', '0_-1_1', '00_1_1'],
    ...[`0_${'1'.repeat(16)}_1`, `0_1_${'1'.repeat(17)}`, ' 0_1_1', '0_1_1 ', '0_1_1_1', 'a0_1_1', '0_unreadx_1'],
  ])('is not the text %j', (text) => {
    expect(() => parsePosition(text)).toThrow(new RangeError('not a position of this source'))
  })

  it('is behind an issue by its rank, its time and its id', () => {
    const one = toIssue(issue('10001', { created: '2025-12-31T23:59:59.000+0000', updated: newYear }), { fields: [], desks: [] })!
    const createdMs = newYearMs - 1000
    expect(toPositionOf(one, 0, updatedDown)).toEqual({ rank: 0, time: newYearMs, id: 10001 })
    expect(toPositionOf(one, 0, createdUp)).toEqual({ rank: 0, time: createdMs, id: 10001 })
    expect(toPositionOf(one, 3, priorityDown)).toEqual({ rank: 3, time: createdMs, id: 10001 })
    expect(timeOf({ updated: null, created: newYear }, updatedDown)).toBe(0)
  })

  it('is before or behind all issues of a time, or behind one of them', () => {
    const at = { rank: 0, time: newYearMs }
    expect(toPositionAt({ value: newYear, passed: 'NONE' }, updatedDown)).toEqual({ ...at, id: 0 })
    expect(toPositionAt({ value: newYear, passed: 'ALL' }, createdUp)).toEqual({ ...at, id: Number.MAX_SAFE_INTEGER })
    expect(toPositionAt({ value: newYear, passed: key('10001') }, updatedUp)).toEqual({ ...at, id: 10001 })
  })

  it('is behind the list where a time is not known, because every issue has its times', () => {
    for (const passed of ['NONE', 'ALL', key('10001')] as const)
      expect(toPositionAt({ value: null, passed }, updatedDown)).toEqual({ rank: 5, time: null, id: 0 })
  })

  it('is at the start of a priority, at that of the next one, or behind an issue whose time is to be read', () => {
    const startOf = (rank: number) => ({ rank, time: null, id: 0 })
    expect(toPositionAt({ value: '3', passed: 'NONE' }, priorityDown)).toEqual(startOf(3))
    expect(toPositionAt({ value: '3', passed: 'ALL' }, priorityDown)).toEqual(startOf(2))
    expect(toPositionAt({ value: '3', passed: 'ALL' }, priorityUp)).toEqual(startOf(4))
    // Unknown priorities come last in both directions, and behind them is the end.
    expect(toPositionAt({ value: '1', passed: 'ALL' }, priorityDown)).toEqual(startOf(0))
    expect(toPositionAt({ value: '4', passed: 'ALL' }, priorityUp)).toEqual(startOf(0))
    expect(toPositionAt({ value: null, passed: 'NONE' }, priorityUp)).toEqual(startOf(0))
    expect(toPositionAt({ value: null, passed: 'ALL' }, priorityDown)).toEqual(startOf(5))
    expect(toPositionAt({ value: '2', passed: key('10001') }, priorityDown)).toEqual({ rank: 2, time: 'unread', id: 10001 })
  })
})

describe('the order of a list of Jira', () => {
  it('by priority is one search for each, from URGENT (4) or from LOW (1), and unknown ones (0) come last', () => {
    expect([toRanks(priorityDown), toRanks(priorityUp)]).toEqual([
      [4, 3, 2, 1, 0],
      [1, 2, 3, 4, 0],
    ])
    expect([toRanks(updatedUp), toRanks(createdDown)]).toEqual([[0], [0]])
  })

  it('rises only by time: within a priority the latest issue comes first', () => {
    expect([updatedUp, createdUp, updatedDown, createdDown, priorityUp, priorityDown].map(isRising)).toEqual([
      ...[true, true, false, false, false, false],
    ])
    const [early, late] = [
      { time: 1, id: 2 },
      { time: 2, id: 1 },
    ]
    expect([comparePlaces(early, late, updatedUp), comparePlaces(early, late, updatedDown)]).toEqual([-1, 1])
    expect(comparePlaces(early, late, priorityUp)).toBe(1)
  })

  it('is by the id where the time is the same, in both directions', () => {
    const [one, two] = [
      { time: 1, id: 1 },
      { time: 1, id: 2 },
    ]
    expect([comparePlaces(one, two, updatedUp), comparePlaces(one, two, updatedDown)]).toEqual([-1, -1])
    expect(comparePlaces(two, two, updatedDown)).toBe(0)
  })

  it('is not told by times within one second', () => {
    expect([isSameSecond(1000, 1999), isSameSecond(999, 1000), isSameSecond(1999, 2000)]).toEqual([true, false, false])
  })

  it('JIRA-04: is asked for from a whole minute on, the earlier one for a rising list', () => {
    const base = ['project in (1)', 'status in (2)']
    const text = 'project in (1) AND status in (2)'
    const within = newYearMs + 1
    expect(toJql(base, null, updatedDown)).toBe(`${text} ORDER BY updated DESC, key ASC`)
    expect(toJql(base, null, createdUp)).toBe(`${text} ORDER BY created ASC, key ASC`)
    expect(toJql(base, null, priorityUp)).toBe(`${text} ORDER BY created DESC, key ASC`)
    expect(toJql(base, within, updatedDown)).toBe(`${text} AND updated <= ${newYearMs + 60_000} ORDER BY updated DESC, key ASC`)
    expect(toJql(base, within, updatedUp)).toBe(`${text} AND updated >= ${newYearMs} ORDER BY updated ASC, key ASC`)
    expect(toJql(base, newYearMs, createdDown)).toBe(`${text} AND created <= ${newYearMs} ORDER BY created DESC, key ASC`)
  })
})
