import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportSPKI, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { createRouting } from '../../sandbox/rbi/catalogue.ts'
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.ts'
import { encodeId } from '../../src/domain/ids.ts'
import { createSigner, type Signer, sign } from '../auth/issuer.ts'
import { type FakePartner, startPartner } from '../delivery/fake-partner.ts'
import { sendRaw } from '../http/plugins/raw-http.ts'
import { canary, linesWithCanaries } from '../support/canaries.ts'
import { bytes, type FaultProxy, reset, rewrite, rewriteText, startFaultProxy, status } from '../support/fault-proxy.ts'
import { subscribeOverSocket } from '../support/live.ts'
import { buildWhenStale } from '../support/process/built.ts'
import { type GatewayProcess, launch, startProcess } from '../support/process/gateway-process.ts'
import { guarantee } from './guarantee.ts'

const folder = mkdtempSync(join(tmpdir(), 'deskgraph-production-'))
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
/** The secrets of the configuration. */
const environment = {
  ONEVIEW_TOKEN: canary.upstreamToken,
  VCC_SECRET: canary.webhookSecret,
  RBI_SECRET: canary.webhookSecret,
  PARTNER_SECRET: canary.partnerSecret,
  DESKGRAPH_CONFIG: join(folder, 'gateway.yaml'),
}

let signer: Signer
let sandbox: Sandbox
let proxy: FaultProxy
let partner: FakePartner
let gateway: GatewayProcess
let token: string
beforeAll(async () => {
  buildWhenStale()
  signer = await createSigner('production')
  sandbox = await createSandbox({ counts: { oneview: 30, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } })
  proxy = await startFaultProxy()
  partner = await startPartner((response) => void response.writeHead(500, { 'x-said': canary.header }).end(canary.upstreamBody))
  file('key.pem', await exportSPKI((await importJWK(signer.publicJwk, 'ES256')) as CryptoKey))
  file('routing.yaml', stringify(toRouting([partner.url])))
  file('gateway.yaml', stringify(toConfig()))
  const now = Math.floor(Date.now() / 1000)
  const scope = 'tickets:read tickets:write tickets:raw customers:pii routing:admin source:*'
  token = await sign(signer, { iat: now - 60, exp: now + 3_600, scope, email: canary.email, name: canary.person, sub: 'agent-1' })
  gateway = await startProcess({ ...environment, LOG_LEVEL: 'debug', DESKGRAPH_DATA_DIR: join(folder, 'data') })
})
afterAll(async () => {
  await gateway?.stop()
  await Promise.all([sandbox.close(), proxy.close(), partner.close()])
  rmSync(folder, { recursive: true, force: true })
})

function toRouting(urls: readonly string[], allowPrivateNetworks = ['127.0.0.1/32']) {
  const base = createRouting('http://127.0.0.1:1', 'secret')
  const partners = urls.map((url, index) => ({
    key: `partner-${index}`,
    url,
    secret: '${PARTNER_SECRET}',
    events: ['GENERAL_SUPPORT_TICKET_EVENT'],
  }))
  return { allowPrivateNetworks, markets: base.markets.map((market) => ({ ...market, partners })) }
}

function toConfig() {
  return {
    sources: {
      oneview: {
        system: 'oneview',
        url: proxy.before(sandbox.oneview.url),
        token: '${ONEVIEW_TOKEN}',
        upstream: { failures: 100_000 },
      },
      vcc: { system: 'vcc', account: 'acme', secret: '${VCC_SECRET}' },
      rbi: { system: 'rbi', secret: '${RBI_SECRET}', routing: 'routing.yaml' },
    },
    auth: { mode: 'jwt', issuer: 'https://issuer.example', audience: 'deskgraph', publicKeyFile: 'key.pem' },
    limits: { overload: { eventLoopLagMs: 60_000 } },
    deliveries: { scheduleSeconds: [0, 1] },
    observability: { audit: { file: 'audit.log' } },
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const addresses = [
  ...['/', '/graphql', '/graphql/', '/graphql/assets/index.js', '/graphiql', '/console', '/index.html', '/favicon.ico'],
  ...[
    '/webhooks',
    '/webhooks/vcc',
    '/webhooks/rbi',
    '/webhooks/oneview',
    '/webhooks/unknown',
    '/health',
    '/health/',
    '/metrics/',
  ],
  ...['/.env', '/package.json', '/schema.graphql', '/docs', '/admin', '/_sandbox/calls', '/debug', '/graphql?query={__typename}'],
]
const json = { 'content-type': 'application/json' }
const call = (path: string, method: string, headers: Record<string, string> = json) =>
  fetch(gateway.url + path, { method, headers, redirect: 'manual', ...(['GET', 'HEAD'].includes(method) ? {} : { body: '{}' }) })

/** The answer does not tell the software, its files or its versions. */
function expectNoInternals(text: string, headers: Headers): void {
  expect(text).not.toMatch(/node_modules|\.[jt]s:\d|\bat \w+ \(|fastify|apollo|node\/\d|0\.1\.0|\/src\/|dist\//i)
  expect(text).not.toContain(folder)
  for (const name of ['server', 'x-powered-by', 'via']) expect(headers.get(name)).toBeNull()
}

describe('a gateway in production, without a token', () => {
  test.each(addresses)('%s is 401, 404 or 405 by every method, without internals', async (path) => {
    for (const method of methods) {
      const response = await call(path, method)
      expect(response.status, method).toBeOneOf([401, 404, 405])
      if (response.status === 401) expect(response.headers.get('www-authenticate'), method).toBe('Bearer')
      expectNoInternals(await response.text(), response.headers)
    }
  })

  test('liveness and readiness return their status alone, and accept no other method', async () => {
    for (const [path, body] of [
      ['/health/live', { status: 'live' }],
      ['/health/ready', { status: 'ready' }],
    ] as const) {
      const response = await call(path, 'GET')
      expect([response.status, await response.json()]).toEqual([200, body])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) expect((await call(path, method)).status).toBe(405)
    }
  })

  test('metrics are read from loopback alone, and by GET', async () => {
    expect((await call('/metrics', 'GET')).status).toBe(200)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) expect((await call('/metrics', method)).status).toBe(405)
  })

  test('a browser gets no console', async () => {
    const response = await call('/graphql', 'GET', { accept: 'text/html' })
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
      const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': type }, body })
      expect(response.status).toBe(401)
      await response.arrayBuffer()
    }
  })
})

async function ask(query: string, variables: object = {}, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query, variables }),
  })
  const text = await response.text()
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  const answer = JSON.parse(text) as { data?: any; errors?: { message: string; extensions: { code: string } }[] }
  return { status: response.status, text, ...answer }
}

describe('a gateway in production, with a token', () => {
  test('does not reveal its schema', async () => {
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "Ticket") { fields { name } } }']) {
      const { status, data, errors } = await ask(query)
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
      const { status, text } = await ask(query)
      expect(status).toBe(400)
      expect(text).not.toMatch(/did you mean/i)
    }
  })
})

/** Every error body that a client received. */
const errorBodies: string[] = []
/** The data of every answer, where customers' data is allowed. */
const inside: string[] = []
async function provoke(query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<void> {
  const { errors, data } = await ask(query, variables, headers)
  errorBodies.push(JSON.stringify(errors ?? []))
  inside.push(JSON.stringify(data ?? {}))
  // The messages of a payload count as an error body.
  errorBodies.push(JSON.stringify(data ?? {}, (key, value) => (['raw', 'customer', 'nodes'].includes(key) ? undefined : value)))
}
async function push(source: string, body: string, headers: Record<string, string> = {}, query = ''): Promise<void> {
  const response = await fetch(`${gateway.url}/webhooks/${source}${query}`, {
    method: 'POST',
    headers: { ...json, ...headers },
    body,
  })
  errorBodies.push(await response.text())
}

guarantee(
  'INPUT-08',
  {
    fault: 'canaries in tokens, headers, inputs, upstream answers, webhooks and partner replies, LOG_LEVEL=debug',
    expected: 'none in logs, audit log, metrics or error bodies',
  },
  async () => {
    const whole = 'query ($id: ID!) { ticket(id: $id) { id status queue raw customer { name email phone } } }'
    const list =
      '{ tickets(first: 5, filter: { sources: ["oneview"] }) { nodes { id raw customer { email } } sources { error } } }'
    const close =
      'mutation ($id: ID!) { closeTicket(input: { id: $id, statusReason: "' +
      canary.text +
      '", idempotencyKey: "' +
      canary.id +
      '" }) { outcome userErrors { message } } }'
    const id = encodeId('ticket', 'oneview', '', 'vsba-nhas')

    for (const fault of [
      ...[400, 401, 403, 404, 409, 422, 429, 500, 503].map((code) =>
        status(
          code,
          { 'retry-after': canary.header, location: `http://${canary.place}/`, 'x-said': canary.header },
          JSON.stringify({ errors: [{ title: canary.upstreamBody }], email: canary.email }),
        ),
      ),
      status(302, { location: `http://${canary.place}/tickets?token=${canary.upstreamToken}` }),
      bytes(`<html>${canary.upstreamBody} ${canary.email}`),
      bytes(`{"id":"${canary.id}","email":"${canary.email}`),
      reset('before'),
      reset('body'),
      rewriteText((text) => text.replace('{', `{"${canary.text}":"${canary.email}",`)),
      rewrite((answer) => ({
        ...answer,
        id: canary.id,
        list: [{ id: canary.id, status: canary.text, customer: { email: canary.email, name: canary.person } }],
      })),
      rewrite((answer) => ({
        ...answer,
        status: canary.text,
        channel: canary.text,
        customer: { id: canary.id, name: canary.person, email: canary.email, phone: canary.phone },
      })),
    ]) {
      proxy.fault(fault)
      await provoke(whole, { id })
      await provoke(list)
      await provoke(close, { id })
      proxy.reset()
      await provoke(list)
    }

    await provoke(
      whole,
      { id },
      {
        'x-forwarded-for': canary.header,
        cookie: canary.header,
        'x-agent-user-id': canary.email,
        'user-agent': canary.header,
        referer: `https://x/?q=${canary.text}`,
      },
    )
    await provoke(`{ tickets(filter: { createdAfter: "${canary.text}" }) { nodes { id } } }`)
    await provoke(`{ ticket(id: "${canary.id}") { id } }`)
    await provoke(`{ tickets "${canary.email}" }`)
    await provoke(`{ tickets(filter: { text: "${canary.text}`)
    await provoke(`{ tickets(first: "${canary.phone}") { nodes { id } } }`)
    await provoke('query ($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }', {
      f: { status: [canary.text], customerEmail: canary.email },
    })
    await provoke('query ($f: TicketFilter) { tickets(filter: $f) { nodes { id } } }', {
      f: { createdAfter: canary.email, text: canary.phone },
    })
    await provoke('query ($a: String) { tickets(after: $a) { nodes { id } } }', { a: canary.text })
    await provoke('query ($s: String!) { ticketByExternalId(source: "oneview", externalId: $s) { id } }', {
      s: `../${canary.text}`,
    })
    const create = 'mutation ($i: CreateTicketInput!) { createTicket(input: $i) { outcome userErrors { message } } }'
    const customer = { email: canary.email, name: canary.person, phone: canary.phone }
    await provoke(create, { i: { source: 'rbi', category: canary.text, customer, description: canary.text } })
    await provoke(create, { i: { source: 'rbi', category: 'app', customer: { ...customer, email: `${canary.text} no mail` } } })
    await provoke(create, {
      i: { source: 'rbi', category: 'app', subcategory: 'coupon', customer, description: canary.text, title: canary.text },
    })

    await push(
      'vcc',
      JSON.stringify({ action: canary.text, ticket: { ticketId: 1, email: canary.email } }),
      {},
      `?secret-key=${canary.webhookSecret}`,
    )
    await push(
      'vcc',
      JSON.stringify({ action: 'add', ticket: { ticketId: canary.text, projectId: 1 } }),
      {},
      `?secret-key=${canary.webhookSecret}`,
    )
    await push('vcc', `{"action": "${canary.email}`, {}, `?secret-key=${canary.webhookSecret}`)
    await push(
      'vcc',
      JSON.stringify({
        action: 'add',
        ticket: { ticketId: 2, projectId: 1, title: canary.text, status: canary.text, cc: canary.email },
      }),
      {},
      `?secret-key=${canary.webhookSecret}`,
    )
    await push('vcc', '{}', {}, `?secret-key=${canary.webhookSecret}-wrong&more=${canary.text}`)
    await push('rbi', JSON.stringify({ type: canary.text, data: { customer } }), { 'x-signature': canary.header })
    const signed = JSON.stringify({
      type: 'GENERAL',
      data: { id: canary.id, category: 'x', comments: canary.text, createdAt: canary.text, customer },
    })
    await push('rbi', signed, {
      'x-signature': createHmac('sha256', canary.webhookSecret).update(signed).digest('hex'),
      'webhook-id': canary.id,
    })
    await push('vcc', 'x'.repeat(1_100_000), {}, `?secret-key=${canary.webhookSecret}`)

    for (const authorization of [
      `Bearer ${canary.header}`,
      `Basic ${canary.header}`,
      `Bearer eyJhbGciOiJub25lIn0.${canary.header}.x`,
    ]) {
      errorBodies.push(await (await call('/graphql', 'POST', { ...json, authorization })).text())
    }
    errorBodies.push(await (await call(`/graphql?access_token=${canary.header}`, 'POST')).text())
    errorBodies.push(await (await call(`/${canary.text}`, 'GET')).text())
    errorBodies.push(await sendRaw(gateway.url, `GET /${canary.header} HTTP/9.9\r\n${canary.header}\u0000\r\n\r\n`))
    await subscribeOverSocket(
      gateway.url,
      'subscription { ticketChanged { cursor } }',
      {},
      { Authorization: `Bearer ${canary.header}` },
    ).ended
    await vi.waitFor(
      async () => {
        const { data } = await ask('{ deliveries(first: 5) { nodes { state lastError } } }')
        errorBodies.push(JSON.stringify(data))
        expect(data.deliveries.nodes).not.toEqual([])
        for (const { state } of data.deliveries.nodes) expect(state).toBe('DEAD')
      },
      { timeout: 30_000, interval: 250 },
    )

    const metrics = await (await call('/metrics', 'GET')).text()
    const logs = gateway.output()
    const audit = readFileSync(join(folder, 'audit.log'), 'utf8')
    expect(logs.split('\n').length).toBeGreaterThan(10)
    expect(metrics).toContain('deskgraph_upstream_calls_total')
    expect(audit).toContain('closeTicket')
    const alsoSecret = [token, token.split('.')[2] ?? '', new URL(proxy.origin).host, partner.url]
    expect({
      logs: linesWithCanaries(logs, alsoSecret),
      audit: linesWithCanaries(audit, alsoSecret),
      metrics: linesWithCanaries(metrics, alsoSecret),
      errors: linesWithCanaries(errorBodies.join('\n'), alsoSecret),
    }).toEqual({ logs: [], audit: [], metrics: [], errors: [] })
    return `${logs.split('\n').length} lines of log, ${audit.split('\n').length} of audit, ${metrics.split('\n').length} of metrics, ${errorBodies.length} error bodies: none`
  },
)

guarantee(
  'PROCESS-07',
  {
    fault: 'a secret of the configuration is not in the environment',
    expected: 'exit ≠ 0 in 2 s, with the key and without values',
  },
  async () => {
    const { ONEVIEW_TOKEN: _, ...rest } = environment
    const { code, output, afterMs } = await launch({ ...rest, DESKGRAPH_DATA_DIR: join(folder, 'other') }).ended
    expect(code).not.toBe(0)
    expect(output).toContain('sources.oneview.token')
    expect(output).toContain('ONEVIEW_TOKEN')
    expect(linesWithCanaries(output)).toEqual([])
    expect(output).not.toMatch(/\bat .*\(/)
    expect(afterMs).toBeLessThan(3 * 2_000)
    return `exit ${code} after ${(afterMs / 1000).toFixed(1)} s: "${output.trim().split('\n').at(-1)?.trim().replace(folder, '')}"`
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
    file('inside.yaml', stringify(toRouting(forbidden, [])))
    const config = toConfig()
    const rbi = { ...config.sources.rbi, routing: 'inside.yaml' }
    const DESKGRAPH_CONFIG = file('inside-gateway.yaml', stringify({ ...config, sources: { ...config.sources, rbi } }))
    const { code, output } = await launch({ ...environment, DESKGRAPH_CONFIG, DESKGRAPH_DATA_DIR: join(folder, 'other') }).ended
    expect(code).not.toBe(0)
    for (const index of forbidden.keys()) expect(output, forbidden[index]).toContain(`partners.${index}.url`)
    for (const url of forbidden) expect(output).not.toContain(url)
    return `exit ${code}, ${forbidden.length} faults by line and path`
  },
)
