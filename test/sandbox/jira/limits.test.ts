import { afterAll, beforeAll, expect, it } from 'vitest'
import { documentedLimits } from '../../../sandbox/jira/settings.ts'
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
