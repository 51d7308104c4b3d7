import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAcceptEncoding } from '../../src/http/compression.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'

const page = '{ tickets(first: 20) { nodes { id title status createdAt updatedAt customer { name } } } }'

describe.each(['on', 'off'])('TRANSPORT-14: with the code for speed %s', (performance) => {
  let gateway: GatewayUnderTest
  beforeAll(async () => {
    gateway = await startGatewayUnderTest({
      replayHistory: false,
      sandbox: { counts: { oneview: 20, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } },
      environment: { DESKGRAPH_PERFORMANCE: performance },
    })
  })
  afterAll(() => gateway.close())

  /** The bytes as they are sent: fetch would decompress them. */
  const ask = (acceptEncoding: string | null, query = page, accept = 'application/json') =>
    new Promise<{ encoding: string | undefined; vary: string | undefined; bytes: Buffer }>((resolve, reject) => {
      const headers = {
        'content-type': 'application/json',
        accept,
        ...(acceptEncoding !== null && { 'accept-encoding': acceptEncoding }),
      }
      const sent = request(`${gateway.url}/graphql`, { method: 'POST', headers }, async (response) => {
        const { 'content-encoding': encoding, 'content-length': length, vary } = response.headers
        const chunks: Buffer[] = []
        for await (const chunk of response) {
          chunks.push(chunk)
          // A subscription never ends by itself.
          if (accept === 'text/event-stream') break
        }
        const bytes = Buffer.concat(chunks)
        if (length !== undefined) expect(bytes).toHaveLength(Number(length))
        resolve({ encoding, vary, bytes })
      })
      sent.on('error', reject)
      sent.end(JSON.stringify({ query }))
    })

  test('JSON of a kilobyte and more is compressed for a client that accepts it, and is the same', async () => {
    const plain = await ask(null)
    expect(plain.encoding).toBeUndefined()
    expect(JSON.parse(String(plain.bytes)).data.tickets.nodes.length).toBeGreaterThan(10)
    const br = await ask('gzip, deflate, br, zstd')
    expect([br.encoding, String(brotliDecompressSync(br.bytes))]).toEqual(['br', String(plain.bytes)])
    const gzip = await ask('gzip')
    expect([gzip.encoding, String(gunzipSync(gzip.bytes))]).toEqual(['gzip', String(plain.bytes)])
    for (const { vary } of [plain, br, gzip]) expect(vary?.split(', ')).toContain('accept-encoding')
    expect(br.bytes.length).toBeLessThan(plain.bytes.length / 2)
    expect(gzip.bytes.length).toBeLessThan(plain.bytes.length / 2)
  })

  test('a short response and an event stream are not', async () => {
    const short = await ask('br, gzip', '{ __typename }')
    expect([short.encoding, String(short.bytes)]).toEqual([undefined, '{"data":{"__typename":"Query"}}'])
    const stream = await ask('br, gzip', 'subscription { ticketChanged { kind } }', 'text/event-stream')
    expect([stream.encoding, String(stream.bytes)]).toEqual([undefined, expect.stringMatching(/^:\n\n/)])
    const query = await ask('br, gzip', page, 'text/event-stream')
    expect(query.encoding).toBeUndefined()
  })
})

test.each([
  [undefined, 'identity'],
  ['', 'identity'],
  ['identity', 'identity'],
  ['deflate', 'identity'],
  ['*', 'br'],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0.1, gzip;q=0.9', 'gzip'],
  ['gzip, br', 'br'],
  ['gzip;q=0, *', 'br'],
  ['identity;q=1, gzip;q=0.5', 'identity'],
  ['*;q=0', 'identity'],
  ['garbage,,;q=x', 'identity'],
])('TRANSPORT-14: Accept-Encoding %j means %s', (accepted, encoding) => {
  expect(readAcceptEncoding(accepted)).toBe(encoding)
})
