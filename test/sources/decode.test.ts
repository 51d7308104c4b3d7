import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeId, encodeId } from '../../src/domain/ids.ts'
import { toInstant } from '../../src/domain/instant.ts'
import {
  createRespelling,
  readKey,
  toId,
  toInstantFromEpoch,
  toInstantFromIso,
  toNumber,
  toText,
  toTexts,
} from '../../src/sources/decode.ts'
import { toBackoffMs } from '../../src/sources/http-client/retry.ts'
import { toPageReads } from '../../src/sources/pagination/page-window.ts'

describe('decoding', () => {
  it('takes for text what has something to see in it', () => {
    expect(['a', ' a ', 'ä', '0'].map(toText)).toEqual(['a', ' a ', 'ä', '0'])
    expect(['', ' ', '\n\t', 7, null, undefined, {}, []].map(toText)).toEqual(Array(8).fill(null))
    expect(toTexts(['a', 1, '', 'b'])).toEqual(['a', 'b'])
    expect(toTexts('a')).toBeNull()
  })

  it('takes for an id text or an exact whole number', () => {
    expect(['a', 7, 2 ** 53, 1.5, null].map(toId)).toEqual(['a', '7', null, null, null])
    expect([1.5, '1.5', '', 'x', Number.NaN, '1e3'].map(toNumber)).toEqual([1.5, 1.5, null, null, null, 1000])
  })

  it('gives a well-spelled record itself, and a copy where the casing differs; the documented spelling counts', () => {
    const respell = createRespelling(['Assignee', 'createdAt'])
    const well = { Assignee: 'a', extra: 1 }
    expect(respell(well)).toBe(well)
    expect(respell({ assignee: 'a', CREATEDAT: 1, extra: 2 })).toEqual({ Assignee: 'a', createdAt: 1, extra: 2 })
    expect(respell({ Assignee: 'right', ASSIGNEE: 'wrong' })).toMatchObject({ Assignee: 'right' })
    const hostile = respell(JSON.parse('{"assignee":"a","__proto__":{"createdAt":9}}'))
    expect(hostile.createdAt).toBeUndefined()
    expect(readKey({ CREATEDAT: 3 }, 'createdAt')).toBe(3)
  })

  it('writes every instant as Date does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) => {
        expect(toInstant(ms)).toBe(new Date(ms).toISOString())
      }),
    )
    expect(() => toInstant(253_402_300_800_000)).toThrow(RangeError)
    expect(() => toInstant(Number.NaN)).toThrow(RangeError)
    expect(toInstantFromEpoch(1)).toBe('1970-01-01T00:00:01.000Z')
    expect(toInstantFromIso('2024-01-15')).toBeNull()
  })

  it('makes ids that name what they were made of, remembered or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'grapheme-ascii' }), (externalId, tenant) => {
        const id = encodeId('ticket', 'oneview', tenant, externalId)
        expect(encodeId('ticket', 'oneview', tenant, externalId)).toBe(id)
        expect(decodeId(id)).toEqual({ kind: 'ticket', sourceKey: 'oneview', tenant, externalId })
      }),
    )
    expect(encodeId('agent', 'oneview', '', 'a')).not.toBe(encodeId('order', 'oneview', '', 'a'))
    expect(decodeId(`${encodeId('ticket', 'oneview', '', 'a')}=`)).toBeNull()
  })
})

describe('waiting before a repeat', () => {
  it('takes between half and all of a base that doubles up to the longest wait', () => {
    const backoff = { baseMs: 50, maxMs: 300 }
    expect([1, 2, 3, 4, 9].map((attempt) => toBackoffMs(attempt, backoff, () => 1))).toEqual([50, 100, 200, 300, 300])
    expect([1, 2, 3].map((attempt) => toBackoffMs(attempt, backoff, () => 0))).toEqual([25, 50, 100])
  })
})

describe('the pages that hold a slice', () => {
  it('are one where some page size up to the limit covers it, else two, and always are just that slice', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 100 }), (offset, limit) => {
        const reads = toPageReads(offset, limit, 100)
        expect(reads.length).toBeLessThanOrEqual(2)
        const given = reads.flatMap(({ page, pageSize, skip, take }) => {
          expect(pageSize).toBeLessThanOrEqual(100)
          expect(skip + take).toBeLessThanOrEqual(pageSize)
          return Array.from({ length: take }, (_, index) => page * pageSize + skip + index)
        })
        expect(given).toEqual(Array.from({ length: limit }, (_, index) => offset + index))
      }),
    )
    expect(toPageReads(25, 25, 100)).toEqual([{ page: 1, pageSize: 25, skip: 0, take: 25 }])
    expect(toPageReads(24, 26, 100)).toEqual([{ page: 0, pageSize: 50, skip: 24, take: 26 }])
  })

  it('are as small as may be where they are two: of the page before, a walk needs one record', () => {
    expect(toPageReads(50, 100, 100)).toEqual([
      { page: 1, pageSize: 50, skip: 0, take: 50 },
      { page: 1, pageSize: 100, skip: 0, take: 50 },
    ])
    expect(toPageReads(99, 100, 100)).toEqual([
      { page: 99, pageSize: 1, skip: 0, take: 1 },
      { page: 1, pageSize: 100, skip: 0, take: 99 },
    ])
  })
})
