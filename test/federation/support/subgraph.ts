import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { stringify } from 'yaml'
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { buildWhenStale, mainFile } from '../../support/process/built.ts'
import { startProcess } from '../../support/process/gateway-process.ts'

// biome-ignore lint/suspicious/noExplicitAny: each test compares the fields of its answers
type Data = any

const metricsToken = 'token-of-the-metrics'

/** A gateway process with `federation: true` and signed-in viewers, over the sandbox. */
export interface SubgraphGateway {
  readonly url: string
  readonly sandbox: Sandbox
  /** A token of an agent with these scopes. */
  sign(scope: string): Promise<string>
  /** Asks the gateway itself, past the router, with every right. Throws when the answer has errors. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Data>
  /** A counter or gauge of `/metrics`: the sum over its labels. */
  metric(name: string): Promise<number>
  close(): Promise<void>
}

const issuer = 'https://issuer.example'
export const everyRight = 'tickets:read tickets:write customers:pii routing:admin source:*'

export async function startSubgraph(): Promise<SubgraphGateway> {
  buildWhenStale()
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-federation-'))
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content)
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const counts = { oneview: 120, verifik: 60, vcc: 30, wasabi: 30, rbi: 10 }
  const sandbox = await createSandbox({ counts, seed: 'federation' })
  const { sources } = sandbox.gatewayConfig()
  write('key.pem', await exportSPKI(publicKey))
  write('routing.yaml', stringify(sources.rbi.routing))
  write(
    'gateway.yaml',
    stringify({
      sources: { ...sources, rbi: { ...sources.rbi, routing: 'routing.yaml' } },
      auth: { mode: 'jwt', issuer, audience: 'deskgraph', publicKeyFile: 'key.pem' },
      federation: true,
      introspection: true,
      // A busy test machine would trigger load shedding.
      limits: { overload: { eventLoopLagMs: 60_000 } },
      observability: { metrics: { token: metricsToken }, audit: { file: 'audit.log' } },
    }),
  )
  const gateway = await startProcess({ DESKGRAPH_CONFIG: join(folder, 'gateway.yaml'), DESKGRAPH_DATA_DIR: join(folder, 'data') })
  await sandbox.replayHistory(gateway.url)
  const sign = (scope: string) =>
    new SignJWT({ sub: 'ann', email: 'ann@desk.example', scope })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience('deskgraph')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  const token = await sign(everyRight)
  return {
    url: gateway.url,
    sandbox,
    sign,
    async ask(query, variables = {}) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = (await response.json()) as Data
      if (errors) throw new Error(`The graph answered with errors: ${JSON.stringify(errors)}`)
      return data
    },
    async metric(name) {
      const text = await (await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })).text()
      return [...text.matchAll(new RegExp(`^${name}(?:{[^}]*})? (\\d+)$`, 'gm'))].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      )
    },
    async close() {
      await gateway.stop()
      await sandbox.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What `deskgraph schema --federation` prints. */
export function printSubgraph(): string {
  const command = join(mainFile, '../cli/index.js')
  return execFileSync(process.execPath, [command, 'schema', '--federation'], { encoding: 'utf8' })
}
