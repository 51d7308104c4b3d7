import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configFor, createSigner, type Signer, sign, startIssuer } from '../auth/issuer.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { askOverSocket, json, overSocket, send } from './ask.ts'

const seconds = () => Math.floor(Date.now() / 1000)
let signer: Signer
let issuer: Awaited<ReturnType<typeof startIssuer>>
beforeAll(async () => {
  signer = await createSigner('key-1')
  issuer = await startIssuer([signer])
})
afterAll(() => issuer.close())

const token = (claims: object = {}) =>
  sign(signer, { iat: seconds() - 60, exp: seconds() + 3_600, scope: 'tickets:read source:*', ...claims })
const bearer = (text: string) => ({ Authorization: `Bearer ${text}` })
const query = { query: '{ viewer { key } }' }

describe.each(['on', 'off'])('DECISION-44: with the code for speed %s', (performance) => {
  let gateway: GatewayUnderTest
  beforeAll(async () => {
    gateway = await startGatewayUnderTest({
      replayHistory: false,
      sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
      environment: { DESKGRAPH_PERFORMANCE: performance },
      config: (config) => ({ ...config, auth: { ...configFor(issuer.url), clockSkewSeconds: 0 } }),
    })
  })
  afterAll(() => gateway.close())

  describe('a 401 says how to sign in (RFC 6750 §3)', () => {
    const ask = (headers: Record<string, string>, path = '/graphql') =>
      send(gateway.url + path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(query) })
    const challenge = async (headers: Record<string, string>, path?: string) => {
      const { status, body, headers: got } = await ask(headers, path)
      expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
      return got.get('www-authenticate')
    }
    test.each(['application/json', 'text/event-stream'])('to a request without a token, answered as %s', async (accept) => {
      // RFC 6750 §3.1: a request without credentials gets no error code.
      expect(await challenge({ accept })).toBe('Bearer')
      expect(await challenge({ accept, authorization: 'Basic YTpi' })).toBe('Bearer')
      expect(await challenge({ accept, authorization: 'Bearer ' })).toBe('Bearer')
    })
    test.each(['application/json', 'text/event-stream'])('to a token that is not valid, answered as %s', async (accept) => {
      const expired = await token({ iat: seconds() - 600, exp: seconds() - 300 })
      for (const text of [expired, 'nonsense', await token({ aud: 'another' })]) {
        expect(await challenge({ accept, ...bearer(text) })).toBe('Bearer error="invalid_token"')
        expect(await challenge({ accept, authorization: `bearer ${text}` })).toBe('Bearer error="invalid_token"')
      }
    })
    test('to a token in the URL, and not to a good one', async () => {
      expect(await challenge({}, '/graphql?access_token=x')).toBe('Bearer')
      const good = await ask(bearer(await token()))
      expect([good.status, good.headers.get('www-authenticate')]).toEqual([200, null])
    })
  })

  describe('a WebSocket is closed with the code of its fault', () => {
    test('signed in by connectionParams, in both spellings of the name', async () => {
      const text = await token()
      for (const parameters of [{ Authorization: `Bearer ${text}` }, { authorization: `Bearer ${text}` }]) {
        expect(await askOverSocket(gateway.url, query, parameters)).toMatchObject({ status: 200, body: { data: { viewer: {} } } })
      }
    })
    test('4401 without a token, with one that is not valid, and before the sign-in', async () => {
      const expired = await token({ iat: seconds() - 600, exp: seconds() - 300 })
      for (const parameters of [undefined, {}, { Authorization: 7 }, bearer('nonsense'), bearer(expired)]) {
        const { status, body } = await askOverSocket(gateway.url, query, parameters)
        expect([parameters, status, body]).toEqual([parameters, 4401, 'A valid bearer token is needed.'])
      }
      const early = await overSocket(gateway.url, (socket) => {
        socket.onopen = () => socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: query }))
        return () => {}
      })
      expect(early.status).toBe(4401)
    })
    test('4401 when the token expires', async () => {
      const short = await token({ exp: seconds() + 2 })
      const closed = await overSocket(gateway.url, (socket) => {
        socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init', payload: bearer(short) }))
        return () => {}
      })
      expect([closed.status, closed.body]).toEqual([4401, 'The token has ended.'])
    })
    test.each([
      ['no JSON', 'nonsense'],
      ['an unknown type', '{"type":"hello"}'],
      ['parameters of the connection that are no object', '{"type":"connection_init","payload":"x"}'],
    ])('4400 for a message with %s', async (_what, message) => {
      const closed = await overSocket(gateway.url, (socket) => {
        socket.onopen = () => socket.send(message)
        return () => {}
      })
      expect(closed.status).toBe(4400)
    })
    test('4408 when the client does not sign in', async () => {
      expect((await overSocket(gateway.url, () => () => {})).status).toBe(4408)
    })
    test('4429 when it signs in twice', async () => {
      const init = JSON.stringify({ type: 'connection_init', payload: bearer(await token()) })
      const closed = await overSocket(gateway.url, (socket) => {
        socket.onopen = () => socket.send(init)
        return ({ type }) => void (type === 'connection_ack' && socket.send(init))
      })
      expect(closed.status).toBe(4429)
    })
  })
})

test('DECISION-44: while tokens cannot be verified, a WebSocket is closed with 1013, after which clients connect again', async () => {
  const down = await startIssuer([signer])
  down.setDown(true)
  const gateway = await startGatewayUnderTest({
    replayHistory: false,
    sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
    config: (config) => ({ ...config, auth: configFor(down.url) }),
  })
  try {
    expect((await askOverSocket(gateway.url, query, bearer(await token()))).status).toBe(1013)
  } finally {
    await gateway.close()
    await down.close()
  }
})

test('DECISION-44: a page of another origin without a token is closed with 4403, also one whose origin has no name', async () => {
  const gateway = await startGatewayUnderTest({
    replayHistory: false,
    sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
  })
  try {
    for (const origin of ['https://elsewhere.example', 'null']) {
      // Node's own client sends the headers of a page that are given here.
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, {
        protocols: 'graphql-transport-ws',
        headers: { origin },
      } as unknown as string)
      socket.onopen = () => socket.send('{"type":"connection_init"}')
      const { promise, resolve } = Promise.withResolvers<number>()
      socket.onclose = ({ code }) => resolve(code)
      expect([origin, await promise]).toEqual([origin, 4403])
    }
  } finally {
    await gateway.close()
  }
})
