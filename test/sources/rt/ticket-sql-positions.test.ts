import { describe, expect, it } from 'vitest'
import { toLocalText } from '../../../src/domain/instant.ts'
import { rtConfig } from '../../../src/sources/rt/config.ts'
import { toRtTicket } from '../../../src/sources/rt/decode.ts'
import {
  parsePosition,
  toOrderParameters,
  toPositionAt,
  toPositionCondition,
  toPositionOf,
  writePosition,
} from '../../../src/sources/rt/ticket-sql.ts'
import type { TicketOrder } from '../../../src/sources/source.ts'

const order = (field: TicketOrder['field'], direction: TicketOrder['direction']): TicketOrder => ({ field, direction })
const [updatedDown, createdUp] = [order('UPDATED_AT', 'DESC'), order('CREATED_AT', 'ASC')]
const [priorityDown, priorityUp] = [order('PRIORITY', 'DESC'), order('PRIORITY', 'ASC')]
/** 1772323200 s since 1970. */
const march = '2026-03-01T00:00:00.000Z'
/** RT's numbers have 32 bits. */
const [lowest, highest] = [-2_147_483_648, 2_147_483_647]
const dialectOf = (priorities: object) =>
  rtConfig.parse({ url: 'https://rt.example', token: '1-27-abc', dialect: { priorities } }).dialect
const dialect = dialectOf({ MEDIUM: 50, HIGH: 100 })
const key = (externalId: string) => ({ tenant: '', externalId })

describe('a position in a list of RT', () => {
  it.each([
    ['1772323200_22_1', { value: 1_772_323_200, id: 22, count: 1 }],
    ['-5_-2147483648_x', { value: -5, id: lowest, count: null }],
    ['x3_22_x', { value: 'x3' as const, id: 22, count: null }],
    ['0_0_0', { value: 0, id: 0, count: 0 }],
  ])('is the text %s', (text, position) => {
    expect(parsePosition(text)).toEqual(position)
    expect(writePosition(position)).toBe(text)
  })

  it.each([
    ...['', '1_2', '1_2_', '_2_3', '1__3', 'x_2_3', 'xx_2_3', 'x33_2_3', '1_x_3', '1_2_-3', '1_2_xx', "1' OR id > 0", 'y3_2_3'],
    ...[' 1_2_3', '1_2_3 ', '--1_2_3', '1_--2_3', '12345678901_2_3', '1_12345678901_3', '1_2_12345678901', '1_2_3_4'],
  ])('is not the text %j', (text) => {
    expect(() => parsePosition(text)).toThrow(new RangeError('not a position of this source'))
  })

  it('is behind a ticket by the second of its time or by its priority, and by its id', () => {
    const one = toRtTicket({ id: 22, LastUpdated: '2026-03-01T00:00:00.999Z', Created: '2026-02-28T23:59:59Z', Priority: '70' })!
    expect(toPositionOf(one, updatedDown, 3)).toEqual({ value: 1_772_323_200, id: 22, count: 3 })
    expect(toPositionOf(one, createdUp, null)).toEqual({ value: 1_772_323_199, id: 22, count: null })
    expect(toPositionOf(one, priorityDown, null)).toEqual({ value: 70, id: 22, count: null })
    const bare = toRtTicket({ id: 22 })!
    for (const each of [updatedDown, createdUp, priorityUp])
      expect(toPositionOf(bare, each, null)).toEqual({ value: 0, id: 22, count: null })
  })

  it('is before or behind all tickets of a second, or behind one of them', () => {
    const at = { value: 1_772_323_200, count: null }
    const within = '2026-03-01T00:00:00.999Z'
    expect(toPositionAt({ value: march, passed: 'NONE' }, createdUp, dialect)).toEqual({ ...at, id: lowest })
    expect(toPositionAt({ value: within, passed: 'ALL' }, createdUp, dialect)).toEqual({ ...at, id: highest })
    expect(toPositionAt({ value: within, passed: 'NONE' }, updatedDown, dialect)).toEqual({ ...at, id: highest })
    expect(toPositionAt({ value: march, passed: 'ALL' }, updatedDown, dialect)).toEqual({ ...at, id: lowest })
    expect(toPositionAt({ value: within, passed: key('22') }, updatedDown, dialect)).toEqual({ ...at, id: 22 })
  })

  it('is the end of the list where the value is not known', () => {
    for (const passed of ['NONE', 'ALL', key('22')] as const) {
      expect(toPositionAt({ value: null, passed }, createdUp, dialect)).toEqual({ value: highest, id: highest, count: null })
      expect(toPositionAt({ value: null, passed }, priorityDown, dialect)).toEqual({ value: lowest, id: lowest, count: null })
    }
  })

  it('behind a ticket of a priority waits for the number that RT has for it', () => {
    expect(toPositionAt({ value: '3', passed: key('22') }, priorityDown, dialect)).toEqual({ value: 'x3', id: 22, count: null })
  })

  // LOW (1) is below 50, MEDIUM (2) from 50, HIGH (3) from 100, and no ticket is URGENT (4). What comes next is beyond the number, or has the
  // number and an id beyond the lowest (rising) or before the lowest (falling).
  it.each([
    [priorityUp, '1', 'NONE', lowest],
    [priorityUp, '1', 'ALL', 50],
    [priorityUp, '2', 'NONE', 50],
    [priorityUp, '2', 'ALL', 100],
    [priorityUp, '3', 'ALL', highest],
    [priorityUp, '4', 'NONE', highest],
    [priorityDown, '4', 'NONE', highest],
    [priorityDown, '4', 'ALL', highest],
    [priorityDown, '3', 'NONE', highest],
    [priorityDown, '3', 'ALL', 100],
    [priorityDown, '2', 'NONE', 100],
    [priorityDown, '2', 'ALL', 50],
    [priorityDown, '1', 'NONE', 50],
    [priorityDown, '1', 'ALL', lowest],
  ] as const)('%j at priority %s with %s passed is at the number %i', (by, value, passed, number) => {
    expect(toPositionAt({ value, passed }, by, dialect)).toEqual({ value: number, id: lowest, count: null })
  })

  it('at a priority that no number has is at the next one', () => {
    const gap = dialectOf({ URGENT: 200 })
    const numberAt = (value: string, passed: 'NONE' | 'ALL', by: TicketOrder) => toPositionAt({ value, passed }, by, gap).value
    expect([numberAt('2', 'NONE', priorityUp), numberAt('3', 'ALL', priorityUp)]).toEqual([200, 200])
    expect([numberAt('3', 'NONE', priorityDown), numberAt('2', 'ALL', priorityDown)]).toEqual([200, 200])
  })
})

describe('the order of a list of RT', () => {
  it('RT-17: ends with the id', () => {
    expect(toOrderParameters(updatedDown)).toBe('orderby=LastUpdated&order=DESC&orderby=id&order=DESC')
    expect(toOrderParameters(createdUp)).toBe('orderby=Created&order=ASC&orderby=id&order=ASC')
    expect(toOrderParameters(priorityDown)).toBe('orderby=Priority&order=DESC&orderby=id&order=DESC')
  })

  it('RT-15, RT-17: goes on beyond a position by the value and then by the id, and has no `=` with a time', () => {
    const toTokyo = (seconds: number) => toLocalText(seconds, 'Asia/Tokyo')!
    expect(toPositionCondition({ value: 1_772_323_200, id: 22 }, updatedDown, toTokyo)).toBe(
      "(LastUpdated < '2026-03-01 09:00:00' OR (LastUpdated >= '2026-03-01 09:00:00' AND LastUpdated <= '2026-03-01 09:00:00' AND id < 22))",
    )
    expect(toPositionCondition({ value: 1_772_323_200, id: 22 }, createdUp, toTokyo)).toBe(
      "(Created > '2026-03-01 09:00:00' OR (Created >= '2026-03-01 09:00:00' AND Created <= '2026-03-01 09:00:00' AND id > 22))",
    )
    expect(toPositionCondition({ value: 50, id: 22 }, priorityUp, toTokyo)).toBe('(Priority > 50 OR (Priority = 50 AND id > 22))')
    expect(toPositionCondition({ value: -5, id: 0 }, priorityDown, toTokyo)).toBe('(Priority < -5 OR (Priority = -5 AND id < 0))')
  })
})
