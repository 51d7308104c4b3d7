import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Authenticator, createAuthenticator } from '../../src/auth/authenticator.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { bearer, configFor, createSigner, goodClaims, limits, type Signer, sign, startIssuer, startOfTime } from './issuer.ts'

let signer: Signer
let issuer: Awaited<ReturnType<typeof startIssuer>>
let auth: Authenticator
let time = startOfTime
const open: Authenticator[] = []

function authenticator(more: object = {}): Authenticator {
  const made = createAuthenticator(configFor(issuer.url, more), { clock: () => time, logger: noLogger, limits })
  open.push(made)
  return made
}
/** Expects a refusal, with the one message that every refusal has. */
async function expectRefused(headers: Record<string, string>, by = auth): Promise<void> {
  const error: unknown = await by.authenticate(headers).then(
    () => 'accepted',
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DeskgraphError)
  expect(error).toMatchObject({ code: 'UNAUTHENTICATED', message: 'A valid bearer token is needed.' })
}
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

beforeAll(async () => {
  signer = await createSigner('key-1')
  issuer = await startIssuer([signer])
  auth = authenticator()
})
afterEach(() => {
  time = startOfTime
})
afterAll(async () => {
  for (const each of open) each.close()
  await issuer.close()
})

describe('a good token', () => {
  it('identifies its bearer with the identity, name, scopes and expiry that it states', async () => {
    expect(await auth.authenticate(bearer(await sign(signer)))).toEqual({
      id: 'agent-1',
      email: 'agent@example.com',
      name: 'Ada Agent',
      scopes: new Set(['tickets:read', 'source:oneview']),
      expiresAt: startOfTime / 1000 + 3_600,
    })
  })
  it('may carry its scopes as a list, and its claims under configured names', async () => {
    const mapped = authenticator({ claims: { scopes: 'permissions', identity: 'upn', name: 'display' } })
    const claims = { permissions: ['tickets:read', 7, ''], upn: 'ada@corp.example', display: 'Ada', scope: 'routing:admin' }
    expect(await mapped.authenticate(bearer(await sign(signer, claims)))).toMatchObject({
      email: 'ada@corp.example',
      name: 'Ada',
      scopes: new Set(['tickets:read']),
    })
  })
  it('has no scopes when it states none', async () => {
    expect((await auth.authenticate(bearer(await sign(signer, { scope: undefined })))).scopes.size).toBe(0)
  })
  it('takes its id from the identity where it has no subject, and is refused where it has neither', async () => {
    const viewer = await auth.authenticate(bearer(await sign(signer, { sub: undefined })))
    expect(viewer.id).toBe('identity:agent@example.com')
    await expectRefused(bearer(await sign(signer, { sub: undefined, email: undefined })))
  })
  it('may name one of several audiences', async () => {
    const several = authenticator({ audience: ['deskgraph', 'desk'] })
    expect((await several.authenticate(bearer(await sign(signer, { aud: ['other', 'desk'] })))).id).toBe('agent-1')
  })
  it.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('may be of the type %s', async (typ) => {
    expect((await auth.authenticate(bearer(await sign(signer, {}, { typ })))).id).toBe('agent-1')
  })
  it.each(['RS256', 'EdDSA', 'ES256'])('may be signed by %s', async (alg) => {
    const other = await createSigner(`key-${alg}`, alg)
    const otherIssuer = await startIssuer([other])
    const its = createAuthenticator(configFor(otherIssuer.url), { clock: () => time, logger: noLogger, limits })
    expect((await its.authenticate(bearer(await sign(other)))).id).toBe('agent-1')
    its.close()
    await otherIssuer.close()
  })
})

describe('a token that is not good is refused without a reason', () => {
  it('TOKEN-01: alg none, in any case', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      await expectRefused(bearer(`${encode({ alg, typ: 'JWT', kid: 'key-1' })}.${encode(goodClaims)}.`))
    }
  })
  it('TOKEN-02: an HMAC made with the public key', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const text = `${encode({ alg: 'HS256', typ: 'JWT', kid: 'key-1' })}.${encode(goodClaims)}`
    for (const secret of [publicKey.export({ type: 'spki', format: 'pem' }), JSON.stringify(signer.publicJwk)]) {
      await expectRefused(bearer(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`))
    }
  })
  it('TOKEN-02: an algorithm that is not configured, though its key is published', async () => {
    await expectRefused(bearer(await sign(signer)), authenticator({ algorithms: ['RS256'] }))
  })
  it('TOKEN-03: keys inside the token, or URLs of keys, are neither used nor fetched', async () => {
    const stranger = await createSigner('key-1')
    let asked = 0
    const trap = createServer((_request, response) => {
      asked++
      response.end(JSON.stringify({ keys: [stranger.publicJwk] }))
    })
    await new Promise<void>((listening) => trap.listen(0, '127.0.0.1', listening))
    const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/`
    for (const header of [{ jwk: stranger.publicJwk }, { jku: url }, { x5u: url }, { x5c: ['AAAA'] }]) {
      await expectRefused(bearer(await sign(stranger, {}, header)))
    }
    expect(asked).toBe(0)
    await new Promise<void>((closed) => trap.close(() => closed()))
  })
  it('TOKEN-04: a key id that looks like a path or a query', async () => {
    const stranger = await createSigner('../../../dev/null')
    for (const kid of ['../../../dev/null', '/etc/passwd', "' OR 1=1 --", '\u0000', 'x'.repeat(4_000)]) {
      await expectRefused(bearer(await sign(stranger, {}, { kid })))
    }
  })
  it.each([
    ['another issuer', { iss: 'https://other.example' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'another' }],
    ['no audience', { aud: undefined }],
    ['an audience that only contains ours', { aud: 'deskgraph-2' }],
    ['no expiry', { exp: undefined }],
    ['no time of issue', { iat: undefined }],
    ['an expiry that is text', { exp: String(startOfTime / 1000 + 60) }],
    ['a time of issue in the future', { iat: startOfTime / 1000 + 31 }],
    ['a start in the future', { nbf: startOfTime / 1000 + 31 }],
    ['a life longer than twelve hours', { iat: startOfTime / 1000 - 60, exp: startOfTime / 1000 - 60 + 43_201 }],
  ])('TOKEN-05: %s', async (_what, claims) => {
    await expectRefused(bearer(await sign(signer, claims)))
  })
  it('TOKEN-05: a type that is not asked for, or none', async () => {
    await expectRefused(bearer(await sign(signer, {}, { typ: 'dpop+jwt' })))
    await expectRefused(bearer(await sign(signer, {}, { typ: undefined })))
  })
  it('TOKEN-05: another signature over good claims, and good signatures over changed ones', async () => {
    await expectRefused(bearer(await sign({ ...(await createSigner('key-1')) })))
    const [header, , signature] = (await sign(signer)).split('.')
    await expectRefused(bearer(`${header}.${encode({ ...goodClaims, scope: 'routing:admin' })}.${signature}`))
  })
  it('an extension that must be understood and is not', async () => {
    await expectRefused(
      bearer(`${encode({ alg: 'ES256', kid: 'key-1', typ: 'JWT', crit: ['x'], x: 1 })}.${encode(goodClaims)}.AAAA`),
    )
  })
})

describe('TOKEN-06: the clock of the issuer may be off by 30 s', () => {
  const expiry = startOfTime / 1000 + 3_600
  it('an expired token is good for 29 s more and refused after 30 s, remembered or not', async () => {
    const token = bearer(await sign(signer))
    time = (expiry + 29) * 1000
    expect((await authenticator().authenticate(token)).id).toBe('agent-1')
    expect((await auth.authenticate(token)).id).toBe('agent-1')
    time = (expiry + 30) * 1000
    await expectRefused(token, authenticator())
    await expectRefused(token)
  })
  it('a token from 30 s in the future is good', async () => {
    const claims = { iat: startOfTime / 1000 + 30, nbf: startOfTime / 1000 + 30 }
    expect((await auth.authenticate(bearer(await sign(signer, claims)))).id).toBe('agent-1')
  })
})

describe('the Authorization header', () => {
  it.each([
    ['is missing', {}],
    ['is empty', { authorization: '' }],
    ['has another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['has no token', { authorization: 'Bearer ' }],
    ['has a token of two parts', { authorization: 'Bearer a.b' }],
    ['is far too long', { authorization: `Bearer ${'a'.repeat(20_000)}` }],
  ])('is refused when it %s', async (_what, headers) => {
    await expectRefused(headers as Record<string, string>)
  })
  it('TOKEN-09: is refused when two were joined into one', async () => {
    const token = await sign(signer)
    await expectRefused({ authorization: `Bearer ${token}, Bearer ${token}` })
  })
  it('INPUT-02: is the only header that identifies the viewer', async () => {
    const headers = {
      ...bearer(await sign(signer)),
      'x-agent-user-id': 'admin@example.com',
      'x-user': 'admin',
      cookie: 'user=admin',
    }
    expect(await auth.authenticate(headers)).toMatchObject({ id: 'agent-1', email: 'agent@example.com' })
  })
})

describe('a token that was verified before', () => {
  it('is found in the cache, as the same viewer, without a call to the issuer', async () => {
    const token = bearer(await sign(signer))
    expect(auth.getCachedViewer(token)).toBeNull()
    const viewer = await auth.authenticate(token)
    const fetches = issuer.fetches()
    expect(auth.getCachedViewer(token)).toBe(viewer)
    expect(await auth.authenticate(token)).toBe(viewer)
    expect(issuer.fetches()).toBe(fetches)
  })
  it('INPUT-09: is never mistaken for another token', async () => {
    const one = await auth.authenticate(bearer(await sign(signer, { sub: 'one' })))
    const two = await auth.authenticate(bearer(await sign(signer, { sub: 'two' })))
    expect([one.id, two.id]).toEqual(['one', 'two'])
  })
})

describe('without identity', () => {
  it('every request is the anonymous viewer with every right, with any header', async () => {
    const off = createAuthenticator({ mode: 'none' }, { clock: () => time, logger: noLogger, limits })
    expect(await off.authenticate({ authorization: 'Bearer nonsense' })).toBe(anonymous)
    expect(off.getCachedViewer({})).toBe(anonymous)
    expect(off.isReady()).toBe(true)
  })
})
