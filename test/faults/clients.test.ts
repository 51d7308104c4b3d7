import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { sendRaw } from '../http/plugins/raw-http.ts'
import { type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

let gateway: FaultyGateway
beforeAll(async () => {
  gateway = await startFaultyGateway({
    config: (config) => ({
      ...config,
      limits: {
        ...config.limits,
        slowClients: { ...config.limits.slowClients, headersTimeoutMs: 1_000, requestTimeoutMs: 1_000 },
        rate: { perSecond: 100_000, burst: 1_000_000 },
      },
    }),
  })
})
afterAll(() => gateway.close())
beforeEach(() => gateway.proxy('oneview').reset())

interface Result {
  readonly status: number
  readonly code: string | undefined
  readonly headers: Headers
}
const json = { 'content-type': 'application/json' }

async function send(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = json,
  path = '/graphql',
  method = 'POST',
): Promise<Result> {
  const response = await fetch(gateway.url + path, { method, headers, ...(method === 'GET' ? {} : { body }) })
  const text = await response.text()
  return { status: response.status, code: toCode(text), headers: response.headers }
}
function toCode(text: string): string | undefined {
  const { errors } = JSON.parse(text) as { errors?: { extensions: { code: string } }[] }
  expect(text).not.toMatch(/at \w+ \(|node_modules|\.ts:/)
  return errors?.[0]?.extensions.code
}
const ask = (query: string, variables?: unknown) => send(JSON.stringify({ query, variables }))

/** Runs the attack while another client sends queries. Returns its result, and the other client's longest wait. */
async function beside<T>(attack: () => Promise<T>): Promise<{ result: T; waitedMs: number }> {
  let done = false
  let waitedMs = 0
  const bystander = (async () => {
    do {
      const startedAt = performance.now()
      expect((await ask('{ sources { key } }')).status).toBe(200)
      waitedMs = Math.max(waitedMs, performance.now() - startedAt)
    } while (!done)
  })()
  const result = await attack()
  done = true
  await bystander
  expect(waitedMs).toBeLessThan(3 * 250)
  return { result, waitedMs }
}

/** An operation that the gateway refuses while it serves other clients. */
function refuses(
  id: Parameters<typeof guarantee>[0],
  fault: string,
  code: string | readonly string[],
  attack: () => Promise<Result>,
): void {
  const codes = [code].flat()
  guarantee(id, { fault, expected: `400 ${codes.join(' or ')}, no upstream call, others served` }, async () => {
    const { result, waitedMs } = await beside(attack)
    expect({ status: result.status, code: result.code }).toEqual({ status: 400, code: expect.toBeOneOf([...codes]) })
    expect(gateway.proxy('oneview').calls).toHaveLength(0)
    return `400 ${result.code}; another client waited ${waitedMs.toFixed(0)} ms at most`
  })
}

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')
/** Tickets within customers within tickets. */
const pages = (levels: number): string => (levels === 0 ? 'id' : `customer { tickets { nodes { ${pages(levels - 1)} } } }`)

refuses('CLIENT-01', '200 aliases of one field', 'OPERATION_TOO_COMPLEX', () =>
  ask(`{ ${times(200, (n) => `a${n}: sources { key }`)} }`),
)
refuses('CLIENT-02', 'an array of 11 operations', 'BAD_REQUEST', () =>
  send(JSON.stringify(Array(11).fill({ query: '{ sources { key } }' }))),
)
refuses('CLIENT-03', 'an operation 60 levels deep', 'OPERATION_TOO_DEEP', () => ask(`{ tickets { nodes { ${pages(20)} } } }`))
refuses('CLIENT-04', 'seven levels of default pages', ['OPERATION_TOO_DEEP', 'OPERATION_TOO_COMPLEX'], () =>
  ask(`{ tickets { nodes { ${pages(6)} } } }`),
)
refuses('CLIENT-04', 'three levels of default pages', 'OPERATION_TOO_COMPLEX', () => ask(`{ tickets { nodes { ${pages(3)} } } }`))
refuses('CLIENT-05', '5,000 fields', ['GRAPHQL_PARSE_FAILED', 'OPERATION_TOO_COMPLEX', 'BAD_REQUEST'], () =>
  ask(`{ sources { ${times(5_000, () => 'key')} } }`),
)
refuses('CLIENT-06', '500 directives', 'OPERATION_TOO_COMPLEX', () =>
  ask(`{ sources { ${times(250, () => 'key @include(if: true) @skip(if: false)')} } }`),
)
refuses('CLIENT-07', 'fragments that contain each other', ['GRAPHQL_VALIDATION_FAILED', 'OPERATION_TOO_COMPLEX'], () =>
  ask('{ sources { ...A } } fragment A on Source { key ...B } fragment B on Source { label ...A }'),
)
refuses('CLIENT-08', 'fields that are all compared with each other', ['OPERATION_TOO_COMPLEX', 'GRAPHQL_PARSE_FAILED'], () =>
  ask(`{ ${times(15, () => `sources { ${times(60, () => 'key')} }`)} }`),
)
refuses('CLIENT-08', 'fragments whose fields are compared many times', ['OPERATION_TOO_COMPLEX', 'GRAPHQL_PARSE_FAILED'], () =>
  ask(
    `{ sources { ...F0 } } ${times(60, (n) => `fragment F${n} on Source { ${n < 59 ? `...F${n + 1} ...F${n + 1}` : ''} ${times(10, () => 'key')} }`)}`,
  ),
)
refuses('CLIENT-09', 'a document 20,000 levels deep', ['GRAPHQL_PARSE_FAILED', 'BAD_REQUEST'], () =>
  ask(`${'{a'.repeat(20_000)}${'}'.repeat(20_000)}`),
)
refuses('CLIENT-09', 'a document as deep as its length allows', ['GRAPHQL_PARSE_FAILED', 'OPERATION_TOO_DEEP'], () =>
  ask(`${'{a'.repeat(1_300)}${'}'.repeat(1_300)}`),
)
refuses('CLIENT-10', 'an input 5,000 levels deep', 'BAD_REQUEST', () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
  return send(`{"query":"query ($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }","variables":{"f":{"tags":${deep}}}}`)
})
refuses('CLIENT-11', 'a page of a million', ['BAD_USER_INPUT', 'OPERATION_TOO_COMPLEX'], () =>
  ask('{ tickets(first: 1000000) { nodes { id } } }'),
)

for (const [id, what, status, code, attack] of [
  ['CLIENT-12', 'a body of 5 MB', 413, 'PAYLOAD_TOO_LARGE', () => ask(`{ sources { key } } # ${'x'.repeat(5_000_000)}`)],
  [
    'CLIENT-13',
    'a compressed body',
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    () => send(new Uint8Array(gzipSync('{"query":"{ sources { key } }"}')), { ...json, 'content-encoding': 'gzip' }),
  ],
  [
    'CLIENT-14',
    'a mutation by GET',
    405,
    'METHOD_NOT_ALLOWED',
    () =>
      send(
        '',
        { ...json, 'apollo-require-preflight': '1' },
        `/graphql?query=${encodeURIComponent('mutation { closeTicket(input: { id: "x" }) { outcome } }')}`,
        'GET',
      ),
  ],
] as const) {
  guarantee(id, { fault: what, expected: `${status}, others served` }, async () => {
    const { result, waitedMs } = await beside(attack)
    expect({ status: result.status, code: result.code }).toEqual({ status, code })
    return `${result.status} ${result.code}; another client waited ${waitedMs.toFixed(0)} ms at most`
  })
}

guarantee('CLIENT-02', { fault: 'an array of 10,000 operations', expected: '4xx, others served' }, async () => {
  const { result, waitedMs } = await beside(() => send(JSON.stringify(Array(10_000).fill({ query: '{a}' }))))
  expect([400, 413]).toContain(result.status)
  return `${result.status} ${result.code}; another client waited ${waitedMs.toFixed(0)} ms at most`
})

guarantee(
  'CLIENT-15',
  { fault: 'an operation comes in content types that a foreign page can send', expected: '415, and 4xx for a plain GET' },
  async () => {
    const body = JSON.stringify({ query: '{ sources { key } }' })
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/json; charset=latin1',
    ]) {
      expect((await send(body, { 'content-type': type })).status, type).toBe(415)
    }
    const plain = await send('', {}, `/graphql?query=${encodeURIComponent('{ sources { key } }')}`, 'GET')
    expect(plain.status).toBe(400)
    return `415 four times; a GET without a preflight ${plain.status}`
  },
)

guarantee(
  'CLIENT-18',
  { fault: 'headers that never end, and a body that never ends', expected: '408, others served' },
  async () => {
    const slow = (bytes: string) => sendRaw(gateway.url, bytes, 15_000)
    const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n'
    const { result, waitedMs } = await beside(() => Promise.all([slow(head), slow(`${head}\r\n{"query":`)]))
    for (const answer of result) expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    return `408 twice; another client waited ${waitedMs.toFixed(0)} ms at most`
  },
)

guarantee('CLIENT-20', { fault: 'content-length and transfer-encoding in one request', expected: '400' }, async () => {
  const answer = await sendRaw(
    gateway.url,
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer).not.toContain('process_cpu')
  return '400, the second request is not read'
})

guarantee(
  'CLIENT-21',
  { fault: '150 random bodies and 50 random streams of bytes', expected: 'every answer under 500, the process alive' },
  async () => {
    const seen = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: json, body: new Uint8Array(bytes) })
        await response.arrayBuffer()
        seen.add(response.status)
        expect(response.status).toBeLessThan(500)
      }),
      { numRuns: 75 },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          { query: fc.jsonValue(), variables: fc.jsonValue(), operationName: fc.jsonValue(), extensions: fc.jsonValue() },
          { requiredKeys: [] },
        ),
        async (body) => {
          const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: json, body: JSON.stringify(body) })
          await response.arrayBuffer()
          seen.add(response.status)
          expect(response.status).toBeLessThan(500)
        },
      ),
      { numRuns: 75 },
    )
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        const answer = await sendRaw(gateway.url, `${text}\r\n\r\n`, 3_000).catch(() => '')
        expect(answer).not.toMatch(/^HTTP\/1\.1 5/)
      }),
      { numRuns: 50 },
    )
    expect((await ask('{ sources { key } }')).status).toBe(200)
    return `statuses ${[...seen].sort().join(', ')}; alive`
  },
)

guarantee('CLIENT-21', { fault: 'hostile paths and methods', expected: 'every answer under 500' }, async () => {
  const paths = [
    '/%00',
    '/graphql/../../etc/passwd',
    '/webhooks/%2e%2e',
    '/webhooks/__proto__',
    '/%ff%fe',
    `/${'a'.repeat(10_000)}`,
    '//graphql',
    '/graphql?query=%',
  ]
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      expect(await statusOf(method, path), `${method} ${path.slice(0, 40)}`).toBeLessThan(500)
    }
  }
  return `${paths.length * 6} answers, all under 500`
})

/** Sends the path unchanged; fetch would normalise it. */
function statusOf(method: string, path: string): Promise<number> {
  const { hostname, port } = new URL(gateway.url)
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, method, path, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    outgoing.once('error', reject)
    outgoing.end()
  })
}
