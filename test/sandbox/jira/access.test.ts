import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cloudId } from '../../../sandbox/jira/site.ts'
import { basic, type JiraSite, openSite } from './site.ts'

let site: JiraSite
beforeAll(async () => {
  site = await openSite({
    scopedToken: 'scoped-token',
    oauth: { clientId: 'client', clientSecret: 'secret', refreshToken: 'refresh-0' },
  })
})
afterAll(() => site.close())

const gateway = `/ex/jira/${cloudId}`
const myself = '/rest/api/3/myself'
const grant = (refreshToken: string, clientSecret = 'secret') =>
  site.post(
    '/oauth/token',
    { grant_type: 'refresh_token', client_id: 'client', client_secret: clientSecret, refresh_token: refreshToken },
    { authorization: '' },
  )

describe('access to the Jira site of the sandbox', () => {
  it('takes classic tokens at the site and scoped ones at the API gateway, and refuses each at the other', async () => {
    const [classic, scoped] = [basic('deskgraph@acme.example'), basic('deskgraph@acme.example', 'scoped-token')]
    expect((await site.get(myself, classic)).status).toBe(200)
    expect((await site.get(gateway + myself, classic)).status).toBe(401)
    expect((await site.get(myself, scoped)).status).toBe(401)
    const { status, body } = await site.get(gateway + myself, scoped)
    expect([status, body.self]).toEqual([
      200,
      `${site.origin}${gateway}/rest/api/3/user?accountId=${encodeURIComponent(body.accountId)}`,
    ])
    expect((await site.get(`/ex/jira/other-cloud${myself}`, scoped)).status).toBe(401)
  })

  it('refuses in the shape of each API', async () => {
    const wrong = basic('deskgraph@acme.example', 'wrong')
    expect((await site.get(myself, wrong)).body).toEqual({
      ...{ errorMessages: ['Client must be authenticated to access this resource.'], errors: {} },
    })
    expect((await site.get('/rest/servicedeskapi/servicedesk', wrong)).body.i18nErrorMessage.i18nKey).toBe('sd.unauthenticated')
    expect((await site.get(gateway + myself, wrong)).body).toEqual({ code: 401, message: 'Unauthorized' })
  })

  it('refuses a person who has left', async () => {
    expect((await site.get(myself, basic('gerald.brennan@acme.example'))).status).toBe(401)
  })

  it('refreshes tokens of OAuth, each refresh token once', async () => {
    const first = await grant('refresh-0')
    expect(first.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 })
    const used = await grant('refresh-0')
    expect([used.status, used.body]).toEqual([
      403,
      { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
    ])
    const second = await grant(first.body.refresh_token)
    expect([second.status, second.body.refresh_token === first.body.refresh_token]).toEqual([200, false])
    expect((await grant(second.body.refresh_token, 'wrong')).status).toBe(401)
    const bearer = { authorization: `Bearer ${second.body.access_token}` }
    expect((await site.get(gateway + myself, bearer)).body.displayName).toBe('Deskgraph Service')
    expect((await site.get(myself, bearer)).status).toBe(401)
    expect((await site.get('/oauth/token/accessible-resources', bearer)).body[0]).toMatchObject({ id: cloudId, name: 'acme' })
    site.passes(3_600_000)
    expect((await site.get(gateway + myself, bearer)).status).toBe(401)
  })
})
