import { execFile } from 'node:child_process'
import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createGzip } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { json, send } from './ask.ts'
import { sendRaw } from './plugins/raw-http.ts'

const typename = JSON.stringify({ query: '{ __typename }' })
const answered = { data: { __typename: 'Query' } }

describe.each(['on', 'off'])('with the code for speed %s', (performance) => {
  let gateway: GatewayUnderTest
  let webhook: string
  beforeAll(async () => {
    gateway = await startGatewayUnderTest({
      replayHistory: false,
      sandbox: { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
      environment: { DESKGRAPH_PERFORMANCE: performance },
    })
    webhook = `/webhooks/vcc?secret-key=${gateway.sandbox.vcc.token}`
  })
  afterAll(() => gateway.close())

  let nextTicket = 70_000
  const vccEvent = () =>
    JSON.stringify({ action: 'add', ticket: { ticketId: nextTicket++, ticketNo: 'n', projectId: 9, title: 'T' } })

  describe('TRANSPORT-01: an Upgrade to anything but a WebSocket is ignored (RFC 9110 §7.8)', () => {
    /** As Java's HTTP client and `curl --http2` ask (RFC 7540 §3.2). */
    const h2c = 'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n'
    const post = (path: string, body: string, upgrade: string) =>
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${upgrade}content-length: ${body.length}\r\n\r\n${body}`

    test.each([
      ['h2c with its settings', h2c],
      ['TLS/1.0 (RFC 2817)', 'connection: upgrade\r\nupgrade: TLS/1.0\r\n'],
      ['several protocols', 'connection: keep-alive, Upgrade\r\nupgrade: h2c, foo/2\r\n'],
      ['a WebSocket by POST, which has no handshake (RFC 6455 §4.1)', 'connection: Upgrade\r\nupgrade: websocket\r\n'],
    ])('%s, on the graph and on a webhook', async (_what, upgrade) => {
      const graph = await sendRaw(gateway.url, post('/graphql', typename, upgrade))
      expect(graph).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(graph).toContain(JSON.stringify(answered))
      const event = await sendRaw(gateway.url, post(webhook, vccEvent(), upgrade))
      expect(event).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
      expect(event).toContain('{"accepted":1}')
    })
    test('by GET too, on every path', async () => {
      for (const [path, status] of [
        ['/graphql?query={__typename}', 200],
        ['/health/live', 200],
        ['/metrics', 200],
        ['/', 200],
        ['/nothing', 404],
        [webhook, 405],
      ]) {
        const answer = await sendRaw(gateway.url, `GET ${path} HTTP/1.1\r\nhost: x\r\napollo-require-preflight: 1\r\n${h2c}\r\n`)
        expect([path, answer.split(' ')[1]]).toEqual([path, String(status)])
      }
    })
    test('with a body in chunks and in pieces, and the connection serves further requests', async () => {
      const port = Number(new URL(gateway.url).port)
      const socket = connect(port, '127.0.0.1')
      let received = ''
      socket.on('data', (data) => {
        received += data
      })
      const answers = () => received.split('HTTP/1.1 200 OK').length - 1
      const half = typename.length >> 1
      const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
      socket.write(
        `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${h2c}transfer-encoding: chunked\r\n\r\n`,
      )
      socket.write(chunk(typename.slice(0, half)))
      setTimeout(() => socket.write(`${chunk(typename.slice(half))}0\r\n\r\n`), 50)
      await expect.poll(answers).toBe(1)
      socket.write(post('/graphql', typename, h2c))
      await expect.poll(answers).toBe(2)
      socket.write(post('/graphql', typename, ''))
      await expect.poll(answers).toBe(3)
      socket.destroy()
    })
    test('from curl --http2', async () => {
      const args = ['--http2', '-s', '-w', ' %{http_code}', '-H', 'content-type: application/json']
      const curl = (path: string, body: string) =>
        new Promise<string>((resolve, reject) => {
          execFile('curl', [...args, '-d', body, gateway.url + path], (error, stdout) =>
            error ? reject(error) : resolve(stdout),
          )
        })
      expect(await curl('/graphql', typename)).toBe(`${JSON.stringify(answered)} 200`)
      expect(await curl(webhook, vccEvent())).toBe('{"accepted":1} 200')
    })
    test('a WebSocket is accepted at the graph alone', async () => {
      const handshake =
        'connection: Upgrade\r\nupgrade: WebSocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
      const open = (path: string) =>
        sendRaw(
          gateway.url,
          `GET ${path} HTTP/1.1\r\nhost: x\r\n${handshake}sec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
        )
      for (const path of ['/graphql', '/graphql/']) expect(await open(path)).toMatch(/^HTTP\/1\.1 101 /)
      expect(await open('/nothing')).toMatch(/^HTTP\/1\.1 404 /)
      expect(await open('/graphql-other')).toMatch(/^HTTP\/1\.1 404 /)
      expect(await open(webhook)).toMatch(/^HTTP\/1\.1 405 /)
      expect(await open('/health/live')).toMatch(/^HTTP\/1\.1 200 /)
      expect((await send(`${gateway.url}/health/live`)).status).toBe(200)
    })
    test('TRANSPORT-11: a WebSocket that the graph refuses is closed: it leaves no connection behind', async () => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
      const closed = new Promise<string>((resolve) => {
        let received = ''
        socket.on('data', (data) => {
          received += data
        })
        socket.on('close', () => resolve(received))
      })
      const handshake =
        'connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
      socket.write(`GET /graphql?access_token=x HTTP/1.1\r\nhost: x\r\n${handshake}\r\n`)
      expect(await closed).toMatch(/^HTTP\/1\.1 401 /)
    })
  })

  describe('TRANSPORT-09: paths as clients write them', () => {
    test.each(['/graphql/', '//graphql', '//graphql//'])('%s is the graph', async (path) => {
      const answer = await raw('POST', path, { ...json }, typename)
      expect(answer).toMatchObject({ status: 200, body: answered })
    })
    test('a whole address in the first line is its path (RFC 9112 §3.2.2)', async () => {
      expect(await raw('POST', 'http://gateway.example/graphql', { ...json }, typename)).toMatchObject({
        status: 200,
        body: answered,
      })
      expect(await raw('POST', `http://gateway.example${webhook}`, { ...json }, vccEvent())).toMatchObject({
        status: 200,
        body: { accepted: 1 },
      })
    })
    test('a slash at the end loses no event and no sign of life', async () => {
      const path = webhook.replace('?', '/?')
      expect(await raw('POST', path, { ...json }, vccEvent())).toMatchObject({ status: 200, body: { accepted: 1 } })
      for (const operators of ['/health/live/', '/health/ready/', '/metrics/']) {
        expect((await send(gateway.url + operators)).status).toBe(200)
      }
    })
    test('GET with empty parameters, and behind a second question mark', async () => {
      const query = encodeURIComponent('{ __typename }')
      const preflighted = { 'apollo-require-preflight': '1' }
      for (const search of [
        `?query=${query}&operationName=`,
        `?query=${query}&operationName=&variables=&extensions=`,
        `?tenant=7?query=${query}`,
        `??query=${query}`,
      ]) {
        for (const path of ['/graphql', '/graphql/']) {
          const asJson = await send(gateway.url + path + search, { headers: preflighted })
          expect([search, asJson.status, asJson.body]).toEqual([search, 200, answered])
          const asStream = await send(gateway.url + path + search, { headers: { accept: 'text/event-stream' } })
          expect([search, asStream.type, asStream.body]).toEqual([search, 'text/event-stream', answered])
        }
      }
    })
    test('a path that is no UTF-8, and one that is too long, are refused as every other request', async () => {
      for (const [path, status] of [
        ['/%ff', 400],
        ['/%zz', 400],
        [`/webhooks/${'a'.repeat(300)}`, 404],
        ['/nothing', 404],
      ] as const) {
        const { status: got, body, requestId } = await raw('POST', path, { ...json }, '{}')
        expect([path, got]).toEqual([path, status])
        expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
        expect(body.errors[0].extensions).toEqual({ code: 'BAD_REQUEST', retryable: false, requestId })
        expect(JSON.stringify(body)).not.toContain(path)
      }
    })
  })

  test('/ says in plain words what runs here, and takes no other method', async () => {
    const answer = await send(gateway.url)
    expect([answer.status, answer.type]).toEqual([200, 'text/plain'])
    expect(answer.body).toMatch(/^This is Deskgraph, a GraphQL gateway for support tickets\.\n/)
    expect(answer.body).toContain('/graphql')
    expect((await send(gateway.url, { method: 'HEAD' })).status).toBe(200)
    expect(await send(gateway.url, { method: 'POST', body: '{}' })).toMatchObject({ status: 405 })
  })

  test('TRANSPORT-07: a proxy that compresses lets each event through (RFC 9111 §5.2.2.6)', async () => {
    const proxy = await startCompressingProxy(gateway.url)
    try {
      const accept = { accept: 'text/event-stream' }
      const query = JSON.stringify({ query: 'subscription { ticketChanged(filter: { sources: ["vcc"] }) { kind } }' })
      const events = await fetch(`${proxy.url}/graphql`, { method: 'POST', headers: { ...json, ...accept }, body: query })
      expect(events.headers.get('cache-control')).toBe('no-store, no-transform')
      const reader = events.body!.getReader()
      // The comment that opens the stream: without it, a client does not know that it is connected.
      expect(Buffer.from((await reader.read()).value!).toString()).toBe(':\n\n')
      await raw('POST', webhook, { ...json }, vccEvent())
      expect(Buffer.from((await reader.read()).value!).toString()).toMatch(
        /^id: \S+\nevent: next\ndata: {"data":{"ticketChanged"/,
      )
      await reader.cancel()
      // The proxy compresses other responses.
      const whole = await fetch(`${proxy.url}/graphql`, { method: 'POST', headers: json, body: typename })
      expect([whole.headers.get('content-encoding'), await whole.json()]).toEqual(['gzip', answered])
    } finally {
      await proxy.close()
    }
  })

  /** Sends the path as it is, where fetch would normalise it. */
  function raw(method: string, path: string, headers: Record<string, string>, body: string) {
    const { hostname, port } = new URL(gateway.url)
    // biome-ignore lint/suspicious/noExplicitAny: each test compares the fields of its answers
    return new Promise<{ status: number; requestId: unknown; body: any }>((resolve, reject) => {
      const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false }, async (answer) => {
        const text = (await answer.toArray()).join('')
        resolve({ status: answer.statusCode!, requestId: answer.headers['x-request-id'], body: JSON.parse(text) })
      })
      outgoing.once('error', reject)
      outgoing.end(body)
    })
  }
})

/** A proxy that compresses every response as the package `compression` does: bytes leave it when enough of them are there. */
async function startCompressingProxy(target: string) {
  const server = createServer((incoming, response) => {
    const { hostname, port } = new URL(target)
    const { method, url: path, headers } = incoming
    const outgoing = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      const isTransformed = !/(?:^|,)\s*no-transform\s*(?:,|$)/.test(answer.headers['cache-control'] ?? '')
      const { 'content-length': _, ...others } = answer.headers
      response.writeHead(answer.statusCode!, { ...others, ...(isTransformed && { 'content-encoding': 'gzip' }) })
      if (isTransformed) answer.pipe(createGzip()).pipe(response)
      else answer.pipe(response)
      response.once('close', () => answer.destroy())
    })
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
