import { describe, expect, it } from 'vitest'
import {
  createKeyNormaliser,
  exceedsDepth,
  readKey,
  toId,
  toInstantFromEpoch,
  toInstantFromIso,
  toJsonInteger,
  toNumber,
  toText,
  toTexts,
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
})
