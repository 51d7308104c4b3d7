import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

// The fast path and the direct operations answer as Fastify and Apollo Server do.

let gateways: GatewayUnderTest[]
beforeAll(async () => {
  const sandbox = { counts: { oneview: 1, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } }
  const start = (performance: string) =>
    startGatewayUnderTest({
      replayHistory: false,
      sandbox,
      environment: { DESKGRAPH_PERFORMANCE: performance },
      config: (config) => ({ ...config, limits: { ...config.limits, rate: { perSecond: 100_000, burst: 1_000_000 } } }),
    })
  gateways = await Promise.all(['on', 'off'].map(start))
})
afterAll(() => Promise.all(gateways.map((gateway) => gateway.close())))

const accepts = [
  ...[
    undefined,
    '*/*',
    'application/json',
    'application/graphql-response+json',
    'text/event-stream',
    'text/html',
    '',
    'garbage,,;',
  ],
  ...['application/graphql-response+json;q=0.1, application/json', 'application/json, text/event-stream', 'application/json;q=0'],
]
const types = ['application/json', 'application/json; charset="UTF-8"; x=y', 'text/plain', 'application/json; charset=latin1']
const typename = '{"query":"{ __typename }"}'
const page = 'query($n: Int!) { tickets(first: $n) { nodes { id } } }'
const bodies = [
  ...[typename, '', '{', '[]', '[{}]', 'null', '7', '"x"', '{}', `[7,${typename}]`, `[${Array(11).fill(typename)}]`],
  ...[
    '{"query":"{ nope }"}',
    '{"query":"{"}',
    '{"query":"{ __typename }","variables":[]}',
    '{"query":"{ __typename }","extensions":{"a":1}}',
  ],
  ...['{"query":"query A{__typename}","operationName":"B"}', '{"query":"query A{__typename}","operationName":""}'],
  ...[
    '{"query":"query A{a:__typename} query B{__typename}"}',
    '{"query":"query A{a:__typename} query B{__typename}","operationName":"A"}',
  ],
  '{"query":"subscription { ticketChanged(after: \\"x\\") { kind } }"}',
  ...[{ n: 'x' }, { n: 1_000 }, {}].map((variables) => JSON.stringify({ query: page, variables })),
  ...['{"documentId":"x"}', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}'],
  '{"query":"mutation { closeTicket(input: { id: \\"x\\" }) { outcome userErrors { code } } }"}',
  '{"query":"{ sources { key contactReasons { key } } }"}',
  Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(typename)]),
  Buffer.concat([Buffer.from('{"query":"{ __typename } # '), Buffer.of(0xe9), Buffer.from('"}')]),
  'x'.repeat(300_000),
]

/** What differs between two answers to the same request. */
const ownHeaders = new Set(['date', 'x-request-id', 'keep-alive', 'connection', 'transfer-encoding', 'content-length'])

async function ask(gateway: GatewayUnderTest, sent: Record<string, string>, body: string | Buffer<ArrayBuffer>) {
  const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: sent, body })
  const text = (await response.text()).replaceAll(response.headers.get('x-request-id')!, 'the request id')
  // What is left depends on when each window began.
  const shown = ([name, value]: [string, string]) => [name, name === 'ratelimit' ? value.replaceAll(/\d+/g, 'n') : value]
  const headers = [...response.headers].filter(([name]) => !ownHeaders.has(name)).map(shown)
  return { status: response.status, headers: headers.sort(), text }
}

test.each(accepts)(
  'every request that comes with the Accept %j is answered alike with and without the code for speed',
  async (accept) => {
    for (const type of types) {
      for (const cost of ['0', '1']) {
        for (const body of bodies) {
          const headers = { 'content-type': type, 'x-deskgraph-cost': cost, ...(accept !== undefined && { accept }) }
          const [fast, plain] = await Promise.all(gateways.map((gateway) => ask(gateway, headers, body)))
          expect({ type, body: String(body).slice(0, 200), ...fast }).toEqual({
            type,
            body: String(body).slice(0, 200),
            ...plain,
          })
        }
      }
    }
  },
)
