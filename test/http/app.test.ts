import { Agent, get } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { noFailureLog, noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createErrorBoundary } from '../../src/graphql/errors.ts'
import { createHttpApp, type HttpAppDeps } from '../../src/http/app.ts'
import { limitsConfig } from '../../src/http/config.ts'
import type { WebhookRequest } from '../../src/sources/webhook-handler.ts'
import { promotedBytesPerRun } from '../support/promoted-bytes.ts'

let app: FastifyInstance | undefined
afterEach(() => app?.close())

interface Given {
  receive?: (sourceKey: string, request: WebhookRequest) => Promise<{ status: number; body: unknown }>
  storeIsDown?: boolean
  signedIn?: boolean
}

/** A graph that no test here asks. */
const graphql: HttpAppDeps['graphql'] = {
  handler: async () => ({ status: 200, headers: {}, body: '{}' }),
  authenticate: () => anonymous,
  limits: { bodyBytes: 1000, operationTimeoutMs: 1000 },
  errors: createErrorBoundary({ suggestions: true, failures: noFailureLog }),
}

/** The app on a free port, with real routes and an intake that remembers what it was given. */
async function start(given: Given = {}): Promise<{ url: string; received: WebhookRequest[] }> {
  const received: WebhookRequest[] = []
  const deps: HttpAppDeps = {
    logger: noLogger,
    failures: noFailureLog,
    plugins: [],
    graphql,
    console: null,
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
      dependencies: [{ name: 'store', check: async () => (given.storeIsDown ? Promise.reject(new Error('down')) : undefined) }],
      sources: [],
      directories: [{ sourceKey: 'rbi', problem: () => 'routing.yaml:3:1 not YAML' }],
      authenticate: async () => {
        if (given.signedIn) return anonymous
        throw new DeskgraphError('UNAUTHENTICATED', 'Sign in first.')
      },
      isClosing: () => false,
    },
    metrics: { render: async () => ({ contentType: 'text/plain', text: 'up 1\n' }), token: 'scrape' },
    server: limitsConfig.parse({}).slowClients,
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

test('readiness is 503 while the store is down, and gives details only to a signed-in viewer', async () => {
  const { url } = await start({ storeIsDown: true })
  const answer = await fetch(`${url}/health/ready`)
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({ status: 'not ready' })
  await app?.close()
  const signedIn = await start({ signedIn: true })
  expect(await (await fetch(`${signedIn.url}/health/ready`)).json()).toEqual({
    status: 'ready',
    dependencies: [{ name: 'store', state: 'UP' }],
    sources: [],
    warnings: [{ key: 'rbi', problem: 'routing.yaml:3:1 not YAML' }],
  })
})

test('metrics are open on loopback', async () => {
  const { url } = await start()
  expect(await (await fetch(`${url}/metrics`)).text()).toBe('up 1\n')
})

test('an unknown path is 404 and says where the graph is', async () => {
  const { url } = await start()
  const answer = await fetch(`${url}/nothing`)
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('/graphql')
})

test('a request keeps no object alive until a full garbage collection', async () => {
  const { url } = await start()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const asked = get(`${url}/health/live`, { agent }, (answer) => answer.resume().once('end', resolve))
      asked.once('error', reject)
    })
  try {
    expect(await promotedBytesPerRun(ask)).toBeLessThan(600)
  } finally {
    agent.destroy()
  }
})
