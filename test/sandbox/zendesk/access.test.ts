import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { planLimits } from '../../../sandbox/zendesk/limits.ts'
import { type Account, openAccount } from './account.ts'

const client = { id: 'deskgraph', secret: 'client-secret', redirectUri: 'http://127.0.0.1/callback' }

describe('OAuth', () => {
  let account: Account
  beforeAll(async () => {
    account = await openAccount({ oauthClients: [client] })
  })
  afterAll(() => account.close())

  const ask = (body: Record<string, unknown>) =>
    account.call('POST', '/oauth/tokens', { client_id: client.id, client_secret: client.secret, ...body })
  const consent = async (scope = 'read write') => {
    const parameters = new URLSearchParams({
      response_type: 'code',
      client_id: client.id,
      redirect_uri: client.redirectUri,
      scope,
      state: 's1',
    })
    const { headers } = await fetch(`${account.origin}/oauth/authorizations/new?${parameters}`, { redirect: 'manual' })
    const location = new URL(headers.get('location') ?? '')
    expect(location.searchParams.get('state')).toBe('s1')
    return { grant_type: 'authorization_code', code: location.searchParams.get('code'), redirect_uri: client.redirectUri }
  }
  const me = (token: string) => account.get('/api/v2/users/me', { authorization: `Bearer ${token}` })

  it('a code becomes an access token and a refresh token, once and within two minutes', async () => {
    const code = await consent()
    const { status, body } = await ask(code)
    expect([status, body.token_type, body.scope, body.expires_in, body.refresh_token_expires_in]).toEqual([
      200,
      'bearer',
      'read write',
      1800,
      2_592_000,
    ])
    expect((await me(body.access_token)).body.user.name).toBe('Nadia Rahman')
    expect((await ask(code)).body.error).toBe('invalid_grant')
    const late = await consent()
    account.passes(120_000)
    expect((await ask(late)).body.error).toBe('invalid_grant')
  })

  it('an access token expires, and a refresh replaces both tokens', async () => {
    const { body: first } = await ask({ ...(await consent()), expires_in: 300 })
    account.passes(300_000)
    const expired = await me(first.access_token)
    expect([expired.status, expired.body.error]).toEqual([401, 'invalid_token'])
    const refresh = (token: string) => ask({ grant_type: 'refresh_token', refresh_token: token })
    const { body: second } = await refresh(first.refresh_token)
    expect((await me(second.access_token)).status).toBe(200)
    const replayed = await refresh(first.refresh_token)
    expect([replayed.status, replayed.body.error]).toEqual([400, 'invalid_grant'])
    // A replay does not end the chain.
    const { body: third } = await refresh(second.refresh_token)
    expect((await me(second.access_token)).status).toBe(401)
    expect((await me(third.access_token)).status).toBe(200)
  })

  it('client credentials have no refresh token, and forms are read too', async () => {
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.id,
      client_secret: client.secret,
      scope: 'read',
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const { body } = await account.call('POST', '/oauth/tokens', form.toString(), headers)
    expect(body).not.toHaveProperty('refresh_token')
    expect((await me(body.access_token)).status).toBe(200)
  })

  it('a token does what its scopes say, and a wrong scope is granted and does nothing', async () => {
    const { body: reading } = await ask({ grant_type: 'client_credentials', scope: 'read' })
    const authorization = `Bearer ${reading.access_token}`
    expect((await account.get('/api/v2/tickets/1', { authorization })).status).toBe(200)
    expect((await account.call('PUT', '/api/v2/tickets/1', { ticket: {} }, { authorization })).status).toBe(403)
    const { body: wrong } = await ask({ grant_type: 'client_credentials', scope: 'tickets:reed' })
    expect((await me(wrong.access_token)).status).toBe(403)
    const asOther = { authorization, 'x-on-behalf-of': 'ploy@support.example' }
    expect((await account.get('/api/v2/users/me', asOther)).status).toBe(403)
  })

  it('refuses an unknown client, a wrong secret and an unknown grant', async () => {
    const wrong = await ask({ grant_type: 'client_credentials', client_secret: 'wrong' })
    expect([wrong.status, wrong.body.error]).toEqual([401, 'invalid_client'])
    expect((await ask({ grant_type: 'client_credentials', client_id: 'other' })).status).toBe(401)
    expect((await ask({ grant_type: 'password' })).body.error).toBe('unsupported_grant_type')
    expect((await ask({ grant_type: 'client_credentials', expires_in: 10 })).body.error).toBe('invalid_request')
  })
})

describe('rate limits', () => {
  let account: Account
  beforeEach(async () => {
    account = await openAccount({ limits: planLimits.team })
    return () => account.close()
  })

  const times = async (count: number, work: () => Promise<{ status: number }>) => {
    const statuses = []
    for (let time = 0; time < count; time++) statuses.push((await work()).status)
    return {
      passed: statuses.filter((status) => status !== 429).length,
      refused: statuses.filter((status) => status === 429).length,
    }
  }

  it('of the account: by plan, with headers, until the minute is over', async () => {
    expect(await times(200, () => account.get('/api/v2/groups'))).toEqual({ passed: 200, refused: 0 })
    account.passes(15_000)
    const { status, headers, body } = await account.get('/api/v2/groups')
    expect([status, body.error, headers.get('retry-after')]).toEqual([429, 'APIRateLimitExceeded', '45'])
    expect([headers.get('x-rate-limit'), headers.get('x-rate-limit-remaining')]).toEqual(['200', '0'])
    account.passes(45_000)
    const next = await account.get('/api/v2/groups')
    expect([next.status, next.headers.get('x-rate-limit-remaining'), next.headers.get('ratelimit-reset')]).toEqual([
      200,
      '199',
      '60',
    ])
  })

  it('of the list of tickets: 100 a minute, with a header of its own', async () => {
    const first = await account.get('/api/v2/tickets?page[size]=1')
    expect(first.headers.get('zendesk-ratelimit-tickets-index')).toBe('total=100; remaining=99; resets=60')
    expect(await times(100, () => account.get('/api/v2/tickets?page[size]=1'))).toEqual({ passed: 99, refused: 1 })
    expect((await account.get('/api/v2/tickets/1')).status).not.toBe(429)
  })

  it('of the export: 10 a minute', async () => {
    expect(await times(11, () => account.get('/api/v2/incremental/tickets/cursor?start_time=0'))).toEqual({
      passed: 10,
      refused: 1,
    })
  })

  it('of one ticket: 30 updates of one user in 10 minutes, refused in plain text', async () => {
    const { body } = await account.call('POST', '/api/v2/tickets', { ticket: { comment: { body: 'x' } } })
    const update = (headers: Record<string, string> = {}) =>
      account.call('PUT', `/api/v2/tickets/${body.ticket.id}`, { ticket: { priority: 'low' } }, headers)
    expect(await times(30, update)).toEqual({ passed: 30, refused: 0 })
    const { status, text, headers } = await update()
    expect([status, text]).toEqual([429, 'Rate limit for ticket updates exceeded, please wait before updating this ticket again'])
    expect([headers.get('retry-after'), headers.get('zendesk-ratelimit-tickets-update')]).toEqual([
      '600',
      'total=100; remaining=69; resets=60',
    ])
    expect((await update(account.basic('camila@support.example'))).status).toBe(200)
  })

  it('can be chosen while the account runs', async () => {
    account.zendesk.limits.set({ ...planLimits.enterprise, 'tickets-index': 2 })
    expect(await times(3, () => account.get('/api/v2/tickets?page[size]=1'))).toEqual({ passed: 2, refused: 1 })
  })
})
