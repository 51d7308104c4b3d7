import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gatewayConfig } from '../../src/config/gateway-config.ts'
import { createAllowedOrigins } from '../../src/http/plugins/cors.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { json } from './ask.ts'

const app = 'https://app.example'
const typename = JSON.stringify({ query: '{ __typename }' })
const subscription = JSON.stringify({ query: 'subscription { ticketChanged { kind } }' })
const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' }

/** What CORS says in a response. */
function told({ headers }: Response) {
  const names = ['access-control-allow-origin', 'access-control-expose-headers', 'access-control-allow-credentials', 'vary']
  return Object.fromEntries(names.map((name) => [name, headers.get(name)]))
}
const readable = {
  'access-control-allow-origin': app,
  'access-control-expose-headers': 'x-request-id, retry-after, ratelimit, ratelimit-policy',
  'access-control-allow-credentials': null,
}
const notReadable = { 'access-control-allow-origin': null, 'access-control-expose-headers': null }

describe.each(['on', 'off'])('with the code for speed %s', (performance) => {
  let gateway: GatewayUnderTest
  beforeAll(async () => {
    gateway = await startGatewayUnderTest({
      replayHistory: false,
      sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
      environment: { DESKGRAPH_PERFORMANCE: performance },
      config: (config) => ({ ...config, http: { allowedOrigins: [app, 'http://localhost:*'] } }),
    })
  })
  afterAll(() => gateway.close())
  const ask = (origin: string | null, init: RequestInit = {}, path = '/graphql') =>
    fetch(gateway.url + path, {
      method: 'POST',
      body: init.method ? null : typename,
      ...init,
      headers: { ...json, ...(origin !== null && { origin }), ...init.headers },
    })

  test('DECISION-39: a page of an allowed origin reads the answer and its headers; no other page does', async () => {
    const answer = await ask(app)
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } })
    expect(told(answer)).toEqual({ ...readable, vary: 'Origin' })
    expect(told(await ask('http://localhost:5173'))).toMatchObject({ 'access-control-allow-origin': 'http://localhost:5173' })
    for (const origin of ['https://app.example.evil', 'http://app.example', 'http://localhost.evil:5173', 'null', 'x', '']) {
      expect([origin, told(await ask(origin))]).toEqual([origin, expect.objectContaining({ ...notReadable, vary: 'Origin' })])
    }
    // A cache may not give the answer without an origin to a page.
    expect(told(await ask(null))).toMatchObject({ ...notReadable, vary: 'Origin' })
  })

  test('TRANSPORT-12: a preflight is answered before sign-in, with its age', async () => {
    const answer = await ask(app, { method: 'OPTIONS', headers: preflight })
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': app,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '7200',
      vary: 'Origin, Access-Control-Request-Headers',
    })
    const refused = await ask('https://other.example', { method: 'OPTIONS', headers: preflight })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([405, null])
  })

  test('DECISION-39: also event streams, errors and the other paths', async () => {
    const abort = new AbortController()
    const stream = await ask(app, { body: subscription, headers: { accept: 'text/event-stream' }, signal: abort.signal })
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    expect(told(stream)).toMatchObject(readable)
    expect(stream.headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=\d+$/)
    abort.abort()
    expect(told(await ask(app, { headers: { 'content-type': 'text/plain' } }))).toMatchObject(readable)
    expect(told(await ask(app, { method: 'GET' }, '/health/live'))).toMatchObject(readable)
    expect(told(await ask(app, { method: 'GET' }, '/nothing'))).toMatchObject(readable)
    const root = await ask(app, { method: 'GET' }, '/')
    expect(told(root)).toMatchObject({ ...readable, vary: 'Origin, accept' })
  })

  test('TRANSPORT-13: a query by GET needs a token, a header that needs a preflight, or a page that the gateway knows', async () => {
    const status = async (headers: Record<string, string>) =>
      (await ask(null, { method: 'GET', headers }, '/graphql?query={__typename}')).status
    // A content type of JSON needs a preflight too.
    const get = async (headers: Record<string, string>) =>
      (await fetch(`${gateway.url}/graphql?query={__typename}`, { headers })).status
    expect(await status({})).toBe(200)
    expect(await get({})).toBe(400)
    expect(await get({ 'sec-fetch-site': 'cross-site', origin: 'https://other.example' })).toBe(400)
    expect(await get({ 'apollo-require-preflight': '1' })).toBe(200)
    expect(await get({ authorization: 'Bearer any' })).toBe(200)
    expect(await get({ 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await get({ origin: app })).toBe(200)
  })

  test('DECISION-40: every answer of the graph says what is left of the rate limit', async () => {
    const left = async (init: RequestInit = {}) => {
      const { headers } = await ask(null, init)
      expect(headers.get('ratelimit-policy')).toBe('"default";q=1000;w=10')
      return Number(/^"default";r=(\d+);t=\d+$/.exec(headers.get('ratelimit') ?? '')?.[1])
    }
    const before = await left()
    expect(await left({ body: '{' })).toBe(before - 1)
    expect(await left({ headers: { origin: app } })).toBe(before - 2)
    expect(await left({ body: `[${typename},${typename}]` })).toBe(before - 3)
  })

  test('DECISION-39: the same list decides on WebSockets', async () => {
    const open = (origin: string | null) => {
      const { promise, resolve } = Promise.withResolvers<string | number>()
      // Node's own client sends the headers of a page that are given here.
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, {
        protocols: 'graphql-transport-ws',
        headers: origin === null ? {} : { origin },
      } as unknown as string)
      socket.onopen = () => socket.send('{"type":"connection_init"}')
      socket.onclose = ({ code }) => resolve(code)
      // The close frame of a refused page follows its acknowledgement.
      socket.onmessage = () => socket.send('{"id":"1","type":"subscribe","payload":{"query":"{ __typename }"}}')
      const wait = socket.onmessage
      socket.onmessage = (event) => {
        if (String(event.data).includes('"next"')) resolve('served')
        else if (String(event.data).includes('ack')) wait.call(socket, event)
      }
      return promise.finally(() => socket.close())
    }
    for (const origin of [null, app, 'http://localhost:1', gateway.url])
      expect([origin, await open(origin)]).toEqual([origin, 'served'])
    for (const origin of ['https://other.example', 'null']) expect([origin, await open(origin)]).toEqual([origin, 4403])
  })
})

test('DECISION-39: no page of another origin may by default; the sandbox allows loopback origins of every port', async () => {
  const sources = { vcc: { system: 'vcc', account: 'a', secret: 'a-secret-of-16-bytes' } }
  expect(gatewayConfig.parse({ sources }).http.allowedOrigins).toEqual([])
  expect(createAllowedOrigins([]).allows('http://localhost:5173')).toBe(false)
  let list: readonly string[] = []
  const gateway = await startGatewayUnderTest({
    replayHistory: false,
    sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
    config: (config) => {
      list = config.http.allowedOrigins
      return config
    },
  })
  await gateway.close()
  const origins = createAllowedOrigins(list)
  for (const origin of ['http://localhost:5173', 'http://127.0.0.1', 'https://[::1]:8443']) {
    expect([origin, origins.allows(origin)]).toEqual([origin, true])
  }
  for (const origin of ['https://app.example', 'http://localhost.example', 'null']) {
    expect([origin, origins.allows(origin)]).toEqual([origin, false])
  }
})

test('DECISION-39: an entry that no browser sends is a fault, and so is * without sign-in', () => {
  const sources = { vcc: { system: 'vcc', account: 'a', secret: 'a-secret-of-16-bytes' } }
  const jwt = { mode: 'jwt', issuer: 'https://issuer.example', audience: 'a', jwksUrl: 'https://issuer.example/keys' }
  const isValid = (entry: string, auth: object = jwt) =>
    gatewayConfig.safeParse({ sources, auth, http: { allowedOrigins: [entry] } }).success
  for (const entry of ['https://app.example', 'http://localhost:*', 'http://[::1]:3000', 'capacitor://localhost', '*']) {
    expect([entry, isValid(entry)]).toEqual([entry, true])
  }
  for (const entry of ['', 'app.example', 'https://app.example/', 'https://App.example', 'https://app.example:443', 'null']) {
    expect([entry, isValid(entry)]).toEqual([entry, false])
  }
  expect(isValid('*', { mode: 'none' })).toBe(false)
})
