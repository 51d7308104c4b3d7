import { describe, expect, it } from 'vitest'
import { plans, readLimits } from '../../../src/sources/intercom/limits.ts'

/** Of the clock, in milliseconds since 1970. */
const now = 1_772_323_200_000

describe('the limits of Intercom', () => {
  it('INTERCOM-13 are 10,000 calls a minute in windows of ten seconds, corrected by the headers', () => {
    expect(plans.app).toEqual([{ name: 'all', calls: 1666, windowMs: 10_000 }])
    const reset = String(now / 1000 + 7)
    const read = (headers: { [name: string]: string }) => readLimits(headers, 200, now)
    expect(read({ 'x-ratelimit-limit': '1666', 'x-ratelimit-remaining': '1500', 'x-ratelimit-reset': reset })).toEqual([
      { limit: 'all', remaining: 1500, total: 1666, resetsInMs: 7000 },
    ])
    expect(read({ 'x-ratelimit-limit': '166', 'x-ratelimit-remaining': '0' })).toEqual([
      { limit: 'all', remaining: 0, total: 166 },
    ])
    // Of a minute: the total is none of ten seconds.
    expect(read({ 'x-ratelimit-limit': '10000', 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '5' })).toEqual([
      { limit: 'all', remaining: 12 },
    ])
    expect(read({})).toEqual([])
  })

  const left = { 'x-ratelimit-remaining': '5' }
  const read = (headers: { [name: string]: string }) => readLimits(headers, 200, now)

  it.each([
    ['1666', { total: 1666 }],
    ['1', { total: 1 }],
    ['1667', {}],
    ['0', {}],
    ['-1', {}],
    ['many', {}],
  ])('have the total %s only where ten seconds can have it', (total, expected) => {
    expect(read({ ...left, 'x-ratelimit-limit': total })).toStrictEqual([{ limit: 'all', remaining: 5, ...expected }])
  })

  it.each([
    [0, { resetsInMs: 0 }],
    [10, { resetsInMs: 10_000 }],
    [11, {}],
    [-1, {}],
  ])('end in %i seconds only where that is in the window', (seconds, expected) => {
    const reset = String(now / 1000 + seconds)
    expect(read({ ...left, 'x-ratelimit-reset': reset })).toStrictEqual([{ limit: 'all', remaining: 5, ...expected }])
  })

  it('say nothing without a number of calls that are left', () => {
    for (const remaining of ['-1', 'many', '']) {
      const headers = { 'x-ratelimit-remaining': remaining, 'x-ratelimit-limit': '1666' }
      expect(read(headers)).toEqual([])
    }
    expect(read({ 'x-ratelimit-limit': '1666', 'x-ratelimit-reset': String(now / 1000) })).toEqual([])
  })
})
