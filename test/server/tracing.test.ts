import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gatewayConfig } from '../../src/config/gateway-config.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: readonly { readonly key: string; readonly value: { stringValue?: string; intValue?: number } }[]
  readonly status: { readonly code?: number }
}

/** The spans that the gateway has exported, and the `traceparent` of every request to a simulator. */
const spans: Span[] = []
const received: string[] = []
const collector = createServer(async (incoming, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = JSON.parse(String(Buffer.concat(chunks))) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
  spans.push(...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)))
  response.end('{}')
})
const onRequest = (message: unknown): void => {
  const { url = '', headers } = (message as { request: IncomingMessage }).request
  if (!url.startsWith('/graphql') && headers.traceparent !== undefined) received.push(String(headers.traceparent))
}
let gateway: GatewayUnderTest

beforeAll(async () => {
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening))
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`
  // Nothing is traced but what a client asks to have traced.
  const observability = { tracing: { endpoint, sampleRatio: 0 } }
  const counts = { oneview: 1, verifik: 3, vcc: 1, wasabi: 1, rbi: 1 }
  gateway = await startGatewayUnderTest({
    sandbox: { counts },
    replayHistory: false,
    config: (config) => gatewayConfig.parse({ ...config, observability }),
  })
  subscribe('http.server.request.start', onRequest)
}, 60_000)
afterAll(async () => {
  unsubscribe('http.server.request.start', onRequest)
  collector.close()
})

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const clientSpanId = '00f067aa0ba902b7'

/** Asks by Node's own client, which adds no `traceparent`. */
function ask(headers: Record<string, string>): Promise<number> {
  const body = JSON.stringify({
    query: 'query Page { tickets(first: 2, filter: { sources: ["verifik"] }) { nodes { threads(first: 1) { nodes { id } } } } }',
  })
  return new Promise((resolve, reject) => {
    const sent = request(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    })
    sent.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const attributesOf = ({ attributes }: Span) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

test("OPS-14: one trace leads from the client's traceparent to the vendor", async () => {
  expect(await ask({})).toBe(200)
  expect(await ask({ traceparent: `00-${traceId}-${clientSpanId}-01` })).toBe(200)
  // Ends the exporter, which sends what it has.
  await gateway.close()

  // The first request came without a trace, and none is sampled here.
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
  const childrenOf = (id: string) => spans.filter(({ parentSpanId }) => parentSpanId === id)
  const [server, ...others] = childrenOf(clientSpanId)
  expect(others).toEqual([])
  expect([server!.name, server!.kind]).toEqual(['POST /graphql', 2])
  expect(attributesOf(server!)).toEqual({
    'http.request.method': 'POST',
    'http.route': '/graphql',
    'url.scheme': 'http',
    'http.response.status_code': 200,
  })
  const [operation] = childrenOf(server!.spanId)
  expect(operation!.name).toBe('query')
  expect(attributesOf(operation!)).toEqual({
    'graphql.operation.type': 'query',
    'graphql.operation.name': 'Page',
    'deskgraph.request_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  const ofSources = childrenOf(operation!.spanId)
  expect(new Set(ofSources.map(({ name }) => name))).toEqual(new Set(['verifik listTickets', 'verifik loadTickets']))
  const calls = ofSources.flatMap(({ spanId }) => childrenOf(spanId))
  expect(calls.length).toBeGreaterThanOrEqual(2)
  for (const call of calls) {
    expect([call.name, call.kind]).toEqual(['GET', 3])
    expect(attributesOf(call)).toEqual({ 'http.request.method': 'GET', 'http.response.status_code': 200 })
  }
  // Every span is below the client's, and each call's vendor got its span as `traceparent`.
  expect(spans).toHaveLength(2 + ofSources.length + calls.length)
  const sampled = received.filter((value) => value.endsWith('-01'))
  expect(sampled.sort()).toEqual(calls.map(({ spanId }) => `00-${traceId}-${spanId}-01`).sort())
  expect(JSON.stringify(spans)).not.toMatch(/127\.0\.0\.1|tickets\(/)
}, 30_000)
