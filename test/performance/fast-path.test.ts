import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import Fastify from 'fastify'
import { request } from 'undici'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Viewer } from '../../src/domain/call.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { type AccessEntry, noFailureLog, noMetrics } from '../../src/domain/telemetry.ts'
import { createErrorBoundary } from '../../src/graphql/errors.ts'
import { recordRequest } from '../../src/http/record-request.ts'
import { createFastPath } from '../../src/performance/fast-path.ts'

const ann: Viewer = { ...anonymous, id: 'ann' }
let healthy = true
let limited = false
let paths: string[] = []
const entries: AccessEntry[] = []
let app: FastifyInstance
let url: string

beforeAll(async () => {
  const fastPath = createFastPath({
    handler: async ({ call, body }) => {
      paths.push(`fast for ${call.viewer.id}`)
      return { status: 200, headers: { 'content-type': 'application/json' }, body: String(body) }
    },
    getCachedViewer: ({ authorization }) => {
      if (authorization === undefined) return anonymous
      return authorization === 'Bearer known' ? ann : null
    },
    checkRateLimit: async ({ id }) => {
      if (limited) throw new DeskgraphError('RATE_LIMITED', `Too many requests of ${id}.`, { retryAfter: 3 })
    },
    isHealthy: () => healthy,
    defaultHeaders: ['x-frame-options', 'DENY'],
    origins: { isEmpty: true },
    limits: { bodyBytes: 100, operationTimeoutMs: 1_000 },
    errors: createErrorBoundary({ suggestions: true, failures: noFailureLog }),
  })
  app = Fastify({
    serverFactory: (serve) =>
      createServer((incoming, response) => {
        recordRequest(incoming, response, { metrics: noMetrics, accessLog: { record: (entry) => void entries.push(entry) } })
        if (!fastPath(incoming, response)) serve(incoming, response)
      }),
  })
  app.all('/*', async () => {
    paths.push('full')
    return {}
  })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => app.close())
beforeEach(() => {
  healthy = true
  limited = false
  paths = []
})

const ordinary = { 'content-type': 'application/json', authorization: 'Bearer known' }

async function post(headers: Record<string, string> = ordinary, path = '/graphql', method: 'POST' | 'PUT' = 'POST') {
  const response = await request(url + path, { method, headers, body: '{}' })
  await response.body.dump()
  return { path: paths.at(-1), headers: response.headers }
}

test('an ordinary request of a known viewer takes the fast path, with the default headers', async () => {
  const { path, headers } = await post()
  expect(path).toBe('fast for ann')
  expect(headers['x-frame-options']).toBe('DENY')
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})
test('each request of the fast path has an id of its own', async () => {
  expect((await post()).headers['x-request-id']).not.toBe((await post()).headers['x-request-id'])
})
test.each([
  ['with a token that was never verified', { ...ordinary, authorization: 'Bearer other' }],
  ['of an anonymous viewer behind a proxy', { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1' }],
  ['for a stream of events', { ...ordinary, accept: 'text/event-stream' }],
  ['with another content type', { ...ordinary, 'content-type': 'text/plain' }],
])('a request %s takes the full path', async (_what, headers) => {
  expect((await post(headers)).path).toBe('full')
})
test('another path, method or a token in the URL takes the full path', async () => {
  expect((await post(ordinary, '/webhooks/vcc')).path).toBe('full')
  expect((await post(ordinary, '/graphql', 'PUT')).path).toBe('full')
  expect((await post(ordinary, '/graphql?access_token=x')).path).toBe('full')
})
test('two Authorization headers take the full path, which refuses them', async () => {
  const headers = ['content-type', 'application/json', 'authorization', 'Bearer known', 'authorization', 'Bearer known']
  const response = await request(`${url}/graphql`, { method: 'POST', headers, body: '{}' })
  await response.body.dump()
  expect(paths.at(-1)).toBe('full')
})
test('every request takes the full path while the gateway is not healthy', async () => {
  healthy = false
  expect((await post()).path).toBe('full')
})
test('a viewer over the rate limit gets 429 with the seconds to wait', async () => {
  limited = true
  const response = await request(`${url}/graphql`, { method: 'POST', headers: ordinary, body: '{}' })
  expect([response.statusCode, response.headers['retry-after'], paths]).toEqual([429, '3', []])
  expect(await response.body.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
})
test('a body over the limit gets 413 and is not handled', async () => {
  const response = await request(`${url}/graphql`, { method: 'POST', headers: ordinary, body: 'x'.repeat(200) })
  await response.body.dump()
  expect([response.statusCode, paths]).toEqual([413, []])
})
test('a request of the fast path is recorded with its request id and its viewer', async () => {
  const { headers } = await post()
  await expect
    .poll(() => entries.at(-1))
    .toMatchObject({ requestId: headers['x-request-id'], method: 'POST', route: '/graphql', status: 200, call: { viewer: ann } })
})
