import { describe, expect, it } from 'vitest'
import {
  createKeyNormaliser,
  exceedsDepth,
  readKey,
  readOwn,
  toId,
  toInstantFromEpoch,
  toInstantFromIso,
  toJsonInteger,
  toList,
  toNumber,
  toRecord,
  toText,
  toTexts,
  toTicketId,
  toValueText,
  toValueTexts,
} from '../../src/sources/decode.ts'

describe('decoding', () => {
  it('writes a whole number with all its digits', () => {
    expect(JSON.stringify({ id: toJsonInteger('9007199254740993') })).toBe('{"id":9007199254740993}')
    expect(() => toJsonInteger('7 or 8')).toThrow(SyntaxError)
  })

  it('reads text that is not blank', () => {
    expect(['a', ' a ', 'ä', '0'].map(toText)).toEqual(['a', ' a ', 'ä', '0'])
    expect(['', ' ', '\n\t', 7, null, undefined, {}, []].map(toText)).toEqual(Array(8).fill(null))
    expect(toTexts(['a', 1, '', 'b'])).toEqual(['a', 'b'])
    expect(toTexts('a')).toBeNull()
  })

  it('reads an id from text or an exact whole number', () => {
    expect(['a', 7, 2 ** 53, 1.5, null].map(toId)).toEqual(['a', '7', null, null, null])
    expect([1.5, '1.5', '', 'x', Number.NaN, '1e3'].map(toNumber)).toEqual([1.5, 1.5, null, null, null, 1000])
  })

  it('reads a value of any type as text, where it is a single one', () => {
    expect(['a', 7, 1e308, 0, true, false].map(toValueText)).toEqual(['a', '7', '1e+308', '0', 'true', 'false'])
    // `String` throws for the last two.
    const others = ['', ' ', null, undefined, Number.NaN, 1 / 0, ['a'], {}, { toString: 1, valueOf: 1 }, Object.create(null)]
    expect(others.map(toValueText)).toEqual(others.map(() => null))
    expect(toValueTexts(['a', 7, null, { toString: 1 }, ['b'], false])).toEqual(['a', '7', 'false'])
    expect([toValueTexts('a'), toValueTexts(null), toValueTexts({})]).toEqual([['a'], [], []])
  })

  it('reads no key that a record inherits', () => {
    const record = JSON.parse('{"a": 1, "__proto__": 2}')
    const keys = ['a', '__proto__', 'constructor', 'b']
    expect(keys.map((key) => readOwn(record, key))).toEqual([1, 2, undefined, undefined])
  })

  it('brings keys into the documented casing, whose value wins, and copies a record only where it has to', () => {
    const normalise = createKeyNormaliser(['Assignee', 'createdAt'])
    const documented = { Assignee: 'a', extra: 1 }
    expect(normalise(documented)).toBe(documented)
    expect(normalise({ assignee: 'a', CREATEDAT: 1, extra: 2 })).toEqual({ Assignee: 'a', createdAt: 1, extra: 2 })
    expect(normalise({ Assignee: 'right', ASSIGNEE: 'wrong' })).toMatchObject({ Assignee: 'right' })
    const hostile = normalise(JSON.parse('{"assignee":"a","__proto__":{"createdAt":9}}'))
    expect(hostile.createdAt).toBeUndefined()
    expect(readKey({ CREATEDAT: 3 }, 'createdAt')).toBe(3)
  })

  it('takes a time in seconds, in milliseconds or in ISO 8601', () => {
    expect(toInstantFromEpoch(1)).toBe('1970-01-01T00:00:01.000Z')
    expect(toInstantFromEpoch('1572499999123')).toBe('2019-10-31T05:33:19.123Z')
    expect(toInstantFromIso('2024-01-15T10:30')).toBe('2024-01-15T10:30:00.000Z')
    expect(toInstantFromIso('2024-01-15')).toBeNull()
    expect([1_708_008_406, {}, null, undefined].map(toInstantFromIso)).toEqual([null, null, null, null])
    // 1708008406.123 in binary is a little less than the decimal number.
    expect(toInstantFromEpoch('1708008406.123')).toBe('2024-02-15T14:46:46.123Z')
    expect(toInstantFromEpoch(1_708_008_406.999_9)).toBe('2024-02-15T14:46:46.999Z')
    expect([0, -1, 'x', 1e300, 2.6e14].map(toInstantFromEpoch)).toEqual([null, null, null, null, null])
  })

  it('finds a value that is nested too deep', () => {
    const nested = (levels: number): object => (levels === 1 ? {} : { a: [nested(levels - 2)] })
    expect([1, 63, 65].map((levels) => exceedsDepth(nested(levels)))).toEqual([false, false, true])
  })

  it('measures the depth of the value itself, its keys and its items', () => {
    expect(exceedsDepth({}, 0)).toBe(true)
    expect([exceedsDepth({ a: 1, b: null, c: 'x' }, 1), exceedsDepth([], 1), exceedsDepth({ a: [] }, 1)]).toEqual([
      false,
      false,
      true,
    ])
    // 64 levels are accepted, and 65 are not.
    const lists = (levels: number): object => (levels === 1 ? [] : [lists(levels - 1)])
    expect([exceedsDepth(lists(64)), exceedsDepth(lists(65))]).toEqual([false, true])
    expect(exceedsDepth([{}, [[]]], 2)).toBe(true)
  })
})

describe('decoding a record', () => {
  it('accepts an object, and nothing else', () => {
    const record = { a: 1 }
    expect(toRecord(record)).toBe(record)
    expect([null, undefined, [], 'a', 7, true].map(toRecord)).toEqual(Array(6).fill(null))
  })

  it('keeps the items of a list that can be decoded, in order', () => {
    const toEven = (item: unknown) => (typeof item === 'number' && item % 2 === 0 ? item : null)
    expect(toList([4, 'x', 1, 0, 2], toEven)).toEqual([4, 0, 2])
    expect([toList({ 0: 2 }, toEven), toList('2', toEven), toTexts({})]).toEqual([null, null, null])
  })

  it('accepts as the id of a ticket what the graph accepts as one', () => {
    expect([7, 'A-1'].map(toTicketId)).toEqual(['7', 'A-1'])
    // DECISION-08: no control characters, at most 256 characters.
    expect(['a\u0000b', 'x'.repeat(257), 1.5, '', null].map(toTicketId)).toEqual(Array(5).fill(null))
  })

  it('reads text whose first character is a blank or a control character, where another one follows', () => {
    expect(['\u0001', ' \u00a0', '\u00a0'].map(toText)).toEqual(['\u0001', null, '\u00a0'])
  })

  it('reads numbers that are finite', () => {
    expect([0, -2, ' 7 ', Number.POSITIVE_INFINITY, 'Infinity', '  ', true, null].map(toNumber)).toEqual([
      0,
      -2,
      7,
      ...Array(5).fill(null),
    ])
  })

  it('finds a key in another casing where the documented one is absent', () => {
    expect(readKey({ Status: 'open', status: 'closed' }, 'status')).toBe('closed')
    expect(readKey({ statuses: 1, STATUS: null }, 'status')).toBeNull()
    expect(readKey({ other: 1 }, 'status')).toBeUndefined()
  })

  it('keeps the order of precedence in a record that has a key in three casings', () => {
    const normalise = createKeyNormaliser(['createdAt'])
    expect(normalise({ createdAt: 1, CREATEDAT: 2, createdat: 3 })).toEqual({ createdAt: 1 })
    expect(normalise({ CREATEDAT: 2, createdAt: 1 })).toEqual({ createdAt: 1 })
  })

  it('still brings keys into the documented casing after thousands of unknown ones', () => {
    const normalise = createKeyNormaliser(['createdAt'])
    for (let key = 0; key < 1_500; key++) normalise({ [`unknown-${key}`]: key })
    expect(normalise({ CreatedAt: 1, 'unknown-1499': 2 })).toEqual({ createdAt: 1, 'unknown-1499': 2 })
  })

  it('takes a number below 100,000,000,000 for seconds, and any other for milliseconds', () => {
    // 99,999,999,999 s is 5138-11-16T09:46:39Z; 100,000,000,000 ms is 1973-03-03T09:46:40Z.
    expect(toInstantFromEpoch(99_999_999_999)).toBe('5138-11-16T09:46:39.000Z')
    expect(toInstantFromEpoch(100_000_000_000)).toBe('1973-03-03T09:46:40.000Z')
    expect(toInstantFromEpoch(1_708_008_406_123.9)).toBe('2024-02-15T14:46:46.123Z')
  })

  it('takes the last millisecond of the year 9999, and no later one', () => {
    expect(toInstantFromEpoch(253_402_300_799_999)).toBe('9999-12-31T23:59:59.999Z')
    expect(toInstantFromEpoch(253_402_300_800_000)).toBeNull()
  })
})
