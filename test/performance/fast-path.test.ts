import { createServer } from 'node:http'
import type { FastifyInstance } from 'fastify'
import Fastify from 'fastify'
import { request } from 'undici'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Viewer } from '../../src/domain/call.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { createFastPath } from '../../src/performance/fast-path.ts'

const ann: Viewer = { ...anonymous, id: 'ann' }
let calm = true
let ways: string[] = []
let app: FastifyInstance
let url: string

beforeAll(async () => {
  const frontDoor = createFastPath({
    handler: async (_request, response, requestId, known) => {
      ways.push(`short for ${known?.viewer?.id}`)
      response.writeHead(200, [...(known?.headers ?? []), 'x-request-id', requestId]).end('{}')
    },
    getCachedViewer: ({ authorization }) => (authorization === 'Bearer known' ? ann : null),
    isHealthy: () => calm,
    defaultHeaders: () => (ways.includes('long') ? ['x-frame-options', 'DENY'] : null),
  })
  app = Fastify({
    serverFactory: (serve) =>
      createServer((incoming, response) => void (frontDoor(incoming, response) || serve(incoming, response))),
  })
  app.all('/*', async () => {
    ways.push('long')
    return {}
  })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
})
afterAll(() => app.close())
beforeEach(() => {
  calm = true
  ways = ['long']
})

const ordinary = { 'content-type': 'application/json', authorization: 'Bearer known' }

async function post(headers: Record<string, string> = ordinary, path = '/graphql', method: 'POST' | 'PUT' = 'POST') {
  const response = await request(url + path, { method, headers, body: '{}' })
  await response.body.dump()
  return { way: ways.at(-1), headers: response.headers }
}

test('the ordinary request of somebody known goes the short way, with the headers of the long one', async () => {
  const { way, headers } = await post()
  expect(way).toBe('short for ann')
  expect(headers['x-frame-options']).toBe('DENY')
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})
test('each request of the short way has an id of its own', async () => {
  expect((await post()).headers['x-request-id']).not.toBe((await post()).headers['x-request-id'])
})
test.each([
  ['of somebody whose token was never verified', { ...ordinary, authorization: 'Bearer other' }],
  ['of nobody', { 'content-type': 'application/json' }],
  ['for a stream of events', { ...ordinary, accept: 'text/event-stream' }],
  ['with another content type', { ...ordinary, 'content-type': 'text/plain' }],
])('a request %s goes the long way', async (_what, headers) => {
  expect((await post(headers)).way).toBe('long')
})
test('another path, method or a token in the URL goes the long way', async () => {
  expect((await post(ordinary, '/webhooks/vcc')).way).toBe('long')
  expect((await post(ordinary, '/graphql', 'PUT')).way).toBe('long')
  expect((await post(ordinary, '/graphql?access_token=x')).way).toBe('long')
})
test('two Authorization headers go the long way, to be refused there', async () => {
  const headers = ['content-type', 'application/json', 'authorization', 'Bearer known', 'authorization', 'Bearer known']
  const response = await request(`${url}/graphql`, { method: 'POST', headers, body: '{}' })
  await response.body.dump()
  expect(ways.at(-1)).toBe('long')
})
test('everything goes the long way while the gateway is not calm', async () => {
  calm = false
  expect((await post()).way).toBe('long')
})
test('nothing goes the short way before the usual headers are known', async () => {
  ways = []
  expect((await post()).way).toBe('long')
  expect((await post()).way).toBe('short for ann')
})
