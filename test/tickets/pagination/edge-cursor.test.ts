import { describe, expect, it } from 'vitest'
import { shortHash } from '../../../src/domain/fingerprint.ts'
import {
  decodeEdgeCursor,
  type EdgePoint,
  encodeEdgeCursor,
  encodeHint,
  isEdgeCursor,
} from '../../../src/tickets/pagination/edge-cursor.ts'
import type { PositionHint, TicketPlace } from '../../../src/tickets/pagination/ticket-iterator.ts'

const listHash = 'ListHashAndMore_'
// The milliseconds from the year 1 to 2024: 738,885 days of 86,400,000, as eight digits of base 64.
// The letter before the time says its kind and that of the place: E ties, F a key, G a key that begins with its tenant, H a UUID.
const newYear = '2024-01-01T00:00:00.000Z'
const newYearText = 'Og_UfswA'
const ofKey = (externalId: string, tenant = ''): TicketPlace => ({ kind: 'key', key: { tenant, externalId } })

function encode(point: Partial<EdgePoint>): string | null {
  const { value = newYear, sourceHash = 'Src', place = ofKey('7'), sourcesHash = 'SS', hints = [] } = point
  return encodeEdgeCursor(listHash, { value, sourceHash, place }, sourcesHash + hints.map(encodeHint).join(''))
}

/** A cursor with a correct checksum. */
const signed = (body: string) => shortHash(body) + body

describe('an edge cursor', () => {
  // Lengths are doubled, so that `C` (2) is one character, and odd where base64url follows.
  it.each<[string, Partial<EdgePoint>]>([
    [`1ListHF${newYearText}SrcAC7SS`, {}],
    ['1ListHBSrcAC7SS', { value: null }],
    ['1ListHJ4SrcAC7SS', { value: '4' }],
    [`1ListHF${newYearText}SrcEDEI1234SS`, { place: ofKey('1234', 'DE') }],
    [`1ListHG${newYearText}SrcCI42-7SS`, { place: ofKey('42-7', '42') }],
    [`1ListHF${newYearText}SrcAJYTpiSS`, { place: ofKey('a:b') }],
    [`1ListHH${newYearText}SrcAASNFZ4mrze_-3LqYdlQyEASS`, { place: ofKey('01234567-89ab-cdef-fedc-ba9876543210') }],
    [`1ListHE${newYearText}SrcaaaaaaCbbbbccccSS`, { place: { kind: 'ties', ties: { last: 'aaaaaa', others: 'bbbbcccc' } } }],
    [
      `1ListHF${newYearText}SrcAC7SSAgHBD`,
      {
        hints: [
          { kind: 'active', offset: 0 },
          // 2 · 112 = 224 = 7 · 32 + 0: 0 with the sixth bit set is `g`, 7 is `H`.
          { kind: 'active', offset: 112 },
          { kind: 'exhausted', totalCount: null },
          { kind: 'exhausted', totalCount: 0 },
        ],
      },
    ],
  ])('is the checksum and %s', (body, point) => {
    const cursor = encode(point)
    expect(cursor).toBe(signed(body))
    expect(isEdgeCursor(cursor!)).toBe(true)
    expect(decodeEdgeCursor(cursor!, listHash)).toEqual({
      ...{ value: newYear, sourceHash: 'Src', place: ofKey('7'), sourcesHash: 'SS', hints: [] },
      ...point,
    })
  })

  it('keeps every hint', () => {
    const hints: PositionHint[] = [0, 1, 15, 16, 511, 512, 99_999, 5_000_000].flatMap((count) => [
      { kind: 'active', offset: count },
      { kind: 'exhausted', totalCount: count },
    ])
    for (const hint of hints) expect(decodeEdgeCursor(encode({ hints: [hint] })!, listHash).hints).toEqual([hint])
  })

  it('has 79 characters at most: a longer id has none', () => {
    // 6 + 6 + 1 + 8 + 3 + (1 + 2 + id) + 2 characters: an id of 50 makes 79.
    expect(encode({ place: ofKey('x'.repeat(50)) })).toHaveLength(79)
    expect(encode({ place: ofKey('x'.repeat(51)) })).toBeNull()
    expect(encode({ value: '9999-12-31T23:59:59.999Z' })).toBeNull()
    expect(encode({ value: '0000-01-01T00:00:00.000Z' })).toBeNull()
  })

  it.each([
    ['another checksum', `AAAAAA1ListHF${newYearText}SrcAC7SS`, 'is not a cursor of this list'],
    ['another list', signed(`1OtherF${newYearText}SrcAC7SS`), 'another filter, order or set of sources'],
    ['no more than a list', signed('1ListH'), 'is not a cursor of this list'],
    ['an unknown kind', signed('1ListHMSrcAC7SS'), 'is not a cursor of this list'],
    ['a time that is no number', signed('1ListHFééééééééSrcAC7SS'), 'is not a cursor of this list'],
    ['an id that is a path', signed(`1ListHF${newYearText}SrcAJYS9iSS`), 'is not a cursor of this list'],
    ['a tenant with a control character', signed(`1ListHF${newYearText}SrcFAAC7SS`), 'is not a cursor of this list'],
    ['a number that does not end', signed(`1ListHF${newYearText}SrcAC7SS________`), 'is not a cursor of this list'],
    ['a character of no alphabet', signed(`1ListHF${newYearText}SrcAC7SS!`), 'is not a cursor of this list'],
  ])('with %s is BAD_USER_INPUT', (_, cursor, message) => {
    expect(() => decodeEdgeCursor(cursor, listHash)).toThrowError(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }),
    )
  })
})
