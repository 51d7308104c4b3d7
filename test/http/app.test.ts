import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { type Metrics, noAccessLog, noFailureLog, noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createErrorBoundary } from '../../src/graphql/errors.ts'
import { createHttpApp, type HttpAppDeps } from '../../src/http/app.ts'
import { limitsConfig } from '../../src/http/config.ts'
import { watchDependencies } from '../../src/http/dependency-monitor.ts'
import { createAllowedOrigins } from '../../src/http/plugins/cors.ts'
import { serveMetrics } from '../../src/http/routes/metrics.ts'
import type { WebhookRequest } from '../../src/sources/webhook-handler.ts'

let app: FastifyInstance | undefined
afterEach(() => app?.close())

interface Given {
  readonly isDraining?: () => boolean
  readonly access?: HttpAppDeps['metrics']['access']
  receive?: (sourceKey: string, request: WebhookRequest) => Promise<{ status: number; body: unknown }>
  dependencies?: HttpAppDeps['health']['dependencies']
  signedIn?: boolean
  console?: HttpAppDeps['console']
}

const upMonitor = { check: async () => [{ name: 'store', state: 'UP' as const }], wereAllReached: () => true }

/** A graph that no test here asks. */
const graphql: HttpAppDeps['graphql'] = {
  handler: async () => ({ status: 200, headers: {}, body: '{}' }),
  schemaText: null,
  authenticate: () => anonymous,
  limits: { bodyBytes: 1000, operationTimeoutMs: 1000 },
  errors: createErrorBoundary({ suggestions: true, failures: noFailureLog }),
}

/** The app on a free port, with real routes and an intake that remembers what it was given. */
async function start(given: Given = {}): Promise<{ url: string; received: WebhookRequest[] }> {
  const received: WebhookRequest[] = []
  const deps: HttpAppDeps = {
    accessLog: noAccessLog,
    failures: noFailureLog,
    origins: createAllowedOrigins([]),
    plugins: [],
    graphql,
    console: given.console ?? null,
    uploads: { receive: async () => 'UNKNOWN' },
    files: { open: async () => null },
    webhooks: {
      receiver: {
        has: (key) => key === 'vcc',
        receive: async (key, request) => {
          received.push(request)
          return given.receive ? given.receive(key, request) : { status: 200, body: { ok: true } }
        },
      },
      metrics: noMetrics,
      maxBodyBytes: 1000,
    },
    health: {
      dependencies: given.dependencies ?? upMonitor,
      sources: [],
      directories: [{ sourceKey: 'rbi', problem: () => 'routing.yaml:3:1 not YAML' }],
      authenticate: async () => {
        if (given.signedIn) return anonymous
        throw new DeskgraphError('UNAUTHENTICATED', 'Sign in first.')
      },
      isClosing: () => false,
    },
    metrics: { render: async () => ({ contentType: 'text/plain', text: 'up 1\n' }), access: given.access ?? { token: 'scrape' } },
    server: limitsConfig.parse({}).slowClients,
    isDraining: given.isDraining ?? (() => false),
  }
  app = await createHttpApp(deps)
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), received }
}

const json = { 'content-type': 'application/json' }

test('a webhook reaches the receiver with its raw bytes and its query', async () => {
  const { url, received } = await start()
  const body = '{"action": "add" }'
  const answer = await fetch(`${url}/webhooks/vcc?secret-key=s%20s`, { method: 'POST', headers: json, body })
  expect(answer.status).toBe(200)
  expect(received[0]?.rawBody.toString()).toBe(body)
  expect(received[0]?.query['secret-key']).toBe('s s')
})

test('a wrong method, type, encoding, size or source is refused before the receiver gets it', async () => {
  const { url, received } = await start()
  const post = (path: string, headers: Record<string, string>, body: string) =>
    fetch(url + path, { method: 'POST', headers, body })
  expect((await fetch(`${url}/webhooks/vcc`)).status).toBe(405)
  expect((await post('/webhooks/vcc', { 'content-type': 'text/plain' }, '{}')).status).toBe(415)
  expect((await post('/webhooks/vcc', { 'content-type': 'application/json; charset=latin1' }, '{}')).status).toBe(415)
  expect((await post('/webhooks/vcc', { ...json, 'content-encoding': 'gzip' }, '{}')).status).toBe(415)
  expect((await post('/webhooks/vcc', json, 'x'.repeat(1001))).status).toBe(413)
  expect((await post('/webhooks/unknown', json, '{}')).status).toBe(404)
  expect(received).toEqual([])
})

test('an event that cannot be stored is answered 503 with Retry-After', async () => {
  const { url } = await start({
    receive: () => Promise.reject(new DeskgraphError('STORAGE_UNAVAILABLE', 'The store does not answer.')),
  })
  const answer = await fetch(`${url}/webhooks/vcc`, { method: 'POST', headers: json, body: '{}' })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('1')
})

test('an unknown failure is masked', async () => {
  const { url } = await start({ receive: () => Promise.reject(new Error('password=hunter2')) })
  const answer = await fetch(`${url}/webhooks/vcc`, { method: 'POST', headers: json, body: '{}' })
  expect(answer.status).toBe(500)
  expect(await answer.text()).not.toContain('hunter2')
})

describe('OPS-01: readiness', () => {
  /** A store that works as the test says, and Redis, which never answers. */
  function monitorOf(store: () => Promise<unknown>) {
    const log: string[] = []
    const logger = { ...noLogger, warn: add, error: add }
    function add(fields: object, message: string): void {
      log.push(`${(fields as { dependency: string }).dependency}: ${message}`)
    }
    const gauges = new Map<string, number>()
    const metrics: Metrics = {
      ...noMetrics,
      set: (name, value, labels) => void gauges.set(`${name} ${Object.values(labels ?? {})}`, value),
    }
    const dependencies = watchDependencies({
      dependencies: [
        { name: 'store', isNeededAtStart: true, check: store },
        { name: 'redis', isNeededAtStart: false, check: () => Promise.reject(new Error('gone')) },
      ],
      metrics,
      logger,
    })
    onTestFinished(dependencies.stop)
    return { dependencies, log, gauges }
  }

  test('is 503 until the store has answered once, and 200 from then on, with later failures in the body, a gauge and the log', async () => {
    let store: () => Promise<unknown> = () => Promise.reject(new Error('down'))
    const { dependencies, log, gauges } = monitorOf(() => store())
    const { url } = await start({ dependencies, signedIn: true })
    const ask = async () => {
      const answer = await fetch(`${url}/health/ready`)
      const body = (await answer.json()) as { status: string; dependencies: unknown }
      return [answer.status, body.status, body.dependencies]
    }
    const redis = { name: 'redis', state: 'DOWN' }
    expect(await ask()).toEqual([503, 'not ready', [{ name: 'store', state: 'DOWN' }, redis]])
    store = async () => {}
    expect(await ask()).toEqual([200, 'ready', [{ name: 'store', state: 'UP' }, redis]])
    const problem = 'The database accepts no writes.'
    store = () => Promise.reject(new DeskgraphError('STORAGE_UNAVAILABLE', problem))
    expect(await ask()).toEqual([200, 'ready', [{ name: 'store', state: 'DOWN', problem }, redis]])
    expect([...gauges]).toEqual([
      ['dependency_up store', 0],
      ['dependency_up redis', 0],
    ])
    expect(log).toEqual([
      'store: a dependency does not work',
      'redis: a dependency does not work',
      'store: a dependency works again',
      'store: a dependency does not work',
    ])
  })
  test('asks a dependency that hangs once, however many probers ask', async () => {
    let asked = 0
    const { dependencies } = monitorOf(() => {
      asked += 1
      return new Promise(() => {})
    })
    await Promise.all([dependencies.check(), dependencies.check(), dependencies.check()])
    expect(asked).toBe(1)
  })
  test('gives details only to a signed-in viewer', async () => {
    const { url } = await start()
    expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({ status: 'ready' })
    await app?.close()
    const signedIn = await start({ signedIn: true })
    expect(await (await fetch(`${signedIn.url}/health/ready`)).json()).toEqual({
      status: 'ready',
      dependencies: [{ name: 'store', state: 'UP' }],
      sources: [],
      warnings: [{ key: 'rbi', problem: 'routing.yaml:3:1 not YAML' }],
    })
  })
})

test.each(['/metrics', '/metrics/', '//metrics//', 'http://gateway.example/metrics'])(
  'OPS-22: metrics at %s need their token, from loopback too',
  async (url) => {
    await start()
    const ask = (authorization?: string) =>
      app!.inject({ url, remoteAddress: '127.0.0.1', headers: authorization === undefined ? {} : { authorization } })
    for (const refused of [await ask(), await ask('Bearer other')]) {
      expect(refused.statusCode).toBe(401)
      expect(refused.body).not.toContain('up 1')
    }
    expect((await ask('Bearer scrape')).body).toBe('up 1\n')
  },
)

test.each([
  ['open', 200, 'up 1'],
  ['elsewhere', 404, 'There is nothing at this address'],
  [{ token: null }, 401, 'The operator has to set observability.metrics.token, or observability.metrics.port.'],
] as const)('OPS-22: metrics with the access %j', async (access, status, text) => {
  const { url } = await start({ access })
  const answer = await fetch(`${url}/metrics`)
  expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(text)])
})

test('OPS-22: a port of their own serves metrics and nothing else', async () => {
  const render = async () => ({ contentType: 'text/plain', text: 'up 1\n' })
  const own = await serveMetrics(render, { host: '127.0.0.1', port: 0 })
  onTestFinished(own.close)
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(`http://127.0.0.1:${own.port}${path}`, { method })
    return [answer.status, await answer.text()]
  }
  expect(await ask('/metrics')).toEqual([200, 'up 1\n'])
  expect(await ask('/metrics?x=1')).toEqual([200, 'up 1\n'])
  expect(await ask('/graphql')).toEqual([404, ''])
  expect(await ask('/metrics', 'POST')).toEqual([404, ''])
  const again = serveMetrics(render, { host: '127.0.0.1', port: own.port })
  await expect(again).rejects.toThrow(
    `observability.metrics.port: the port ${own.port} cannot be used (EADDRINUSE). Choose another one.`,
  )
})

test('an unknown path is 404 and says where the graph is', async () => {
  const { url } = await start()
  const answer = await fetch(`${url}/nothing`)
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('/graphql')
})

test('TRANSPORT-06: a webhook is refused for its type and charset, and for no other parameter', async () => {
  const { url, received } = await start()
  const statusOf = async (type: string, encoding = 'identity') => {
    const headers = { 'content-type': type, 'content-encoding': encoding }
    return (await fetch(`${url}/webhooks/vcc`, { method: 'POST', headers, body: '{}' })).status
  }
  const accepted = ['application/json;', 'application/json; charset="utf-8"', 'Application/JSON; Charset=UTF-8; v=1']
  const others = ['application/x-ndjson', 'application/jsonl; charset=utf-8', 'application/vnd.x+json; profile="a;b"']
  for (const type of [...accepted, ...others]) expect([type, await statusOf(type)]).toEqual([type, 200])
  expect(await statusOf('application/json', 'Identity')).toBe(200)
  expect(received).toHaveLength(7)
  for (const type of ['text/plain; x=application/json', 'application/json; v=1; charset=latin1', 'application/xml', 'json']) {
    expect([type, await statusOf(type)]).toEqual([type, 415])
  }
  expect(received).toHaveLength(7)
})

describe('a browser', () => {
  const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8' }
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'deskgraph-console-'))
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), '<title>GraphiQL</title>')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('TRANSPORT-09: gets GraphiQL at the graph, also by a link with a query and with a slash at the end', async () => {
    const { url } = await start({ console: { folder } })
    for (const path of ['/graphql', '/graphql?query={__typename}', '/graphql/', '/graphql/?a=b']) {
      const answer = await fetch(url + path, { headers: browser })
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, '<title>GraphiQL</title>'])
      expect(answer.headers.get('vary')).toBe('accept')
    }
  })
  test('SANDBOX-01: is offered the faults only where the sandbox runs', async () => {
    const mark = (state: string) => `<meta name="deskgraph-sandbox" content="${state}" />`
    const other = mkdtempSync(join(tmpdir(), 'deskgraph-console-'))
    mkdirSync(join(other, 'assets'))
    writeFileSync(join(other, 'index.html'), mark('off'))
    const sandbox = { systems: () => [], setFault: () => false }
    for (const [given, page, status] of [
      [{ folder: other, sandbox }, mark('on'), 200],
      [{ folder: other }, mark('off'), 404],
    ] as const) {
      const { url } = await start({ console: given })
      expect(await (await fetch(`${url}/graphql`, { headers: browser })).text()).toBe(page)
      expect((await fetch(`${url}/graphql/sandbox`)).status).toBe(status)
    }
    rmSync(other, { recursive: true })
  })
  test('TRANSPORT-15: gets the files of GraphiQL as the build has compressed them', async () => {
    const files = { 'a.js': 'plain', 'a.js.br': brotliCompressSync('by br'), 'a.js.gz': gzipSync('by gzip'), 'b.js': 'small' }
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, 'assets', name), content)
    const { url } = await start({ console: { folder } })
    const get = async (name: string, encoding: string) => {
      const answer = await fetch(`${url}/graphql/assets/${name}`, { headers: { 'accept-encoding': encoding } })
      expect([name, answer.status, answer.headers.get('vary')]).toEqual([name, 200, 'accept-encoding'])
      expect(answer.headers.get('content-type')).toMatch(/javascript/)
      return [answer.headers.get('content-encoding'), await answer.text()]
    }
    expect(await get('a.js', 'gzip, deflate, br, zstd')).toEqual(['br', 'by br'])
    expect(await get('a.js', 'gzip')).toEqual(['gzip', 'by gzip'])
    expect(await get('a.js', 'identity')).toEqual([null, 'plain'])
    expect(await get('b.js', 'br')).toEqual([null, 'small'])
  })
  test('REFERENCE-03: gets the reference where GraphiQL is open, as the build has compressed it', async () => {
    mkdirSync(join(folder, 'reference'), { recursive: true })
    writeFileSync(join(folder, 'reference/index.html'), '<title>Reference</title>')
    writeFileSync(join(folder, 'reference/index.html.br'), brotliCompressSync('<title>By br</title>'))
    const { url } = await start({ console: { folder } })
    const get = (headers: Record<string, string>) => fetch(`${url}/graphql/reference`, { headers: { ...browser, ...headers } })
    const plain = await get({ 'accept-encoding': 'identity' })
    expect([plain.status, plain.headers.get('content-type'), await plain.text()]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<title>Reference</title>',
    ])
    expect(plain.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/)
    expect(plain.headers.get('cache-control')).toBe('no-cache')
    // Not by fetch, which asks past every cache once a request has a condition.
    const known = { ...browser, 'accept-encoding': 'identity', 'if-none-match': plain.headers.get('etag')! }
    expect((await app!.inject({ url: '/graphql/reference', headers: known })).statusCode).toBe(304)
    expect(await (await get({ 'accept-encoding': 'br' })).text()).toBe('<title>By br</title>')
    const slash = await fetch(`${url}/graphql/reference/`, { headers: browser })
    expect(slash.status).toBe(200)
    const post = await fetch(`${url}/graphql/reference`, { method: 'POST' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET'])
    await app?.close()
    const closed = await start()
    expect((await fetch(`${closed.url}/graphql/reference`, { headers: browser })).status).toBe(404)
  })
  test('DECISION-07: is led from / to GraphiQL; every other client is told what runs here', async () => {
    const { url } = await start({ console: { folder } })
    const page = await fetch(url, { headers: browser, redirect: 'manual' })
    expect([page.status, page.headers.get('location')]).toEqual([302, '/graphql'])
    for (const accept of ['*/*', 'application/json', 'text/html;q=0, */*', 'application/json, text/html;q=0.9']) {
      const answer = await fetch(url, { headers: { accept }, redirect: 'manual' })
      expect([accept, answer.status, await answer.text()]).toEqual([accept, 200, expect.stringContaining('/graphql')])
    }
  })
  test('DECISION-07: is told what runs here where there is no GraphiQL', async () => {
    const { url } = await start()
    const answer = await fetch(url, { headers: browser, redirect: 'manual' })
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/^This is Deskgraph/)])
  })
})

test('TRANSPORT-10: a request on a kept connection while the server closes is 503 in the form of every error', async () => {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { url } = await start({
    receive: async () => {
      reach()
      await released
      return { status: 200, body: { ok: true } }
    },
  })
  const answers = await new Promise<string>((resolve, reject) => {
    let received = ''
    const socket = connect(Number(new URL(url).port), '127.0.0.1', async () => {
      const head = 'POST /webhooks/vcc HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
      socket.write(`${head}content-length: 2\r\n\r\n{}`)
      await reached
      const closed = app!.close()
      // The next request is on the connection before the first one is answered.
      socket.write(`${head}content-length: 2\r\n\r\n{}`)
      setTimeout(release, 100)
      await closed
    })
    socket.on('data', (data) => {
      received += data
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
  const [, first = '', second = ''] = answers.split('HTTP/1.1 ')
  expect(first).toMatch(/^200 /)
  expect(second).toMatch(/^503 /)
  expect(second.toLowerCase()).toContain('\r\nconnection: close\r\n')
  expect(second).toContain('\r\nretry-after: 1\r\n')
  const requestId = /\r\nx-request-id: (\S+)\r\n/.exec(second)?.[1]
  expect(JSON.parse(second.slice(second.indexOf('\r\n\r\n')))).toEqual({
    errors: [
      {
        message: 'The gateway is shutting down. Send the request again.',
        extensions: { code: 'OVERLOADED', retryable: true, requestId },
      },
    ],
  })
})

/** Sends requests from a process of its own, whose event loop does not wait for this one. Prints the statuses, or the error codes. */
const sendMany = `
  const { request } = require('node:http')
  const [url, count] = process.argv.slice(1)
  const one = () => new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent: false }, (answer) => resolve(answer.resume().statusCode))
    sent.on('error', (error) => resolve(error.code))
    sent.end('{}')
  })
  console.log('ready')
  process.stdin.once('data', () => Promise.all(Array.from({ length: Number(count) }, one)).then((all) => {
    console.log(JSON.stringify(all))
    process.exit()
  }))
`

test('OPS-15: connections that wait to be accepted when a draining gateway closes are served', async () => {
  const { url } = await start({ isDraining: () => true })
  const child = spawn(process.execPath, ['-e', sendMany, `${url}/webhooks/vcc`, '30'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let output = ''
  child.stdout.on('data', (data) => (output += String(data)))
  await expect.poll(() => output).toContain('ready')
  child.stdin.write('go')
  // The event loop of the gateway stands still while the requests arrive. They wait in the queue of the listener.
  await new Promise((resolve) => child.stdin.write('', resolve))
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
  await app!.close()
  await ended
  expect(JSON.parse(output.slice('ready'.length))).toEqual(Array.from({ length: 30 }, () => 415))
})
