import { describe, expect, it } from 'vitest'
import { freshdeskConfig } from '../../../src/sources/freshdesk/config.ts'
import { plans, readLimits, toCost } from '../../../src/sources/freshdesk/limits.ts'

describe('the limits of Freshdesk', () => {
  it('FRESHDESK-17 are those of the plan: all calls by what they cost, and lists, new tickets and changes by their number', () => {
    const numbersOf = (plan: keyof typeof plans) => plans[plan].map(({ name, calls, windowMs }) => [name, calls, windowMs])
    expect(numbersOf('growth')).toEqual([
      ['all', 200, 60_000],
      ['list', 20, 60_000],
      ['create', 80, 60_000],
      ['update', 80, 60_000],
    ])
    expect(numbersOf('trial').map(([, calls]) => calls)).toEqual([50, 20, 20, 20])
    expect(numbersOf('pro').map(([, calls]) => calls)).toEqual([400, 100, 160, 160])
    expect(numbersOf('enterprise').map(([, calls]) => calls)).toEqual([700, 200, 280, 280])
    expect(freshdeskConfig.parse({ url: 'https://company.freshdesk.com', token: 'key' }).budget.plan).toBe('growth')
  })

  it('FRESHDESK-17 are corrected by the headers of an answer, in which nonsense says nothing', () => {
    const headers = { 'x-ratelimit-total': '700', 'x-ratelimit-remaining': '689', 'x-ratelimit-used-currentrequest': '3' }
    expect(readLimits(headers)).toEqual([{ limit: 'all', total: 700, remaining: 689 }])
    expect(readLimits({ 'x-ratelimit-remaining': '0' })).toEqual([{ limit: 'all', remaining: 0 }])
    expect(readLimits({ 'x-ratelimit-total': 'many', 'x-ratelimit-remaining': '-1' })).toEqual([])
  })

  it('FRESHDESK-17 count lists, new tickets and changes by their number, and all calls by what they cost', () => {
    expect(plans.growth).toEqual([
      { name: 'all', calls: 200, windowMs: 60_000 },
      { name: 'list', calls: 20, windowMs: 60_000, kinds: ['list'], countsCalls: true },
      { name: 'create', calls: 80, windowMs: 60_000, kinds: [], countsCalls: true },
      { name: 'update', calls: 80, windowMs: 60_000, kinds: [], countsCalls: true },
    ])
  })

  it('FRESHDESK-17 have two calls for each part of a list, and one for each part of a ticket, beside the call itself', () => {
    expect([toCost([], 2), toCost(['requester', 'stats'], 2), toCost(['requester', 'stats', 'company'], 1)]).toEqual([
      ...[{ cost: 1 }, { cost: 5 }, { cost: 4 }],
    ])
  })

  it('FRESHDESK-17 take one whole number of a header alone', () => {
    expect(readLimits({ 'x-ratelimit-remaining': '7' })).toStrictEqual([{ limit: 'all', remaining: 7 }])
    expect(readLimits({ 'x-ratelimit-total': '700' })).toStrictEqual([{ limit: 'all', total: 700 }])
    expect(readLimits({ 'x-ratelimit-total': '999999999' })).toEqual([{ limit: 'all', total: 999_999_999 }])
    for (const value of ['9999999999', ' 7', '7 ', '7x', '', ['700', '600']])
      expect(readLimits({ 'x-ratelimit-total': value })).toEqual([])
    expect(readLimits({})).toEqual([])
  })
})
