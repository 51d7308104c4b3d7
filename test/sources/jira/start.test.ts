import { describe, expect, it } from 'vitest'
import { noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { claimAsLogin } from '../../../src/sources/identity-map.ts'
import { jiraConfig } from '../../../src/sources/jira/config.ts'
import { jiraPlugin } from '../../../src/sources/jira/index.ts'
import type { SourceDeps } from '../../../src/sources/source-plugin.ts'
import { translate } from '../../support/translate.ts'
import { json, startVendor } from '../../support/vendor.ts'

const scoped = { email: 'gateway@desk.example', token: 'a-token-with-scopes' }

/** What the log says at the start, and what the site was asked. */
async function start(config: object, status: number): Promise<{ lines: unknown[]; asked: string[] }> {
  const vendor = await startVendor((_, res) =>
    json(res, status === 200 ? { accountId: '5b10' } : { message: 'a secret of the site' }, status),
  )
  const logged = Promise.withResolvers<unknown[]>()
  const log = (...line: unknown[]) => logged.resolve(line)
  const logger = { ...noLogger, error: log, warn: log }
  const deps = { key: 'jira', loginOf: claimAsLogin, metrics: noMetrics, logger, clock: Date.now } as unknown as SourceDeps
  const { source } = await jiraPlugin.create(jiraConfig.parse({ url: vendor.url, ...config }), deps)
  if (status === 200) await expect.poll(() => vendor.lines()).toHaveLength(1)
  const lines = status === 200 ? [] : await logged.promise
  await source.close?.()
  return { lines, asked: vendor.lines() }
}

describe('JIRA-11: the start of a Jira source', () => {
  it('asks who the account is, and says nothing where it may come in', async () => {
    expect(await start(scoped, 200)).toEqual({ lines: [], asked: ['GET /rest/api/3/myself'] })
  })

  it('says what to do where the site refuses the token: one with scopes works at another address', async () => {
    const { lines } = await start(scoped, 401)
    expect(lines[0]).toEqual({ source: 'jira', code: 'UPSTREAM_AUTH_FAILED' })
    expect(lines[1]).toMatch(
      /The credentials were refused \(401\).*`email`.*A token with scopes works only at https:\/\/api\.atlassian\.com\/ex\/jira\/CLOUD-ID/,
    )
    expect(JSON.stringify(lines)).not.toMatch(/a-token-with-scopes|a secret of the site|127\.0\.0\.1/)
  })

  it('says that a classic token needs the e-mail address, where there is none', async () => {
    expect((await start({ token: 'classic' }, 401)).lines[1]).toContain('A classic API token needs `email` too.')
  })

  it('starts all the same where the site does not answer', async () => {
    expect((await start(scoped, 500)).lines).toEqual([
      { source: 'jira', code: 'UPSTREAM_UNAVAILABLE' },
      'Jira does not answer now',
    ])
  })
})

describe('the configuration of a Jira source', () => {
  const problemsOf = (config: object) => jiraConfig.safeParse(config).error?.issues.map(({ path }) => path.join('.'))

  it('has one kind of credentials, and keys of projects', () => {
    const url = 'https://acme.atlassian.net'
    expect(problemsOf({ url, ...scoped })).toBeUndefined()
    expect(problemsOf({ url })).toEqual(['oauth'])
    expect(problemsOf({ url, token: 'bearer' })).toBeUndefined()
    expect(problemsOf({ url, ...scoped, projects: ['DESK', 'no key'] })).toEqual(['projects.1'])
    const oauth = { tokenUrl: 'https://auth.atlassian.com/oauth/token', clientId: 'id', clientSecret: 'secret' }
    expect(problemsOf({ url, oauth })).toBeUndefined()
    expect(problemsOf({ url, oauth, email: 'a@desk.example' })).toEqual(['email'])
  })

  it('knows the address of the site only where it is configured, for an address of the API', async () => {
    const { createMapping } = await import('../../../src/sources/jira/mapping.ts')
    const { toIssue } = await import('../../../src/sources/jira/decode.ts')
    const urlOf = (config: object, key = 'DESK-1') => {
      const mapping = createMapping(jiraConfig.parse({ ...scoped, ...config }))
      const source = jiraPlugin.toInfo('jira', jiraConfig.parse({ ...scoped, ...config }))
      const issue = toIssue({ id: '1', key }, { fields: [], desks: [] })!
      return translate(mapping, issue, { source, tenant: '', observedAt: '2026-01-01T00:00:00.000Z' }, { isSummary: true }).url
    }
    // U+FFFD in UTF-8 is EF BF BD.
    expect(urlOf({ url: 'https://acme.atlassian.net' }, '\ud83d-1')).toBe('https://acme.atlassian.net/browse/%EF%BF%BD-1')
    const api = 'https://api.atlassian.com/ex/jira/4f6b9c1e'
    expect(urlOf({ url: 'https://acme.atlassian.net/' })).toBe('https://acme.atlassian.net/browse/DESK-1')
    expect([urlOf({ url: api }), urlOf({ url: api, siteUrl: 'https://acme.atlassian.net' })]).toEqual([
      null,
      'https://acme.atlassian.net/browse/DESK-1',
    ])
  })
})
