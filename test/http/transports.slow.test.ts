import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { GatewayConfig } from '../../src/config/gateway-config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { json, overSocket, send, transports } from './ask.ts'

const sourceTimeoutMs = 600_000
const operationTimeoutMs = 400
const folder = mkdtempSync(join(tmpdir(), 'deskgraph-transports-'))
afterAll(() => rmSync(folder, { recursive: true }))

const known = 'query Known { viewer { key } }'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const manifest = join(folder, 'persisted-documents.json')
writeFileSync(manifest, JSON.stringify({ [sha256(known)]: known }))

/** A gateway whose sources may hang for longer than an operation may take. */
const start = (performance: string, documents: GatewayConfig['documents'] = { mode: 'off' }) =>
  startGatewayUnderTest({
    replayHistory: false,
    sandbox: { counts: { oneview: 3, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
    environment: { DESKGRAPH_PERFORMANCE: performance },
    config: (config) => ({
      ...config,
      documents,
      limits: { ...config.limits, operationTimeoutMs, batch: 4 },
      sources: {
        ...config.sources,
        oneview: { ...config.sources.oneview!, timeoutMs: sourceTimeoutMs },
      } as GatewayConfig['sources'],
    }),
  })

describe.each(['on', 'off'])('with the code for speed %s', (performance) => {
  let gateway: GatewayUnderTest
  beforeAll(async () => {
    gateway = await start(performance)
  })
  afterAll(() => gateway.close())
  afterEach(() => gateway.sandbox.oneview.fault(null))

  const post = (body: string | Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
    send(`${gateway.url}/graphql`, { method: 'POST', headers: { ...json, ...headers }, body })
  const operation = (parameters: object) => JSON.stringify(parameters)
  const query = operation({ query: '{ __typename }' })
  const subscription = operation({ query: 'subscription { ticketChanged(after: "nonsense") { kind } }' })

  describe('DECISION-41: Accept decides', () => {
    const urql =
      'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed'
    test.each([
      [undefined, 'application/json'],
      ['application/json, text/event-stream;q=0', 'application/json'],
      ['application/json;q=0.1, text/event-stream', 'application/json'],
      ['application/graphql-response+json;q=0.1, application/json', 'application/json'],
      ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json'],
      [urql, 'application/graphql-response+json'],
      ['text/event-stream', 'text/event-stream'],
      ['image/png', 'application/json'],
    ])('a query that comes with %j is answered as %s', async (accept, type) => {
      const answer = await post(query, accept === undefined ? {} : { accept })
      expect(answer).toMatchObject({ status: 200, type, body: { data: { __typename: 'Query' } } })
    })
    test.each([
      ['text/event-stream, multipart/mixed', 'text/event-stream'],
      ['application/json, text/event-stream', 'text/event-stream'],
      [urql, 'text/event-stream'],
      ['application/json', 'application/json'],
      ['*/*', 'application/json'],
      ['application/json, text/event-stream;q=0', 'application/json'],
    ])('a subscription that comes with %j is answered as %s', async (accept, type) => {
      const answer = await post(subscription, { accept })
      expect(answer.type).toBe(type)
      const code = answer.body.errors[0].extensions.code
      expect([answer.status, code]).toEqual(type === 'text/event-stream' ? [200, 'BAD_USER_INPUT'] : [400, 'BAD_REQUEST'])
    })
    test('an error has the media type that was asked for too, with both paths alike', async () => {
      const accept = 'application/graphql-response+json'
      for (const body of [operation({ query: '{ nope }' }), operation({}), '{', operation({ query, operationName: 'A' })]) {
        expect(await post(body, { accept })).toMatchObject({ status: 400, type: accept })
      }
    })
  })

  test.each(transports)('TRANSPORT-08: limits.operationTimeoutMs stops a query over %s', async (_name, ask) => {
    gateway.sandbox.oneview.fault({ kind: 'hang' })
    const page = '{ tickets(first: 1, filter: { sources: ["oneview"] }) { nodes { id } sources { outcome } } }'
    const { status, body } = await ask(gateway.url, { query: page })
    expect(status).toBe(200)
    expect(body.data.tickets.nodes).toEqual([])
    expect(body.data.tickets.sources).toHaveLength(1)
  })

  describe('TRANSPORT-02: an ill-typed part of a request', () => {
    const good = { query: 'query A($n: Int) { tickets(first: $n) { nodes { id } } }' }
    const parts = [
      { variables: '{"n":1' },
      { variables: [1] },
      { variables: 7 },
      { extensions: [] },
      { extensions: 'x' },
      { operationName: { a: 1 } },
      { documentId: 7, query: undefined },
    ]
    const unparsed = [{ variables: '{"n":1}' }, { operationName: 7 }, { query: 7 }, { query: ['{ __typename }'] }]
    test.each(transports)('is refused over %s', async (name, ask) => {
      // In a URL, a text is JSON and each text is a name.
      const members = name.includes('GET') ? parts.slice(0, 5) : [...parts, ...unparsed]
      for (const part of members) {
        const { status, body } = await ask(gateway.url, { ...good, ...part })
        expect([JSON.stringify(part), status % 4_000]).toEqual([JSON.stringify(part), 400])
        if (status === 400) expect(body.errors[0].extensions.code).toBe('BAD_REQUEST')
      }
    })
    test.each(transports)('is no part that is null or empty, over %s', async (_name, ask) => {
      const parameters = { query: '{ __typename }', operationName: '', variables: null, extensions: null }
      expect(await ask(gateway.url, parameters)).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } })
    })
  })

  describe('TRANSPORT-03: a batch is 200 with the outcome of each operation', () => {
    const one = { query: '{ __typename }' }
    const expensive = {
      query:
        '{ tickets(first: 100) { nodes { customer { tickets(first: 100) { nodes { links { __typename } orders { id } } } } } } }',
    }
    test.each([
      ['that costs too much', expensive, 'OPERATION_TOO_COMPLEX'],
      ['that is not GraphQL', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
      ['that does not fit the schema', { query: '{ nope }' }, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'with a variable of the wrong type',
        { query: 'query($n: Int!) { tickets(first: $n) { nodes { id } } }', variables: { n: 'x' } },
        'BAD_USER_INPUT',
      ],
      ['with ill-typed variables', { ...one, variables: 'x' }, 'BAD_REQUEST'],
      ['without a query', {}, 'BAD_REQUEST'],
      ['that is no object', 7, 'BAD_REQUEST'],
      ['that does not exist', { ...one, operationName: 'A' }, 'OPERATION_RESOLUTION_FAILURE'],
      ['that subscribes', { query: 'subscription { ticketChanged { kind } }' }, 'BAD_REQUEST'],
      ['by an unknown hash', { documentId: 'abc' }, 'OPERATION_RESOLUTION_FAILURE'],
    ])('beside an operation %s', async (_what, refused, code) => {
      const { status, body, headers } = await post(JSON.stringify([one, refused, one]))
      expect([status, body.length]).toEqual([200, 3])
      expect([body[0], body[2]]).toEqual([{ data: { __typename: 'Query' } }, { data: { __typename: 'Query' } }])
      expect(body[1].data).toBeUndefined()
      expect(body[1].errors[0].extensions).toMatchObject({ code, requestId: headers.get('x-request-id') })
    })
    test('also when every operation is refused', async () => {
      const { status, body } = await post('[{}, {"query":7}]')
      expect([status, body.map((item: { errors: unknown[] }) => item.errors.length)]).toEqual([200, [1, 1]])
    })
    test('and a write beside a refused operation has its answer', async () => {
      const write = { query: 'mutation { closeTicket(input: { id: "nonsense" }) { outcome } }' }
      const { status, body } = await post(JSON.stringify([write, expensive]))
      expect([status, body.length]).toEqual([200, 2])
      expect(body[0].data.closeTicket.outcome).toBeTruthy()
      expect(body[1].errors[0].extensions.code).toBe('OPERATION_TOO_COMPLEX')
    })
  })

  describe('TRANSPORT-04: Apollo’s persisted queries', () => {
    const byHash = (text: string, more: object = {}) => ({
      extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } },
      ...more,
    })
    // The protocol of WebSocket has no message without a query.
    const asks = transports.map(([name, ask]) => {
      const empty = name === 'WebSocket' ? { query: '' } : {}
      return [name, (url: string, sent: object) => ask(url, { ...empty, ...sent })] as const
    })
    const refused = (code: string, message: string) => ({
      body: { errors: [{ message, extensions: { code, retryable: false } }] },
    })
    const notSupported = refused('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported')
    const notFound = refused('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound')
    const answered = { status: 200, body: { data: { __typename: 'Query' } } }
    const other = '{ __typename }'

    test.each(asks)('are not supported without a manifest, and their text is executed, over %s', async (name, ask) => {
      const status = name === 'WebSocket' ? 400 : 200
      expect(await ask(gateway.url, byHash(known))).toMatchObject({ status, ...notSupported })
      expect(await ask(gateway.url, byHash(other, { query: other }))).toMatchObject(answered)
    })
    describe.each(['prefer', 'only'] as const)('with documents.mode %s', (mode) => {
      let trusting: GatewayUnderTest
      beforeAll(async () => {
        trusting = await start(performance, { mode, manifest })
      })
      afterAll(() => trusting.close())

      test.each(asks)('a hash of the manifest is executed, and another is not found, over %s', async (name, ask) => {
        const status = name === 'WebSocket' ? 400 : 200
        const found = await ask(trusting.url, byHash(known))
        expect(found).toMatchObject({ status: 200, body: { data: { viewer: { key: 'anonymous' } } } })
        expect(await ask(trusting.url, byHash(other))).toMatchObject({ status, ...notFound })
      })
      test.each(asks)('a text beside its hash counts, over %s', async (_name, ask) => {
        const { status, body } = await ask(trusting.url, byHash(other, { query: other }))
        if (mode === 'prefer') expect({ status, body }).toMatchObject(answered)
        else expect(body.errors[0].extensions.code).toBe('FORBIDDEN')
        // The client hashes a text of the manifest in its own way.
        const text = await ask(trusting.url, byHash('a hash of another text', { query: known }))
        expect(text).toMatchObject({ status: 200, body: { data: { viewer: { key: 'anonymous' } } } })
      })
    })
  })

  describe('DECISION-42: the body of a request is UTF-8', () => {
    const bom = Buffer.of(0xef, 0xbb, 0xbf)
    const before = Buffer.from('{"query":"query($t: ID!) { a: __typename @include(if: true) } # ')
    const after = Buffer.from('"}')
    test.each(['application/json', 'text/event-stream'])('invalid bytes are 400, answered as %s', async (accept) => {
      // é in Latin-1, half a character, half of a surrogate pair (RFC 3629 §3).
      for (const invalid of [[0xe9], [0xc3], [0xed, 0xa0, 0xbd]]) {
        const answer = await post(Buffer.concat([before, Buffer.from(invalid), after]), { accept })
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] } })
      }
    })
    test.each(['application/json', 'text/event-stream'])('a byte order mark is skipped, answered as %s', async (accept) => {
      const answer = await post(Buffer.concat([bom, Buffer.from(query)]), { accept })
      expect(answer).toMatchObject({ status: 200, type: accept, body: { data: { __typename: 'Query' } } })
    })
    test('a message of a WebSocket too: 4400 for invalid bytes, and the mark is skipped', async () => {
      const init = Buffer.from('{"type":"connection_init"}')
      const subscribe = Buffer.from('{"id":"1","type":"subscribe","payload":{"query":"{ __typename }"}}')
      const good = await overSocket(gateway.url, (socket) => {
        socket.onopen = () => socket.send(Buffer.concat([bom, init]))
        return ({ type }) => void (type === 'connection_ack' && socket.send(Buffer.concat([bom, subscribe])))
      })
      expect(good).toMatchObject({ status: 200, body: { data: { __typename: 'Query' } } })
      const bad = await overSocket(gateway.url, (socket) => {
        socket.onopen = () => socket.send(Buffer.from([...init, 0xe9]))
        return () => {}
      })
      expect(bad.status).toBe(4400)
    })
  })

  describe('TRANSPORT-05: a document that graphql-js cannot validate or subscribe to', () => {
    test.each(transports)('is GRAPHQL_VALIDATION_FAILED over %s', async (_name, ask) => {
      for (const document of [
        'subscription($s: Boolean!) { ticketChanged @skip(if: $s) { kind } }',
        'subscription($s: Boolean!) { ticketChanged @include(if: $s) { kind } }',
        'subscription { ticketChanged @skip(if: true) { kind } }',
        'subscription { ticketChanged @include(if: false) { kind } }',
        'subscription { ticketChanged @skip(if: 3) { kind } }',
        'subscription { ticketChanged @skip { kind } }',
        'subscription($s: Boolean!) { ... @skip(if: $s) { ticketChanged { kind } } }',
        'subscription($s: Boolean!) { ...F @skip(if: $s) } fragment F on Subscription { ticketChanged { kind } }',
        'subscription($s: Boolean!) { ...F } fragment F on Subscription { ...G } fragment G on Subscription { ticketChanged @skip(if: $s) { kind } }',
        // More errors than graphql-js counts.
        `{ viewer { ${Array.from({ length: 120 }, (_, n) => `n${n}`).join(' ')} } }`,
      ]) {
        const { status, body } = await ask(gateway.url, { query: document, variables: { s: false } })
        const codes = new Set(body.errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code))
        expect([document, status, [...codes]]).toEqual([document, 400, ['GRAPHQL_VALIDATION_FAILED']])
      }
    })
    test.each(transports)('is not one with @skip and @include below the root or in a query, over %s', async (_name, ask) => {
      const sent = {
        query: 'query($s: Boolean!) { a: __typename @skip(if: $s) b: __typename @include(if: $s) }',
        variables: { s: true },
      }
      expect(await ask(gateway.url, sent)).toMatchObject({ status: 200, body: { data: { b: 'Query' } } })
      const below = 'subscription { ticketChanged(after: "nonsense") { kind @skip(if: true) cursor } }'
      const { body } = await ask(gateway.url, { query: below })
      expect(body.errors[0].extensions.code).not.toBe('GRAPHQL_VALIDATION_FAILED')
    })
    test.each(transports)('is BAD_USER_INPUT when a condition is null at run time, over %s', async (_name, ask) => {
      const sent = { query: 'query($s: Boolean = true) { a: __typename b: __typename @skip(if: $s) }', variables: { s: null } }
      const { body } = await ask(gateway.url, sent)
      expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT')
    })
  })
})
