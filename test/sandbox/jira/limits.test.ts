import { afterAll, beforeAll, expect, it } from 'vitest'
import { documentedLimits } from '../../../sandbox/jira/settings.ts'
import { cloudId } from '../../../sandbox/jira/site.ts'
import { type JiraSite, openSite } from './site.ts'

let site: JiraSite
beforeAll(async () => {
  site = await openSite({ settings: { limits: { ...documentedLimits, readsPerSecond: 3 } } })
})
afterAll(() => site.close())

it('refuses the fourth read of a second with the headers that Jira documents', async () => {
  for (let call = 1; call <= 3; call++) expect((await site.get('/rest/api/3/issue/SUP-1')).status).toBe(200)
  const refused = await site.get('/rest/api/3/issue/SUP-1')
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(refused.headers.get('x-ratelimit-reset')).toBe('2026-03-02T12:00Z')
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('0')
  expect(refused.headers.get('ratelimit-reason')).toBe('jira-burst-based')
  expect(refused.body.errorMessages).toEqual(['Rate limit exceeded.'])
  // Other operations have their own count.
  expect((await site.get('/rest/api/3/issue/SUP-1/comment')).status).toBe(200)
  site.passes(1000)
  expect((await site.get('/rest/api/3/issue/SUP-1')).status).toBe(200)
})

it('counts what apps do in an hour', async () => {
  site.jira.settings.limits = { ...documentedLimits, appPointsPerHour: 2 }
  const { body } = await site.post('/oauth/token', {
    ...{ grant_type: 'refresh_token', client_id: 'sandbox-jira-client', client_secret: 'sandbox-jira-client-secret' },
    refresh_token: 'sandbox-jira-refresh-token',
  })
  const read = () => site.get(`/ex/jira/${cloudId}/rest/api/3/myself`, { authorization: `Bearer ${body.access_token}` })
  expect([(await read()).status, (await read()).status]).toEqual([200, 200])
  const refused = await read()
  expect([refused.status, refused.headers.get('ratelimit-reason')]).toEqual([429, 'jira-quota-tenant-based'])
  expect(refused.headers.get('retry-after')).toBe('3600')
  // API tokens have no quota.
  expect((await site.get('/rest/api/3/myself')).status).toBe(200)
})
