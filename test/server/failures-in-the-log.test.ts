import { Readable } from 'node:stream'
import { createClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findLines, toExplanation } from '../../src/cli/explain.ts'
import { gatewayConfig } from '../../src/config/gateway-config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// An engineer on call has the request id that a client got, and needs the log line that says what failed.

interface LogLine {
  readonly message: string
  readonly level: string | number
  readonly requestId?: string
  readonly code?: string
  readonly source?: string
  readonly operationName?: string | null
  readonly path?: unknown
  readonly transport?: string
}

const ask = `query OneTicket { ticketByExternalId(source: "oneview", externalId: "f4b8f8e5-365a-4ed1-a122-0f4ba1afef44") { title } }`

type ClientError = { readonly extensions: { readonly code: string; readonly requestId: string } }

async function overHttp(url: string, more: Record<string, string> = {}): Promise<ClientError> {
  const headers = { 'content-type': 'application/json', ...more }
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: ask }) })
  return ((await response.json()) as { errors: ClientError[] }).errors[0]!
}

async function overEvents(url: string, more: Record<string, string> = {}): Promise<ClientError> {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...more }
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: ask }) })
  const text = await response.text()
  const body = response.headers.get('content-type')?.includes('event-stream') ? /^data: (.*)$/m.exec(text)![1]! : text
  return (JSON.parse(body) as { errors: ClientError[] }).errors[0]!
}

function overSocket(url: string): Promise<ClientError> {
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, retryAttempts: 0 })
  return new Promise<ClientError>((resolve, reject) => {
    const take = (result: { errors?: unknown }) => resolve((result.errors as ClientError[])[0]!)
    client.subscribe(
      { query: ask },
      {
        next: (result) => take(result),
        error: (failure) => (Array.isArray(failure) ? resolve(failure[0] as ClientError) : reject(failure as Error)),
        complete: () => {},
      },
    )
  }).finally(() => void client.dispose())
}

const transports = [
  ['http', overHttp],
  ['sse', overEvents],
  ['websocket', overSocket],
] as const

const linesOf = (log: readonly string[], requestId: string): LogLine[] =>
  log.map((line) => JSON.parse(line) as LogLine).filter((line) => line.requestId === requestId)

describe('a source that fails', () => {
  const log: string[] = []
  let gateway: GatewayUnderTest
  beforeAll(async () => {
    gateway = await startGatewayUnderTest({ replayHistory: false, log })
    gateway.sandbox.oneview.fault({ kind: 'status', status: 401 })
  })
  afterAll(() => gateway.close())

  it.each(transports)('leaves one line for the request id that a client got over %s', async (transport, send) => {
    const { extensions } = await send(gateway.url)
    expect(extensions.code).toBe('UPSTREAM_AUTH_FAILED')
    const failures = linesOf(log, extensions.requestId).filter(({ code }) => code !== undefined)
    expect(failures).toMatchObject([
      { code: 'UPSTREAM_AUTH_FAILED', source: 'oneview', operationName: 'OneTicket', path: 'ticketByExternalId', transport },
    ])
  })

  it.each(transports)(
    'OPS-11: and one line that says who asked over %s, which sources, and what came',
    async (transport, send) => {
      const { extensions } = await send(gateway.url)
      const lines = () => linesOf(log, extensions.requestId).filter(({ message }) => message === 'request')
      await expect.poll(lines).toMatchObject([
        {
          level: 30,
          transport,
          route: '/graphql',
          viewer: 'anonymous',
          operations: [{ name: 'OneTicket', type: 'query', outcome: 'partial', codes: ['UPSTREAM_AUTH_FAILED'] }],
          sources: { oneview: { calls: 1, ms: expect.any(Number) } },
        },
      ])
    },
  )

  it('OPS-12: the request id leads to the cause by deskgraph explain', async () => {
    const { extensions } = await overHttp(gateway.url)
    await expect.poll(() => linesOf(log, extensions.requestId)).toHaveLength(2)
    const lines = await findLines(extensions.requestId, [Readable.from(log.map((line) => `${line.trimEnd()}\n`))])
    const story = toExplanation(extensions.requestId, lines)
      .replaceAll(/[\dT:.-]+Z/g, 'TIME')
      .replaceAll(/\d+ ms/g, 'N ms')
    expect(story.split('\n')).toEqual([
      `Request ${extensions.requestId}`,
      '',
      'TIME  source failed: UPSTREAM_AUTH_FAILED (source oneview, operation OneTicket, at ticketByExternalId)',
      expect.stringMatching(/^ {2}because DeskgraphError UPSTREAM_AUTH_FAILED: /),
      ...lines[0]!.causes!.slice(1).map(() => expect.stringMatching(/^ {2}because /)),
      '  what to do: docs/errors.md, UPSTREAM_AUTH_FAILED',
      '',
      'TIME  POST /graphql over http: answered with 200 after N ms',
      '  viewer: anonymous',
      '  query OneTicket: partial (UPSTREAM_AUTH_FAILED)',
      '  source oneview: 1 call, N ms together',
    ])
  })

  it('and so does a request that no route knows', async () => {
    const other = await fetch(`${gateway.url}/nothing-here`)
    await other.text()
    const expected = [{ message: 'request', method: 'GET', route: 'other', status: 404, code: 'BAD_REQUEST' }]
    await expect.poll(() => linesOf(log, other.headers.get('x-request-id')!)).toMatchObject(expected)
  })
})

describe('a gateway that fails', () => {
  const log: string[] = []
  let gateway: GatewayUnderTest
  beforeAll(async () => {
    // Nothing listens on port 1: the key set of the issuer cannot be loaded.
    const auth = { mode: 'jwt', issuer: 'https://issuer.example', audience: 'deskgraph', jwksUrl: 'http://127.0.0.1:1/jwks.json' }
    gateway = await startGatewayUnderTest({
      replayHistory: false,
      log,
      config: (config) => gatewayConfig.parse({ ...config, auth }),
    })
  })
  afterAll(() => gateway.close())

  it.each([
    ['http', overHttp],
    ['sse', overEvents],
  ] as const)('leaves one line for every 503 that a client got over %s', async (_transport, send) => {
    // A token by its form: whether it is genuine cannot be said without keys.
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const token = `${part({ alg: 'ES256', kid: 'k1', typ: 'JWT' })}.${part({ sub: 'ann' })}.c2ln`
    const { extensions } = await send(gateway.url, { authorization: `Bearer ${token}` })
    expect(extensions.code).toBe('AUTH_UNAVAILABLE')
    expect(linesOf(log, extensions.requestId)).toContainEqual(
      expect.objectContaining({ code: 'AUTH_UNAVAILABLE', level: expect.anything() }),
    )
  })
})
