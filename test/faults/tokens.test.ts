import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, exportSPKI, importJWK, type JWTHeaderParameters, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { configFor, createSigner, type Signer, sign as signWith, startIssuer } from '../auth/issuer.ts'
import { sendRaw } from '../http/plugins/raw-http.ts'
import { subscribeOverEvents, subscribeOverSocket } from '../support/live.ts'
import { type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

const seconds = () => Math.floor(Date.now() / 1000)
const everything = 'tickets:read tickets:write tickets:raw customers:pii routing:admin source:*'

let signer: Signer
let rsa: Signer
let issuer: Awaited<ReturnType<typeof startIssuer>>
let gateway: FaultyGateway
beforeAll(async () => {
  signer = await createSigner('key-1')
  rsa = await createSigner('key-rsa', 'RS256')
  issuer = await startIssuer([signer, rsa])
  gateway = await startFaultyGateway({
    config: (config) => ({
      ...config,
      auth: configFor(issuer.url),
      limits: { ...config.limits, rate: { perSecond: 100_000, burst: 1_000_000 } },
    }),
  })
})
afterAll(async () => {
  await gateway.close()
  await issuer.close()
})
beforeEach(() => gateway.proxy('oneview').reset())

/** A valid token with changes. */
const token = (claims: object = {}, header: Partial<JWTHeaderParameters> = {}, by = signer) =>
  signWith(by, { iat: seconds() - 60, exp: seconds() + 3_600, scope: everything, ...claims }, header)

const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
const ask = (query: string, headers: Record<string, string>, variables: object = {}) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })

/** Every refusal is the same 401, so that its cause stays unknown. */
async function expectRefused(headers: Record<string, string>, what?: string): Promise<void> {
  const response = await ask('{ viewer { key } }', headers)
  expect(response.status, what).toBe(401)
  const challenge = headers.authorization?.startsWith('Bearer ') ? 'Bearer error="invalid_token"' : 'Bearer'
  expect(response.headers.get('www-authenticate'), what).toBe(challenge)
  const { data, errors } = (await response.json()) as { data?: unknown; errors: { message: string; extensions: object }[] }
  expect(data, what).toBeUndefined()
  expect(errors, what).toEqual([
    {
      message: 'A valid bearer token is needed.',
      extensions: { code: 'UNAUTHENTICATED', retryable: false, requestId: expect.any(String) },
    },
  ])
}
async function expectAccepted(headers: Record<string, string>, what?: string): Promise<void> {
  const response = await ask('{ viewer { key } }', headers)
  expect(response.status, what).toBe(200)
}
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claimsOf = (text: string) => text.split('.')[1] ?? ''

guarantee('TOKEN-01', { fault: 'a token says alg none, in five spellings', expected: '401 without a reason' }, async () => {
  await expectAccepted(bearer(await token()))
  const claims = claimsOf(await token())
  for (const alg of ['none', 'None', 'NONE', '', undefined]) {
    await expectRefused(bearer(`${base64({ alg, typ: 'JWT', kid: 'key-1' })}.${claims}.`), String(alg))
  }
  return '401 five times'
})

guarantee(
  'TOKEN-02',
  { fault: 'a token is signed HS256 with the public key as its secret', expected: '401 without a reason' },
  async () => {
    const publicKey = await exportSPKI((await importJWK(rsa.publicJwk, 'RS256')) as CryptoKey)
    for (const secret of [publicKey, publicKey.trim(), JSON.stringify(rsa.publicJwk)]) {
      const forged = await new SignJWT({
        iss: 'https://issuer.example',
        aud: 'deskgraph',
        sub: 'mallory',
        iat: seconds(),
        exp: seconds() + 600,
      })
        .setProtectedHeader({ alg: 'HS256', kid: 'key-rsa', typ: 'JWT' })
        .sign(new TextEncoder().encode(secret))
      await expectRefused(bearer(forged))
    }
    return '401 three times'
  },
)

guarantee('TOKEN-03', { fault: 'tokens bring their own jwk, jku, x5u and x5c', expected: '401, nothing fetched' }, async () => {
  let fetched = 0
  const otherHost = createServer((_request, response) => {
    fetched++
    response.end(JSON.stringify({ keys: [mallory.publicJwk] }))
  })
  const mallory = await createSigner('mallory')
  await new Promise<void>((resolve) => otherHost.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(otherHost.address() as AddressInfo).port}/keys`
  try {
    const jwk = await exportJWK(mallory.privateKey).then(({ d: _, ...open }) => open)
    for (const header of [{ jwk }, { jku: url }, { x5u: url }, { x5c: ['MIIB'] }, { jku: url, kid: 'key-1' }]) {
      await expectRefused(bearer(await token({}, header, mallory)), Object.keys(header).join())
    }
    expect(fetched).toBe(0)
    return '401 five times, 0 fetches'
  } finally {
    otherHost.close()
  }
})

guarantee('TOKEN-04', { fault: 'key ids are paths, SQL and other attacks', expected: '401 without a reason' }, async () => {
  const mallory = await createSigner('mallory')
  const kids = [
    '../../../../dev/null',
    '/etc/passwd',
    "key-1' or '1'='1",
    'http://127.0.0.1/keys',
    '__proto__',
    'key-1\u0000',
    '',
  ]
  for (const kid of kids) await expectRefused(bearer(await token({}, { kid }, mallory)), kid)
  return `401 ${kids.length} times`
})

guarantee('TOKEN-05', { fault: 'iss, aud, exp and iat are wrong or missing', expected: '401 without a reason' }, async () => {
  const wrong: object[] = [
    { iss: 'https://issuer.example.evil' },
    { iss: undefined },
    { aud: 'another' },
    { aud: undefined },
    { aud: [] },
    { exp: undefined },
    { exp: seconds() - 3_600 },
    { exp: 'tomorrow' },
    { iat: undefined },
    { iat: seconds() + 3_600, exp: seconds() + 7_200 },
    { iat: seconds() - 60, exp: seconds() + 400 * 86_400 },
    { nbf: seconds() + 3_600 },
    { sub: undefined, email: undefined },
  ]
  for (const claims of wrong) await expectRefused(bearer(await token(claims)), JSON.stringify(claims))
  const [head, claims, signature] = (await token()).split('.') as [string, string, string]
  await expectRefused(
    bearer(`${head}.${base64({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'boss' })}.${signature}`),
  )
  await expectRefused({})
  await expectRefused({ authorization: 'Basic YTpi' })
  await expectRefused({ authorization: 'Bearer' })
  return `401 ${wrong.length + 4} times`
})

guarantee(
  'TOKEN-06',
  { fault: 'a token ended 15 s ago or begins in 15 s; another 45 s', expected: 'accepted within 30 s of skew, refused beyond' },
  async () => {
    await expectAccepted(bearer(await token({ exp: seconds() - 15 })), 'ended 15 s ago')
    await expectAccepted(bearer(await token({ nbf: seconds() + 15 })), 'begins in 15 s')
    await expectRefused(bearer(await token({ exp: seconds() - 45 })), 'ended 45 s ago')
    await expectRefused(bearer(await token({ nbf: seconds() + 45 })), 'begins in 45 s')
    return '200, 200, 401, 401'
  },
)

guarantee(
  'TOKEN-08',
  { fault: 'the issuer changes its keys, then is down', expected: 'the new key is fetched; cached keys stay valid' },
  async () => {
    const first = await createSigner('old')
    const second = await createSigner('new')
    const rotating = await startIssuer([first])
    const own = await startFaultyGateway({ config: (config) => ({ ...config, auth: configFor(rotating.url) }) })
    const statusOf = async (text: string) =>
      (
        await fetch(`${own.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...bearer(text) },
          body: '{"query":"{ viewer { key } }"}',
        })
      ).status
    try {
      expect(await statusOf(await token({}, {}, first))).toBe(200)
      rotating.publish([first, second])
      expect(await statusOf(await token({}, {}, second))).toBe(200)
      rotating.setDown(true)
      expect(await statusOf(await token({ sub: 'another' }, {}, first))).toBe(200)
      expect(await statusOf(await token({ sub: 'another' }, {}, second))).toBe(200)
      const before = rotating.fetches()
      const unknown = await Promise.all(Array.from({ length: 20 }, (_, n) => createSigner(`unknown-${n % 2}`)))
      for (const one of unknown) expect(await statusOf(await token({}, {}, one))).toBe(401)
      expect(rotating.fetches() - before).toBeLessThanOrEqual(1)
      return '200 with the old, the new, and both while the issuer is down'
    } finally {
      await own.close()
      await rotating.close()
    }
  },
)

guarantee(
  'TOKEN-07',
  { fault: '200 tokens name unknown keys', expected: 'at most 3 fetches of the key set in all' },
  async () => {
    const mallory = await createSigner('mallory')
    const tokens = await Promise.all(Array.from({ length: 200 }, (_, n) => token({}, { kid: `unknown-${n}` }, mallory)))
    const answers = await Promise.all(tokens.map((one) => ask('{ viewer { key } }', bearer(one))))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    expect(issuer.fetches()).toBeLessThanOrEqual(3)
    await expectAccepted(bearer(await token({ sub: 'another-viewer' })))
    return `${issuer.fetches()} fetches since the start, valid tokens are accepted`
  },
)

guarantee(
  'TOKEN-09',
  { fault: 'two Authorization headers, and tokens in the URL', expected: '401 without a reason' },
  async () => {
    const good = await token()
    const body = '{"query":"{ viewer { key } }"}'
    const answer = await sendRaw(
      gateway.url,
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer ${good}\r\nAuthorization: Bearer ${good}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    for (const name of ['access_token', 'token', 'authorization']) {
      const response = await fetch(`${gateway.url}/graphql?${name}=${good}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect(response.status).toBe(401)
      expect(await response.text()).not.toContain(good)
    }
    return '401 four times'
  },
)

guarantee(
  'TOKEN-10',
  { fault: "a viewer reads another scope's ticket, by every field that can", expected: 'null, no sign that it exists, no call' },
  async () => {
    const all = bearer(await token())
    const some = bearer(await token({ sub: 'narrow', scope: 'tickets:read source:verifik' }))
    const read = async (headers: Record<string, string>, query: string, variables: object = {}) =>
      (await (await ask(query, headers, variables)).json()) as {
        data: Record<string, unknown>
        errors?: { extensions: { requestId: string } }[]
      }
    const list = await read(all, '{ tickets(first: 1, filter: { sources: ["oneview"] }) { nodes { id externalId } } }')
    const [{ id, externalId }] = (list.data as { tickets: { nodes: [{ id: string; externalId: string }] } }).tickets.nodes
    gateway.proxy('oneview').reset()
    const missing = encodeId('ticket', 'oneview', '', 'does-not-exist')
    const query =
      'query ($id: ID!, $externalId: String!) { ticket(id: $id) { id } node(id: $id) { id } ticketByExternalId(source: "oneview", externalId: $externalId) { id } }'
    const strip = (answer: object) => JSON.stringify(answer).replaceAll(/"requestId":"[^"]+"/g, '')
    const real = await read(some, query, { id, externalId })
    const absent = await read(some, query, { id: missing, externalId: 'does-not-exist' })
    expect(real.data).toMatchObject({ ticket: null, node: null })
    expect(strip(real)).toBe(strip(absent))
    const { data } = await read(
      some,
      '{ sources { key } tickets(first: 50) { nodes { source { key } } sources { source { key } } } }',
    )
    expect(JSON.stringify(data)).not.toContain('oneview')
    expect(gateway.proxy('oneview').calls).toHaveLength(0)
    return 'null, the same answer as for a missing ticket, 0 calls'
  },
)

guarantee(
  'CLIENT-22',
  { fault: 'a token ends while its WebSocket and its event stream are open', expected: 'both end' },
  async () => {
    const short = await startFaultyGateway({
      config: (config) => ({ ...config, auth: { ...configFor(issuer.url), clockSkewSeconds: 0 } }),
    })
    try {
      const good = await token({ exp: seconds() + 3 })
      const query = 'subscription { ticketChanged { cursor } }'
      const socket = subscribeOverSocket(short.url, query, {}, { Authorization: `Bearer ${good}` })
      const events = subscribeOverEvents(short.url, query, {}, bearer(good))
      const reasons = await Promise.all([socket.ended, events.ended])
      expect(seconds()).toBeGreaterThanOrEqual(JSON.parse(Buffer.from(claimsOf(good), 'base64url').toString()).exp)
      return `ended: ${reasons.join(' / ').slice(0, 80)}`
    } finally {
      await short.close()
    }
  },
)
