import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import Fastify, { type FastifyInstance } from 'fastify'
import { buildSchema, type GraphQLFormattedError } from 'graphql'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Call } from '../../../src/domain/call.ts'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { anonymous } from '../../../src/domain/permissions.ts'
import { noFailureLog, noLogger, noMetrics } from '../../../src/domain/telemetry.ts'
import { createDocuments } from '../../../src/graphql/document-cache.ts'
import { createErrorBoundary } from '../../../src/graphql/errors.ts'
import { createExecutor } from '../../../src/graphql/executor.ts'
import type { ResponseContext } from '../../../src/graphql/format-response.ts'
import { createTrustedDocuments } from '../../../src/graphql/limits/trusted-documents.ts'
import { createOperationPipeline } from '../../../src/graphql/operation-pipeline.ts'
import { createGraphServer } from '../../../src/graphql/server.ts'
import { createGraphHandler } from '../../../src/http/graphql-handler.ts'
import { graphRoute } from '../../../src/http/routes/graphql.ts'
import { createCompiledExecutor } from '../../../src/performance/compiled-executor/executor.ts'
import { runDirectly } from '../../../src/performance/direct-operations.ts'

const schema = buildSchema(`type Query { greet(name: String!): String, slow: String } type Mutation { touch: String }`)
Object.assign(schema.getQueryType()!.getFields().greet!, { resolve: (_: unknown, { name }: { name: string }) => `Hello ${name}` })
Object.assign(schema.getMutationType()!.getFields().touch!, { resolve: () => 'touched' })

let app: FastifyInstance
let url: string
let aborted: Promise<unknown>

interface Context extends ResponseContext {
  readonly signal: AbortSignal
}

function toContext(call: Call): Context {
  return {
    call,
    transport: 'http',
    faults: [],
    failures: [],
    partial: new Map(),
    redacted: new Set(),
    get signal() {
      return call.signal
    },
  }
}

async function start(fast: boolean): Promise<void> {
  let abortSeen: (reason: unknown) => void
  aborted = new Promise((resolve) => {
    abortSeen = resolve
  })
  Object.assign(schema.getQueryType()!.getFields().slow!, {
    resolve: (_: unknown, __: unknown, { signal }: Context) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          abortSeen(signal.reason)
          resolve(null)
        })
      }),
  })
  const limits = { maxTokens: 1000, checkText() {}, checkDocument() {} }
  const documents = createDocuments({ schema, introspection: true, limits })
  const errors = createErrorBoundary({ suggestions: true, failures: noFailureLog })
  const executor = fast ? createCompiledExecutor(schema) : createExecutor(schema)
  const pipeline = createOperationPipeline<Context>({ executor, errors, checkCost: () => ({}), metrics: noMetrics })
  const apollo = await createGraphServer({ schema, documents, pipeline, errors, logger: noLogger })
  const handler = createGraphHandler({
    server: fast ? runDirectly(apollo, pipeline) : apollo,
    documents,
    errors,
    createContext: ({ call }) => toContext(call),
    trusted: createTrustedDocuments({ mode: 'off' }),
    maxBatch: 3,
  })
  app = Fastify({ genReqId: () => randomUUID() })
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id))
  await graphRoute(app, {
    handler,
    errors,
    authenticate: ({ authorization }) => {
      if (authorization === 'Bearer wrong') throw new DeskgraphError('UNAUTHENTICATED', 'Sign in.')
      if (authorization === 'Bearer later') throw new DeskgraphError('AUTH_UNAVAILABLE', 'Try again.', { retryAfter: 7 })
      return anonymous
    },
    limits: { bodyBytes: 2_000, operationTimeoutMs: 10_000 },
  })
  url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`
}

async function send(options: {
  method?: 'POST' | 'GET' | 'PUT'
  headers?: Record<string, string>
  body?: string | Buffer
  search?: string
}) {
  const { method = 'POST', headers = { 'content-type': 'application/json' }, body = null, search = '' } = options
  const response = await request(url + search, { method, headers, body })
  const text = await response.body.text()
  const json = JSON.parse(text) as { data?: unknown; errors?: GraphQLFormattedError[] }
  return { status: response.statusCode, headers: response.headers, json, code: json.errors?.[0]?.extensions?.code }
}
const greeting = JSON.stringify({ query: '{ greet(name: "Ada") }' })

describe.each([
  ['through Apollo Server, executed by graphql-js', false],
  ['past Apollo Server, executed by compiled operations', true],
])('%s', (_path, fast) => {
  beforeAll(() => start(fast))
  afterAll(() => app.close())

  describe('POST /graphql', () => {
    test('answers a query and names the request', async () => {
      const { status, headers, json } = await send({ body: greeting })
      expect({ status, json }).toEqual({ status: 200, json: { data: { greet: 'Hello Ada' } } })
      expect(headers['x-request-id']).toBeTruthy()
      expect(headers['content-type']).toBe('application/json; charset=utf-8')
    })
    test('answers in the newer media type when it is asked for', async () => {
      const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' }
      expect((await send({ body: greeting, headers })).headers['content-type']).toBe(
        'application/graphql-response+json; charset=utf-8',
      )
    })
    test('answers each operation of a batch, in order', async () => {
      const body = `[${greeting},{"query":"{ nope }"},${greeting}]`
      const { status, json } = await send({ body })
      expect(status).toBe(200)
      expect(json).toMatchObject([{ data: { greet: 'Hello Ada' } }, { errors: [{}] }, { data: { greet: 'Hello Ada' } }])
    })
    test('refuses more operations than a batch may have, and none at all', async () => {
      expect(await send({ body: `[${[1, 2, 3, 4].map(() => greeting)}]` })).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
      expect(await send({ body: '[]' })).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    })
    test.each([
      ['a document that does not parse', { body: '{"query":"{"}' }, 400, 'GRAPHQL_PARSE_FAILED'],
      ['a field that does not exist', { body: '{"query":"{ nope }"}' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'a variable of the wrong type',
        { body: '{"query":"query($n:String!){greet(name:$n)}","variables":{"n":1}}' },
        400,
        'BAD_USER_INPUT',
      ],
      [
        'an operation that is not there',
        { body: '{"query":"query A{__typename}","operationName":"B"}' },
        400,
        'OPERATION_RESOLUTION_FAILURE',
      ],
      ['a body that is not JSON', { body: '{' }, 400, 'BAD_REQUEST'],
      ['a body without a query', { body: '{"variables":{}}' }, 400, 'BAD_REQUEST'],
      ['a body that is too large', { body: JSON.stringify({ query: 'x'.repeat(3_000) }) }, 413, 'PAYLOAD_TOO_LARGE'],
      ['another content type', { body: greeting, headers: { 'content-type': 'text/plain' } }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
      [
        'a form',
        { body: 'query=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'another charset',
        { body: greeting, headers: { 'content-type': 'application/json; charset=latin1' } },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'a compressed body',
        { body: gzipSync(greeting), headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      ['another method', { method: 'PUT', body: greeting } as const, 405, 'METHOD_NOT_ALLOWED'],
      [
        'an unknown token',
        { body: greeting, headers: { 'content-type': 'application/json', authorization: 'Bearer wrong' } },
        401,
        'UNAUTHENTICATED',
      ],
    ])('refuses %s', async (_what, options, status, code) => {
      const answer = await send(options)
      expect({ status: answer.status, code: answer.code }).toEqual({ status, code })
      expect(answer.json).not.toHaveProperty('data')
      expect(answer.json.errors![0]!.extensions).toMatchObject({ requestId: answer.headers['x-request-id'] })
    })
    test('says when to come back', async () => {
      const answer = await send({
        body: greeting,
        headers: { 'content-type': 'application/json', authorization: 'Bearer later' },
      })
      expect(answer).toMatchObject({ status: 503, code: 'AUTH_UNAVAILABLE' })
      expect(answer.headers['retry-after']).toBe('7')
      expect(answer.json.errors![0]!.extensions).toMatchObject({ retryAfter: 7, retryable: true })
    })
    test('refuses a body that grows over the limit without saying how long it is', async () => {
      async function* endless() {
        for (let i = 0; i < 10; i++) yield Buffer.alloc(1_000, 32)
      }
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Readable.from(endless()),
      })
      await body.dump()
      expect(statusCode).toBe(413)
    })
    test('aborts the operation when the client goes away', async () => {
      const controller = new AbortController()
      const answer = request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ slow }"}',
        signal: controller.signal,
      })
      setTimeout(() => controller.abort(), 100)
      await expect(answer).rejects.toThrow()
      expect(String(await aborted)).toContain('The client disconnected')
    })
  })

  describe('GET /graphql', () => {
    const preflighted = { 'apollo-require-preflight': '1' }
    test('answers a query', async () => {
      const { status, json } = await send({
        method: 'GET',
        search: `?query=${encodeURIComponent('{greet(name:"Bo")}')}`,
        headers: preflighted,
      })
      expect({ status, json }).toEqual({ status: 200, json: { data: { greet: 'Hello Bo' } } })
    })
    test('refuses a request that a foreign page could make', async () => {
      expect(await send({ method: 'GET', search: '?query={__typename}', headers: {} })).toMatchObject({
        status: 400,
        code: 'BAD_REQUEST',
      })
    })
    test('refuses a mutation', async () => {
      expect(await send({ method: 'GET', search: '?query=mutation{touch}', headers: preflighted })).toMatchObject({ status: 405 })
    })
  })
})

test('OPS-02: the time of the rate limit counts for the operation', async () => {
  const calls: Call[] = []
  const limited = Fastify({ genReqId: () => randomUUID() })
  await graphRoute(limited, {
    handler: async ({ call }) => {
      calls.push(call)
      return { status: 200, headers: {}, body: '{}' }
    },
    errors: createErrorBoundary({ suggestions: true, failures: noFailureLog }),
    authenticate: () => anonymous,
    checkRateLimit: () => new Promise((resolve) => setTimeout(resolve, 120)),
    limits: { bodyBytes: 2_000, operationTimeoutMs: 100 },
  })
  const address = await limited.listen({ port: 0, host: '127.0.0.1' })
  const headers = { 'content-type': 'application/json' }
  await (await request(`${address}/graphql`, { method: 'POST', headers, body: greeting })).body.dump()
  expect(calls[0]?.endsAt).toBeLessThan(performance.now())
  await limited.close()
})
