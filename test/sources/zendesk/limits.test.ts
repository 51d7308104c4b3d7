import { describe, expect, it } from 'vitest'
import { zendeskConfig } from '../../../src/sources/zendesk/config.ts'
import { plans, readLimits } from '../../../src/sources/zendesk/limits.ts'

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
