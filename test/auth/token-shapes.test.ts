import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Authenticator, createAuthenticator } from '../../src/auth/authenticator.ts'
import { authConfig } from '../../src/auth/config.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { subscribeOverSocket } from '../support/live.ts'
import { bearer, configFor, createSigner, limits, type Signer, sign, startIssuer, startOfTime } from './issuer.ts'

let signer: Signer
let issuer: Awaited<ReturnType<typeof startIssuer>>
const open: Authenticator[] = []
beforeAll(async () => {
  signer = await createSigner('key-1')
  issuer = await startIssuer([signer])
})
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})
afterAll(() => issuer.close())

interface Warning {
  readonly claim: string | null
  readonly reason?: string
  readonly message: string
}

/** What a gateway with these settings says to a token with these changes, and what its operator reads. */
async function present(settings: object, claims: object = {}, header: object = {}) {
  const warnings: Warning[] = []
  const logger = {
    ...noLogger,
    warn: (fields: object, message: string) => void warnings.push({ ...(fields as Warning), message }),
  }
  const auth = createAuthenticator(configFor(issuer.url, settings), { clock: () => startOfTime, logger, limits })
  open.push(auth)
  const token = await sign(signer, claims, header)
  const viewer = await auth.authenticate(bearer(token)).catch((error: { code: string }) => error.code)
  return { viewer, warnings, scopes: typeof viewer === 'string' ? [] : [...viewer.scopes] }
}
const refusal = (claim: string | null, reason: string) => [{ claim, reason, message: 'a token was refused' }]

describe('TOKEN-11: the typ of a token', () => {
  // RFC 7519 §5.1: typ is optional. RFC 9068 §2.1: an access token of that profile has at+jwt.
  it.each([
    ['absent, where the configuration names it', ['JWT', 'none'], undefined, true],
    ['JWT, where absence is allowed too', ['JWT', 'none'], 'JWT', true],
    ['absent, where only absence is allowed', ['none'], undefined, true],
    ['absent, by default', ['JWT', 'at+jwt'], undefined, false],
    ['JWT, where only absence is allowed', ['none'], 'JWT', false],
    ['the word none, which is not absence', ['JWT', 'none'], 'none', false],
    ['an empty text', ['JWT', 'none'], '', false],
    ['a number', ['JWT', 'none'], 5, false],
    ['null', ['JWT', 'none'], null, false],
    ['that of a proof (RFC 9449 §4.2), which is no access token', ['JWT', 'none'], 'dpop+jwt', false],
  ])('%s', async (_what, typ, given, expected) => {
    const { viewer, warnings } = await present({ typ }, {}, { typ: given })
    if (expected) expect(viewer).toMatchObject({ id: 'agent-1' })
    else {
      expect(viewer).toBe('UNAUTHENTICATED')
      expect(warnings).toEqual(refusal('typ', given === undefined ? 'missing' : 'check_failed'))
    }
  })
})

describe('TOKEN-11, DECISION-52: the audience of a token', () => {
  const byClient = { audienceClaim: 'client_id', audience: ['web-app', 'deskgraph'] }
  it.each<[string, object, object, string | true]>([
    ['in aud', {}, {}, true],
    ['missing', {}, { aud: undefined }, 'aud'],
    ['missing, though client_id is ours and is not configured', {}, { aud: undefined, client_id: 'deskgraph' }, 'aud'],
    ['in the configured claim', byClient, { aud: undefined, client_id: 'web-app' }, true],
    ['in the configured claim, as a list', byClient, { aud: undefined, client_id: ['x', 'web-app'] }, true],
    ['in the configured claim, by a path', { audienceClaim: 'app.id' }, { aud: undefined, app: { id: 'deskgraph' } }, true],
    ['in neither claim', byClient, { aud: undefined }, 'client_id'],
    ['in the configured claim, of another client', byClient, { aud: undefined, client_id: 'web-app-2' }, 'client_id'],
    ['empty in the configured claim', byClient, { aud: undefined, client_id: [] }, 'client_id'],
    ['in the configured claim and in aud', byClient, { client_id: 'web-app', aud: ['other', 'deskgraph'] }, true],
    // RFC 7519 §4.1.3: a token whose aud does not name us must be rejected.
    ['in the configured claim, while aud names another', byClient, { client_id: 'web-app', aud: 'billing' }, 'aud'],
    ['in aud alone, where another claim is configured', byClient, { aud: 'deskgraph' }, 'client_id'],
  ])('%s', async (_what, settings, claims, expected) => {
    const { viewer, warnings } = await present(settings, claims)
    if (expected === true) return expect(viewer).toMatchObject({ id: 'agent-1' })
    expect(viewer).toBe('UNAUTHENTICATED')
    const isMissing = !Object.entries(claims).some(([name, value]) => name === expected && value !== undefined)
    expect(warnings).toEqual(refusal(expected, isMissing ? 'missing' : 'check_failed'))
  })
})

describe('DECISION-52: a claim is read by its exact name, then as a path with dots', () => {
  const roles = ['tickets:read']
  it.each<[string, string, object]>([
    ['a name', 'permissions', { permissions: roles }],
    ['a path', 'realm_access.roles', { realm_access: { roles } }],
    ['a longer path', 'resource_access.desk.roles', { resource_access: { desk: { roles } } }],
    ['a path through a key with dots', 'resource_access.desk.example.roles', { resource_access: { 'desk.example': { roles } } }],
    ['a name with dots and slashes', 'https://example.com/roles', { 'https://example.com/roles': roles }],
    ['a path below such a name', 'https://example.com/app.roles', { 'https://example.com/app': { roles } }],
    ['the exact name before the path', 'a.b', { 'a.b': roles, a: { b: ['routing:admin'] } }],
    ['the path where a prefix is no object', 'a.b.c', { a: 'text', 'a.b': { c: roles } }],
    ['a path after a dead end', 'a.b.c', { a: { x: 1 }, 'a.b': { c: roles } }],
    ['a name with a colon', 'cognito:groups', { 'cognito:groups': roles }],
  ])('%s', async (_what, name, claims) => {
    expect((await present({ claims: { scopes: name } }, { scope: 'routing:admin', ...claims })).scopes).toEqual(roles)
  })
  it.each<[string, string, object]>([
    ['a path that ends early', 'realm_access.roles', { realm_access: {} }],
    ['an exact name without a value', 'a.b', { 'a.b': null, a: { b: roles } }],
    ['what every object inherits', 'constructor.name', {}],
    ['an item of a list', 'lists.0', { lists: [roles] }],
    ['the length of a list', 'lists.length', { lists: ['a'] }],
    ['an empty part of a path', 'a..b', { a: { b: roles } }],
  ])('not %s', async (_what, name, claims) => {
    const { viewer, scopes, warnings } = await present({ claims: { scopes: name } }, { scope: 'tickets:read', ...claims })
    expect(viewer).toMatchObject({ id: 'agent-1' })
    expect(scopes).toEqual([])
    expect(warnings).toEqual([{ claim: name, message: 'a valid token grants nothing: the claim names no scope' }])
  })
  it('also for identity and name', async () => {
    const claims = { identity: 'https://desk.example/email', name: 'profile.name' }
    const token = { 'https://desk.example/email': 'ada@desk.example', profile: { name: 'Ada' }, email: 'other@desk.example' }
    expect((await present({ claims }, token)).viewer).toMatchObject({ email: 'ada@desk.example', name: 'Ada' })
  })
  it('is a list, or text with blanks between the values (RFC 6749 §3.3)', async () => {
    const values = ['tickets:read', 'source:*']
    expect((await present({}, { scope: values })).scopes).toEqual(values)
    expect((await present({}, { scope: ' tickets:read  source:* ' })).scopes).toEqual(values)
    expect((await present({}, { scope: { 'tickets:read': true } })).scopes).toEqual([])
  })
})

describe('auth.scopeMap', () => {
  const scopeMap = { 'deskgraph/read': ['tickets:read'], agent: ['tickets:read', 'tickets:write', 'source:oneview'], none: [] }
  it('translates values of the claim; other values are the scope itself', async () => {
    expect((await present({ scopeMap }, { scope: 'deskgraph/read' })).scopes).toEqual(['tickets:read'])
    expect((await present({ scopeMap }, { scope: 'agent source:rbi' })).scopes).toEqual([...scopeMap.agent, 'source:rbi'])
    expect((await present({ scopeMap }, { scope: 'none' })).scopes).toEqual([])
    expect((await present({ scopeMap }, { scope: 'constructor' })).scopes).toEqual(['constructor'])
  })
  it('takes no value that is no scope', () => {
    const parse = (scope: string) =>
      authConfig.safeParse({ mode: 'jwt', issuer: 'i', audience: 'a', publicKeyFile: 'k', scopeMap: { agent: [scope] } })
    for (const scope of ['tickets:reed', 'source:', 'source:One', '*', '']) expect(parse(scope).success, scope).toBe(false)
    for (const scope of ['customers:pii', 'source:*', 'source:one-view']) expect(parse(scope).success, scope).toBe(true)
  })
})

describe('TOKEN-12: the log names the claim of a refused token, and no value', () => {
  const seconds = startOfTime / 1000
  it.each<[string, object, object, object[]]>([
    ['another issuer', { iss: 'https://c4n4ry.example' }, {}, refusal('iss', 'check_failed')],
    ['no issuer', { iss: undefined }, {}, refusal('iss', 'missing')],
    ['another audience', { aud: 'c4n4ry' }, {}, refusal('aud', 'check_failed')],
    ['no expiry', { exp: undefined }, {}, refusal('exp', 'missing')],
    ['an expired token', { exp: seconds - 31 }, {}, refusal('exp', 'check_failed')],
    ['a life that is too long', { exp: seconds + 86_400 }, {}, refusal('exp', 'check_failed')],
    ['no time of issue', { iat: undefined }, {}, refusal('iat', 'missing')],
    ['a start in the future', { nbf: seconds + 60 }, {}, refusal('nbf', 'check_failed')],
    ['no subject and no identity', { sub: undefined, email: undefined }, {}, refusal('sub', 'missing')],
    ['an unknown key', {}, { kid: 'c4n4ry' }, refusal(null, 'ERR_JWKS_NO_MATCHING_KEY')],
  ])('%s', async (_what, claims, header, expected) => {
    const { viewer, warnings } = await present({}, { email: 'c4n4ry@desk.example', ...claims }, header)
    expect(viewer).toBe('UNAUTHENTICATED')
    expect(warnings).toEqual(expected)
  })
  it('says nothing of a token that is accepted and grants something', async () => {
    expect((await present({})).warnings).toEqual([])
  })
})

describe('TOKEN-13: a token may be as long as the headers of a request', () => {
  let gateway: GatewayUnderTest
  const log: string[] = []
  const now = () => Math.floor(Date.now() / 1000)
  /** An Authorization header of this many characters, or up to four more. */
  async function headerOf(length: number): Promise<string> {
    const claims = { iat: now(), exp: now() + 600, scope: 'tickets:read source:*' }
    const headerWith = async (groups: string) => bearer(await sign(signer, { ...claims, groups })).authorization
    const missing = length - (await headerWith('')).length
    // Base64url makes four characters of three.
    return headerWith('g'.repeat(Math.ceil((missing * 3) / 4)))
  }
  beforeAll(async () => {
    gateway = await startGatewayUnderTest({
      replayHistory: false,
      log,
      config: (config) => ({ ...config, auth: configFor(issuer.url) }),
    })
  })
  afterAll(() => gateway.close())

  const ask = (authorization: string) =>
    fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: '{"query":"{ __typename }"}',
    })

  it.each([12_500, 15_900])('%i characters are accepted over HTTP and WebSocket', async (length) => {
    const authorization = await headerOf(length)
    expect(await (await ask(authorization)).json()).toEqual({ data: { __typename: 'Query' } })
    const socket = subscribeOverSocket(gateway.url, '{ __typename }', {}, { authorization })
    expect(await socket.receive(1)).toEqual([{ data: { __typename: 'Query' } }])
    socket.close()
  })
  it('a longer one is refused on both', async () => {
    const authorization = await headerOf(limits.maxHeaderBytes + 1)
    expect((await ask(authorization)).status).toBe(431)
    const socket = subscribeOverSocket(gateway.url, '{ __typename }', {}, { authorization })
    expect(await socket.ended).toMatch(/^44/)
    expect(socket.messages).toEqual([])
  })
  it('TOKEN-12: a refused token leaves a line at level warn in the log of the gateway', async () => {
    log.length = 0
    const token = await sign(signer, { iat: now(), exp: now() + 600, aud: undefined, email: 'c4n4ry@desk.example' })
    expect((await ask(`Bearer ${token}`)).status).toBe(401)
    const lines = log.map((line) => JSON.parse(line)).filter(({ message }) => message === 'a token was refused')
    expect(lines).toEqual([expect.objectContaining({ level: 40, claim: 'aud', reason: 'missing' })])
    expect(log.join()).not.toContain('c4n4ry')
  })
})
