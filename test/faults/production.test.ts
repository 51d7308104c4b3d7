import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { linesWithCanaries } from '../support/canaries.ts'
import { launch } from '../support/process/gateway-process.ts'
import { guarantee } from './guarantee.ts'
import { metricsToken, type ProductionGateway, startProduction, toRouting } from './production-gateway.ts'

let production: ProductionGateway
beforeAll(async () => {
  production = await startProduction()
})
afterAll(() => production.close())

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const addresses = [
  ...['/graphql', '/graphql/', '/graphql/assets/index.js', '/graphiql', '/console', '/index.html', '/favicon.ico'],
  ...[
    '/webhooks',
    '/webhooks/vcc',
    '/webhooks/rbi',
    '/webhooks/oneview',
    '/webhooks/unknown',
    '/health',
    '/health/',
    '/metrics/x',
  ],
  ...['/.env', '/package.json', '/schema.graphql', '/docs', '/admin', '/_sandbox/calls', '/debug', '/graphql?query={__typename}'],
]
/** The answer does not tell the software, its files or its versions. */
function expectNoInternals(text: string, headers: Headers): void {
  expect(text).not.toMatch(/node_modules|\.[jt]s:\d|\bat \w+ \(|fastify|apollo|node\/\d|0\.1\.0|\/src\/|dist\//i)
  expect(text).not.toContain(production.folder)
  for (const name of ['server', 'x-powered-by', 'via']) expect(headers.get(name)).toBeNull()
}

describe('a gateway in production, without a token', () => {
  test.each(addresses)('%s is refused by every method, without internals', async (path) => {
    for (const method of methods) {
      const response = await production.call(path, method)
      // Vendors ask by HEAD whether an address of webhooks exists.
      const isAsked = method === 'HEAD' && path.startsWith('/webhooks/')
      expect(response.status, method).toBeOneOf(isAsked ? [200, 404] : [401, 404, 405])
      if (response.status === 401) expect(response.headers.get('www-authenticate'), method).toBe('Bearer')
      expectNoInternals(await response.text(), response.headers)
    }
  })

  test('liveness and readiness return their status alone, and accept no other method', async () => {
    for (const [path, body] of [
      ['/health/live', { status: 'live' }],
      ['/health/ready', { status: 'ready' }],
    ] as const) {
      const response = await production.call(path, 'GET')
      expect([response.status, await response.json()]).toEqual([200, body])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
        expect((await production.call(path, method)).status).toBe(405)
    }
  })

  test.each(['/metrics', '/metrics/', '//metrics'])('%s is read by GET with its own token', async (path) => {
    const refused = await production.call(path, 'GET')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await refused.text()).not.toContain('deskgraph_')
    const read = await production.call(path, 'GET', { authorization: `Bearer ${metricsToken}` })
    expect(read.status).toBe(200)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      expect((await production.call(path, method)).status).toBe(405)
  })

  test('/ names the product and its two open addresses to every reader, and a browser is not sent to a console', async () => {
    for (const accept of ['*/*', 'text/html', 'application/json']) {
      const response = await production.call('/', 'GET', { accept })
      expect([response.status, response.headers.get('location')]).toEqual([200, null])
      const text = await response.text()
      expect(text.split('\n')[0]).toBe('This is Deskgraph, a GraphQL gateway for support tickets.')
      expect(text.match(/\/\w[\w/]*/g)).toEqual(['/graphql', '/health/ready'])
      expectNoInternals(text, response.headers)
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      expect((await production.call('/', method)).status).toBe(405)
  })

  test('a browser gets no console', async () => {
    const response = await production.call('/graphql', 'GET', { accept: 'text/html' })
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toContain('application/json')
  })

  test('no body, of any type and size, is read before the token', async () => {
    for (const [type, body] of [
      ['text/plain', 'x'],
      ['application/json', '{'],
      ['application/json', 'x'.repeat(400_000)],
      ['multipart/form-data; boundary=x', 'x'],
    ] as const) {
      const response = await fetch(`${production.process.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      })
      expect(response.status).toBe(401)
      await response.arrayBuffer()
    }
  })
})

describe('a gateway in production, with a token', () => {
  test('does not reveal its schema', async () => {
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Ticket") { fields { name } } }']) {
      const { status, data, errors } = await production.ask(query)
      expect({ status, data, codes: errors?.map(({ extensions }) => extensions.code) }).toEqual({
        status: 400,
        data: undefined,
        codes: expect.arrayContaining(['GRAPHQL_VALIDATION_FAILED']),
      })
    }
  })

  test('suggests no names', async () => {
    for (const query of [
      '{ ticket }',
      '{ souces { key } }',
      '{ tickets(frst: 1) { nodes { id } } }',
      '{ tickets(filter: { stat: OPEN }) { nodes { id } } }',
    ]) {
      const { status, text } = await production.ask(query)
      expect(status).toBe(400)
      expect(text).not.toMatch(/did you mean/i)
    }
  })
})

guarantee(
  'PROCESS-07',
  {
    fault: 'a secret of the configuration is not in the environment',
    expected: 'exit ≠ 0 in 2 s, with the key and without values',
  },
  async () => {
    const { ONEVIEW_TOKEN: _, ...rest } = production.environment
    const { code, output, afterMs } = await launch({ ...rest, DESKGRAPH_DATA_DIR: join(production.folder, 'other') }).ended
    expect(code).not.toBe(0)
    expect(output).toContain('sources.oneview.token')
    expect(output).toContain('ONEVIEW_TOKEN')
    expect(linesWithCanaries(output)).toEqual([])
    expect(output).not.toMatch(/\bat .*\(/)
    expect(afterMs).toBeLessThan(3 * 2_000)
    return `exit ${code} after ${(afterMs / 1000).toFixed(1)} s: "${output.trim().split('\n').at(-1)?.trim().replace(production.folder, '')}"`
  },
)

const forbidden = [
  ...[
    'http://127.0.0.1/h',
    'https://10.0.0.1/h',
    'https://169.254.169.254/latest',
    'https://[::1]/h',
    'https://[::ffff:10.0.0.1]/h',
  ],
  ...[
    'https://2130706433/h',
    'https://0x7f000001/h',
    'https://0177.0.0.1/h',
    'https://127.1/h',
    'https://localhost/h',
    'https://metadata.google.internal/h',
  ],
  ...[
    'https://user:pass@partner.example/h',
    'ftp://partner.example/h',
    'http://partner.example/h',
    'https://partner.example:22/h',
    'https://[fd00::1]/h',
    'https://0.0.0.0/h',
  ],
]

guarantee(
  'INPUT-04',
  {
    fault: `${forbidden.length} partner URLs of internal addresses: private, mapped, decimal, octal, with credentials …`,
    expected: 'refused at the start, each with its place, without the URL',
  },
  async () => {
    production.write('inside.yaml', stringify(toRouting(forbidden, [])))
    const config = production.config()
    const rbi = { ...config.sources.rbi, routing: 'inside.yaml' }
    const DESKGRAPH_CONFIG = production.write(
      'inside-gateway.yaml',
      stringify({ ...config, sources: { ...config.sources, rbi } }),
    )
    const { code, output } = await launch({
      ...production.environment,
      DESKGRAPH_CONFIG,
      DESKGRAPH_DATA_DIR: join(production.folder, 'other'),
    }).ended
    expect(code).not.toBe(0)
    for (const index of forbidden.keys()) expect(output, forbidden[index]).toContain(`partners.${index}.url`)
    for (const url of forbidden) expect(output).not.toContain(url)
    return `exit ${code}, ${forbidden.length} faults by line and path`
  },
)
