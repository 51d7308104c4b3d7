import { readFileSync } from 'node:fs'
import type { JWTHeaderParameters } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { createAuthenticator } from '../../src/auth/authenticator.ts'
import { authConfig } from '../../src/auth/config.ts'
import { isScope } from '../../src/domain/permissions.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { bearer, createSigner, limits, signExactly, startIssuer } from './issuer.ts'

const page = readFileSync(new URL('../../docs/sign-in.md', import.meta.url), 'utf8')

type Json = Readonly<Record<string, unknown>>

/** One issuer's section of the page: its configuration, its token, and the scopes that the table promises. */
function readSection(title: string) {
  const text = page.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? ''
  const blocks = (language: string) =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(([, block = '']) => block)
  const [yaml = ''] = blocks('yaml')
  const [header = '', claims = ''] = blocks('json')
  const scopes = [...text.matchAll(/^\| .* \| ((?:`[^`|]+` ?)+) \|$/gm)].flatMap(([, cell = '']) => cell.match(/[^` ]+/g) ?? [])
  return {
    auth: (parse(yaml) as { auth: Json }).auth,
    header: JSON.parse(header) as JWTHeaderParameters,
    claims: JSON.parse(claims) as Json & { iat: number; exp: number },
    scopes,
  }
}

interface Changes {
  readonly claims?: Json
  readonly header?: object
  /** Of the configuration. */
  readonly settings?: Json
}

/** Presents a token of the page, with changes, to a gateway with the configuration of the page. The keys come from a server on loopback. */
async function present(title: string, { claims = {}, header = {}, settings = {} }: Changes = {}) {
  const section = readSection(title)
  const signer = await createSigner(section.header.kid!, 'RS256')
  const { published, others = [] } = publishedKeys[title]!
  const key = Object.fromEntries(Object.entries({ ...signer.publicJwk, ...published }).filter(([, value]) => value !== undefined))
  const issuer = await startIssuer([...others, key].map((publicJwk) => ({ ...signer, publicJwk })))
  const refused: object[] = []
  const config = authConfig.parse({ ...section.auth, ...settings, jwksUrl: issuer.url })
  const logger = { ...noLogger, warn: (fields: object) => void refused.push(fields) }
  const auth = createAuthenticator(config, { clock: () => (section.claims.iat + 60) * 1000, logger, limits })
  onTestFinished(() => {
    auth.close()
    return issuer.close()
  })
  const token = await signExactly(signer, { ...section.claims, ...claims }, { ...section.header, ...header })
  const viewer = await auth.authenticate(bearer(token)).catch((error: { code: string }) => error.code)
  return { viewer, refused, section, scopes: typeof viewer === 'string' ? [] : [...viewer.scopes].filter(isScope) }
}

/** How each issuer publishes its signing key, beside the members that every key has. */
const publishedKeys: Readonly<Record<string, { published: Json; others?: Json[] }>> = {
  // A realm publishes a key for encryption too.
  Keycloak: {
    published: { x5t: 'AAAA' },
    others: [{ kty: 'RSA', kid: 'enc', use: 'enc', alg: 'RSA-OAEP', n: 'AQAB', e: 'AQAB' }],
  },
  Auth0: { published: { x5t: 'AAAA', x5c: ['AAAA'] } },
  // Microsoft's keys name no algorithm.
  'Microsoft Entra ID': {
    published: { alg: undefined, x5t: 'AAAA', x5c: ['AAAA'], issuer: 'https://login.microsoftonline.com/t/v2.0' },
  },
  Okta: { published: {} },
  'Amazon Cognito': { published: {} },
}

describe('TOKEN-14: the configuration of the page accepts the token of the page, with its scopes', () => {
  it.each(Object.keys(publishedKeys))('%s', async (title) => {
    const { viewer, refused, section, scopes } = await present(title)
    expect(refused).toEqual([])
    expect(viewer).toMatchObject({ id: section.claims.sub, email: 'ada@desk.example', expiresAt: section.claims.exp })
    expect(viewer).toMatchObject({ name: title === 'Amazon Cognito' ? null : 'Ada Agent' })
    expect(scopes).toEqual(section.scopes)
    expect(scopes.length).toBeGreaterThan(1)
  })
  it('the page has these issuers and no other', () => {
    const titles = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title)
    expect(titles).toEqual(['The settings', ...Object.keys(publishedKeys), 'When a token is refused'])
  })
  it("Auth0's other profile, RFC 9068, with the same configuration", async () => {
    const claims = { azp: undefined, client_id: 'K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja', jti: '73WakrfVbNJBaAmhQtEeDv' }
    expect((await present('Auth0', { claims, header: { typ: 'at+jwt' } })).viewer).toMatchObject({ email: 'ada@desk.example' })
  })
  it("Keycloak's client roles and Cognito's groups, by the name that the page gives", async () => {
    const keycloak = { resource_access: { deskgraph: { roles: ['desk-viewer'] } } }
    const byClient = { claims: { scopes: 'resource_access.deskgraph.roles' } }
    expect((await present('Keycloak', { claims: keycloak, settings: byClient })).scopes).toEqual([
      'tickets:read',
      'source:oneview',
    ])
    const byGroup = { claims: { scopes: 'cognito:groups' }, scopeMap: { 'desk-agents': ['tickets:read', 'source:*'] } }
    expect((await present('Amazon Cognito', { settings: byGroup })).scopes).toEqual(['tickets:read', 'source:*'])
  })
})

describe('TOKEN-15: a near miss of each issuer is refused, and the log names the claim', () => {
  const tenant = '3f0a5b0e-94a8-4b9e-8f6c-2f1c7a7f6b11'
  const client = '57cbishk4j24pabc1234567890'
  it.each<[title: string, what: string, changes: Changes, claim: string]>([
    ['Keycloak', 'a token without the audience mapper', { claims: { aud: 'account' } }, 'aud'],
    ['Keycloak', 'a token of another realm', { claims: { iss: 'https://keycloak.example/realms/master' } }, 'iss'],
    ['Keycloak', 'an ID token', { claims: { aud: 'support-console', typ: 'ID' } }, 'aud'],
    ['Auth0', 'a token for the user info alone', { claims: { aud: ['https://desk.eu.auth0.com/userinfo'] } }, 'aud'],
    ['Auth0', 'an issuer without its slash', { claims: { iss: 'https://desk.eu.auth0.com' } }, 'iss'],
    ['Auth0', 'a token of 30 days', { claims: { exp: 1_767_225_600 + 2_592_000 } }, 'exp'],
    ['Auth0', 'a token of a day, with the default lifetime', { settings: { maxLifetimeSeconds: undefined } }, 'exp'],
    [
      'Microsoft Entra ID',
      'a token of version 1.0',
      { claims: { iss: `https://sts.windows.net/${tenant}/`, ver: '1.0' } },
      'iss',
    ],
    ['Microsoft Entra ID', 'a token for Microsoft Graph', { claims: { aud: '00000003-0000-0000-c000-000000000000' } }, 'aud'],
    ['Microsoft Entra ID', 'another tenant', { claims: { iss: 'https://login.microsoftonline.com/another/v2.0' } }, 'iss'],
    ['Okta', 'a token of the org server', { claims: { iss: 'https://desk.okta.com', aud: 'https://desk.okta.com' } }, 'iss'],
    ['Okta', 'an ID token', { claims: { aud: '0oaoesxtxmPf08QHk0h7' } }, 'aud'],
    ['Okta', 'a token of another type', { header: { typ: 'JWT' } }, 'typ'],
    ['Okta', 'its own token, with the default types', { settings: { typ: undefined } }, 'typ'],
    ['Amazon Cognito', 'an ID token', { claims: { aud: client, client_id: undefined, token_use: 'id' } }, 'client_id'],
    ['Amazon Cognito', 'a token of another app client', { claims: { client_id: 'another1234567890' } }, 'client_id'],
    ['Amazon Cognito', 'a token for another resource', { claims: { aud: 'https://billing.example' } }, 'aud'],
    ['Amazon Cognito', 'its own token, without audienceClaim', { settings: { audienceClaim: undefined } }, 'aud'],
  ])('%s: %s', async (title, _what, changes, claim) => {
    const { viewer, refused } = await present(title, changes)
    expect(viewer).toBe('UNAUTHENTICATED')
    expect(refused).toEqual([expect.objectContaining({ claim })])
  })
})
