import { describe, expect, it } from 'vitest'
import { readRetryAfter } from '../../src/outbound/retry-after.ts'

const now = Date.parse('2026-03-01T12:00:00.000Z')

describe('a Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 120 ', 120_000],
    ['0', 0],
    [['5', '7'], 5_000],
    // RFC 9110 §5.6.7: the preferred form, RFC 850's and asctime's, which is UTC too.
    ['Sun, 01 Mar 2026 12:02:00 GMT', 120_000],
    ['Sunday, 01-Mar-26 12:02:00 GMT', 120_000],
    ['Sun Mar  1 12:02:00 2026', 120_000],
    ['Sat, 28 Feb 2026 23:59:59 GMT', 0],
    ['Sun, 1 Mar 2026 12:02:00 UTC', 120_000],
    ['Sun, 01 Mar 2026 13:02:00 +0100', 120_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['Sunday', null],
    ['Sun, 01 Foo 2026 12:02:00 GMT', null],
    ['-5', null],
    ['1.5', null],
    ['1e9', null],
    ['2026-03-01', null],
    ['2026-03-01T12:02:00Z', null],
    ['', null],
    [[], null],
    [undefined, null],
  ])('%j is %j ms, in every time zone', (header, ms) => {
    const before = process.env.TZ
    try {
      for (const timeZone of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
        process.env.TZ = timeZone
        expect(readRetryAfter(header, now)).toBe(ms)
      }
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })
})
