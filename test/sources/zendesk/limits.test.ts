import { describe, expect, it } from 'vitest'
import { zendeskConfig } from '../../../src/sources/zendesk/config.ts'
import { plans, readLimits, toUpdateCost } from '../../../src/sources/zendesk/limits.ts'

describe('the limits of Zendesk', () => {
  it('ZENDESK-19 are those of the plan, and for some calls a number of their own', () => {
    const callsOf = (plan: keyof typeof plans) => plans[plan].find(({ name }) => name === 'all')
    expect(callsOf('team')).toEqual({ name: 'all', calls: 200, windowMs: 60_000 })
    expect([callsOf('growth')?.calls, callsOf('professional')?.calls]).toEqual([400, 400])
    expect([callsOf('enterprise')?.calls, callsOf('highVolume')?.calls]).toEqual([700, 2500])
    expect(plans.enterprise.slice(1).map(({ name, calls, windowMs }) => [name, calls, windowMs])).toEqual([
      ['tickets-index', 100, 60_000],
      ['tickets-update', 100, 60_000],
      ['ticket-update', 30, 600_000],
      ['incremental-exports', 10, 60_000],
    ])
  })

  it('ZENDESK-19 are corrected by the headers of an answer, in which nonsense says nothing', () => {
    const headers = {
      'x-rate-limit': '700',
      'x-rate-limit-remaining': '699',
      'zendesk-ratelimit-tickets-index': 'total=100; remaining=42; resets=31',
      'zendesk-ratelimit-tickets-update': 'total=many; remaining=-1',
      'content-type': 'application/json',
    }
    expect(readLimits(headers)).toEqual([
      { limit: 'all', total: 700, remaining: 699 },
      { limit: 'tickets-index', total: 100, remaining: 42, resetsInMs: 31_000 },
    ])
    expect(readLimits({ 'zendesk-ratelimit-tickets-index': '' })).toEqual([])
  })

  it('ZENDESK-19 have calls that count by their kind, and updates that count by their ticket', () => {
    expect(plans.team).toEqual([
      { name: 'all', calls: 200, windowMs: 60_000 },
      { name: 'tickets-index', calls: 100, windowMs: 60_000, kinds: ['list'] },
      { name: 'tickets-update', calls: 100, windowMs: 60_000, kinds: [] },
      { name: 'ticket-update', calls: 30, windowMs: 600_000, kinds: [], perSubject: true },
      { name: 'incremental-exports', calls: 10, windowMs: 60_000, kinds: ['export'] },
    ])
    expect(plans.highVolume.at(-1)).toMatchObject({ name: 'incremental-exports', calls: 30 })
    expect(toUpdateCost('35436')).toEqual({ subject: '35436', limits: ['tickets-update', 'ticket-update'] })
  })

  it('ZENDESK-19 end when the account says so, in seconds', () => {
    expect(readLimits({ 'ratelimit-reset': '41' })).toStrictEqual([{ limit: 'all', resetsInMs: 41_000 }])
    expect(readLimits({ 'x-rate-limit-remaining': '0', 'ratelimit-reset': '0' })).toEqual([
      { limit: 'all', remaining: 0, resetsInMs: 0 },
    ])
  })

  it('ZENDESK-19 of one operation are read part by part, however they are spaced', () => {
    const read = (value: string | string[], name = 'zendesk-ratelimit-tickets-index') => readLimits({ [name]: value })
    expect(read('remaining=7')).toStrictEqual([{ limit: 'tickets-index', remaining: 7 }])
    expect(read(' total=100;remaining=7 ;  resets=1 ')).toEqual([
      { limit: 'tickets-index', total: 100, remaining: 7, resetsInMs: 1000 },
    ])
    expect(read(['remaining=7', 'remaining=6'])).toEqual([])
    expect([read('remaining=7', 'x-zendesk-ratelimit-a'), read('remaining=7', 'zendesk-ratelimit-')]).toEqual([[], []])
  })

  it('ZENDESK-19 take whole numbers alone', () => {
    for (const value of ['7x', 'x7', '1.5', '', '9007199254740993', ['700', '600']])
      expect(readLimits({ 'x-rate-limit': value })).toEqual([])
  })
})

describe('the configuration of a Zendesk', () => {
  const base = { url: 'https://company.zendesk.com' }
  const oauth = { tokenUrl: 'https://company.zendesk.com/oauth/tokens', clientId: 'deskgraph', clientSecret: 'secret' }

  it('has one way to sign in: OAuth, an access token, or an API token with the address of its account', () => {
    expect(zendeskConfig.parse({ ...base, oauth })).toMatchObject({ budget: { plan: 'team' }, actAsViewer: false })
    expect(zendeskConfig.parse({ ...base, token: 'a' })).toMatchObject({ token: 'a' })
    expect(zendeskConfig.parse({ ...base, token: 'a', email: 'bo@company.example' })).toMatchObject({
      email: 'bo@company.example',
    })
    const problemsOf = (block: object) =>
      zendeskConfig.safeParse(block).error?.issues.map(({ path, message }) => [path.join('.'), message])
    expect(problemsOf(base)).toEqual([['oauth', 'write one of `oauth` and `token`']])
    expect(problemsOf({ ...base, oauth, token: 'a' })).toEqual([['oauth', 'write one of `oauth` and `token`']])
    expect(problemsOf({ ...base, oauth, email: 'bo@company.example' })).toEqual([
      ['email', 'an e-mail address goes with an API token: write it in `token`'],
    ])
  })
})
