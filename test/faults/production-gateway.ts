import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportSPKI, importJWK } from 'jose'
import { stringify } from 'yaml'
import { createRouting } from '../../sandbox/rbi/catalogue.ts'
import { createSandbox } from '../../sandbox/sandbox.ts'
import { createSigner, sign } from '../auth/issuer.ts'
import { type FakePartner, startPartner } from '../delivery/fake-partner.ts'
import { canary } from '../support/canaries.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { buildWhenStale } from '../support/process/built.ts'
import { type GatewayProcess, startProcess } from '../support/process/gateway-process.ts'

/** With which `/metrics` is read there. */
export const metricsToken = 'token-of-the-metrics'

/** A gateway process with the configuration of a production: auth.mode jwt, secrets from the environment, an audit log. */
export interface ProductionGateway {
  readonly folder: string
  /** The environment of the process, with marked secrets. */
  readonly environment: Readonly<Record<string, string>>
  readonly process: GatewayProcess
  /** Stands before OneView. */
  readonly proxy: FaultProxy
  /** Answers every delivery with 500 and marked values. */
  readonly partner: FakePartner
  /** A valid token with every scope. */
  readonly token: string
  /** Writes a file beside the configuration and returns its path. */
  write(name: string, content: string): string
  /** The content of the configuration file. */
  config(): ReturnType<typeof toConfig>
  /** An HTTP request without a token. */
  call(path: string, method: string, headers?: Record<string, string>): Promise<Response>
  /** An operation with the token. */
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<ProductionAnswer>
  close(): Promise<void>
}

/** The answer to an operation, decoded and as text. */
export interface ProductionAnswer {
  readonly status: number
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly data?: any
  readonly errors?: { message: string; extensions: { code: string } }[]
}

const json = { 'content-type': 'application/json' }

/** Starts the sandbox, the proxy, the partner and the gateway process. */
export async function startProduction(): Promise<ProductionGateway> {
  buildWhenStale()
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-production-'))
  const write = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const environment = {
    ONEVIEW_TOKEN: canary.upstreamToken,
    VCC_SECRET: canary.webhookSecret,
    RBI_SECRET: canary.webhookSecret,
    PARTNER_SECRET: canary.partnerSecret,
    DESKGRAPH_CONFIG: join(folder, 'gateway.yaml'),
  }
  const signer = await createSigner('production')
  const sandbox = await createSandbox({ counts: { oneview: 30, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } })
  const proxy = await startFaultProxy()
  const partner = await startPartner(
    (response) => void response.writeHead(500, { 'x-said': canary.header }).end(canary.upstreamBody),
  )
  const config = () => toConfig(proxy.before(sandbox.oneview.url))
  write('key.pem', await exportSPKI((await importJWK(signer.publicJwk, 'ES256')) as CryptoKey))
  write('routing.yaml', stringify(toRouting([partner.url])))
  write('gateway.yaml', stringify(config()))
  const now = Math.floor(Date.now() / 1000)
  const scope = 'tickets:read tickets:write tickets:raw customers:pii routing:admin source:*'
  const claims = { iat: now - 60, exp: now + 3_600, scope, email: canary.email, name: canary.person, sub: 'agent-1' }
  const token = await sign(signer, claims)
  const process = await startProcess({ ...environment, LOG_LEVEL: 'debug', DESKGRAPH_DATA_DIR: join(folder, 'data') })
  return {
    folder,
    environment,
    process,
    proxy,
    partner,
    token,
    write,
    config,
    call: (path, method, headers = json) =>
      fetch(process.url + path, {
        method,
        headers,
        redirect: 'manual',
        ...(['GET', 'HEAD'].includes(method) ? {} : { body: '{}' }),
      }),
    async ask(query, variables = {}, headers = {}) {
      const response = await fetch(`${process.url}/graphql`, {
        method: 'POST',
        headers: { ...json, authorization: `Bearer ${token}`, ...headers },
        body: JSON.stringify({ query, variables }),
      })
      const text = await response.text()
      return { status: response.status, text, ...JSON.parse(text) }
    },
    async close() {
      await process.stop()
      await Promise.all([sandbox.close(), proxy.close(), partner.close()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The content of a routing file with these partners. */
export function toRouting(urls: readonly string[], allowPrivateNetworks = ['127.0.0.1/32']) {
  const base = createRouting('http://127.0.0.1:1', 'secret')
  const partners = urls.map((url, index) => ({
    key: `partner-${index}`,
    url,
    secret: '${PARTNER_SECRET}',
    events: ['GENERAL_SUPPORT_TICKET_EVENT'],
  }))
  return { allowPrivateNetworks, markets: base.markets.map((market) => ({ ...market, partners })) }
}

function toConfig(oneViewUrl: string) {
  return {
    sources: {
      oneview: {
        system: 'oneview',
        url: oneViewUrl,
        token: '${ONEVIEW_TOKEN}',
        upstream: { failures: 100_000 },
      },
      vcc: { system: 'vcc', account: 'acme', secret: '${VCC_SECRET}' },
      rbi: { system: 'rbi', secret: '${RBI_SECRET}', routing: 'routing.yaml' },
    },
    auth: { mode: 'jwt', issuer: 'https://issuer.example', audience: 'deskgraph', publicKeyFile: 'key.pem' },
    limits: { overload: { eventLoopLagMs: 60_000 } },
    deliveries: { scheduleSeconds: [0, 1] },
    observability: { metrics: { token: metricsToken }, audit: { file: 'audit.log' } },
  }
}
