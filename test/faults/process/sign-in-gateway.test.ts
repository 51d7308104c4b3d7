import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { beforeAll, describe, expect, onTestFinished } from 'vitest'
import { createRandom } from '../../../sandbox/random.ts'
import { serveSimulator } from '../../../sandbox/simulator-server.ts'
import { createZendesk } from '../../../sandbox/zendesk/simulator.ts'
import { createDatabase, hasPostgres } from '../../support/databases.ts'
import { startOAuthServer } from '../../support/oauth-server.ts'
import { buildWhenStale, mainFile } from '../../support/process/built.ts'
import { startProcess } from '../../support/process/gateway-process.ts'
import { askGraph } from '../../support/process/graph-client.ts'
import { guarantee } from '../guarantee.ts'

const key = 'c0ffee'.repeat(10).padEnd(64, '7')
const list = '{ tickets(first: 3) { nodes { id } sources { source { key } outcome error code } } }'
const close = 'mutation { closeTicket(input: { id: "ticket:zendesk::1" }) { outcome userErrors { message } } }'

async function openDatabase(): Promise<string> {
  const database = await createDatabase()
  onTestFinished(database.drop)
  return database.url
}

function writeConfig(config: object): { readonly folder: string; readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-sign-in-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'gateway.json')
  writeFileSync(file, JSON.stringify({ shutdown: { delayMs: 0 }, limits: { overload: { eventLoopLagMs: 60_000 } }, ...config }))
  return { folder, file }
}

/** Collects what an exporter of traces sends. */
async function startCollector() {
  const bodies: Buffer[] = []
  const server = createServer((req, res) => {
    req.on('data', (chunk: Buffer) => bodies.push(chunk))
    req.on('end', () => res.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
  return { endpoint, text: () => Buffer.concat(bodies).toString('latin1') }
}

describe.runIf(await hasPostgres())('a gateway that signs in', () => {
  beforeAll(buildWhenStale)

  guarantee(
    'SECRET-08',
    {
      fault: 'servers that repeat tokens in their answers, LOG_LEVEL=debug, traces, a diagnostic report',
      expected: 'no token, secret or key in logs, errors, metrics, traces, reports and commands',
      timeoutMs: 120_000,
    },
    async () => {
      const server = await startOAuthServer({ expiresIn: 2 })
      const collector = await startCollector()
      const oauth = {
        tokenUrl: server.tokenUrl,
        clientId: server.client.id,
        clientSecret: server.client.secret,
        scopes: ['read'],
      }
      const { folder, file } = writeConfig({
        sources: { zendesk: { system: 'zendesk', url: server.url, oauth: { ...oauth, refreshToken: `\${FIRST_TOKEN}` } } },
        observability: { tracing: { endpoint: collector.endpoint, sampleRatio: 1 } },
      })
      const environment = {
        DESKGRAPH_CONFIG: file,
        DATABASE_URL: await openDatabase(),
        DESKGRAPH_SECRETS_KEY: key,
        FIRST_TOKEN: server.first,
        LOG_LEVEL: 'debug',
        NODE_OPTIONS: `--report-on-signal --report-dir=${folder}`,
      }
      const gateway = await startProcess(environment)
      const http = new Agent()
      const seen: string[] = []
      const ask = async (query: string) => {
        const answer = JSON.stringify(await askGraph(http, gateway.url, query))
        seen.push(answer)
        return answer
      }
      // The API answers what is no list; then it refuses the token and repeats it; then the token endpoint refuses and repeats.
      await ask(list)
      server.revoke('access tokens')
      await ask(list)
      await ask(close)
      await sleep(2_100)
      await ask(list)
      server.revoke('all')
      await expect.poll(() => ask(list), { timeout: 15_000, interval: 500 }).toContain('sign in again')
      await ask(close)
      for (const path of ['/metrics', '/health/ready']) seen.push(await (await fetch(gateway.url + path)).text())
      expect(seen.join()).toContain('deskgraph_credentials_usable{source="zendesk"}')
      gateway.kill('SIGUSR2')
      const reports = () => readdirSync(folder).filter((name) => name.startsWith('report.'))
      await expect.poll(() => reports().length, { timeout: 10_000 }).toBe(1)
      const cli = join(dirname(mainFile), 'cli', 'index.js')
      for (const command of [['check-config'], ['doctor'], ['secrets', 'list'], ['secrets', 'list', '--json']]) {
        const { stdout, stderr } = spawnSync(process.execPath, [cli, ...command], {
          env: { ...process.env, ...environment, NODE_OPTIONS: '' },
          encoding: 'utf8',
        })
        expect(stdout.length).toBeGreaterThan(10)
        seen.push(stdout, stderr)
      }
      const { output } = await gateway.stop()
      await http.destroy()
      const places = {
        log: output,
        answers: seen.join('\n'),
        traces: collector.text(),
        report: reports()
          .map((name) => readFileSync(join(folder, name), 'utf8'))
          .join('\n'),
      }
      const secrets = [...server.secrets, key, Buffer.from(key, 'hex').toString('base64')]
      for (const [place, text] of Object.entries(places)) {
        expect(text.length, place).toBeGreaterThan(100)
        expect(
          secrets.filter((secret) => text.includes(secret)),
          place,
        ).toEqual([])
      }
      expect(places.log).toContain('a source needs a new sign-in')
      return `${secrets.length} secrets in none of ${Object.keys(places).length} places`
    },
  )

  guarantee(
    'SECRET-06',
    {
      fault: 'two gateways over Zendesk, whose tokens end after 3 s',
      expected: 'every page is answered, no refresh token is sent twice',
    },
    async () => {
      const client = { id: 'deskgraph', secret: 'the-secret-of-the-client', redirectUri: 'http://127.0.0.1/back' }
      const zendesk = createZendesk({
        ...{ random: createRandom('sign-in'), until: Date.now(), count: 12, credentials: { token: 'unused-token' } },
        ...{ oauthClients: [client], tokensExpireIn: 3 },
      })
      const server = await serveSimulator(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
      onTestFinished(() => server.close())
      const tokenUrl = `${server.origin}/oauth/tokens`
      // A person consents in the browser.
      const query = new URLSearchParams({ client_id: client.id, redirect_uri: client.redirectUri, response_type: 'code' })
      const consent = await fetch(`${server.origin}/oauth/authorizations/new?${query}`, { redirect: 'manual' })
      const code = new URL(consent.headers.get('location')!).searchParams.get('code')!
      const first = await fetch(tokenUrl, {
        method: 'POST',
        body: new URLSearchParams({
          ...{ grant_type: 'authorization_code', code, redirect_uri: client.redirectUri },
          ...{ client_id: client.id, client_secret: client.secret },
        }),
      })
      const { refresh_token: refreshToken } = (await first.json()) as { refresh_token: string }
      const oauth = { tokenUrl, clientId: client.id, clientSecret: client.secret, refreshToken }
      const { file } = writeConfig({ sources: { zendesk: { system: 'zendesk', url: server.origin, oauth } } })
      const environment = { DESKGRAPH_CONFIG: file, DATABASE_URL: await openDatabase(), DESKGRAPH_SECRETS_KEY: key }
      const gateways = await Promise.all([startProcess(environment), startProcess(environment)])
      const http = new Agent()
      let pages = 0
      const endsAt = performance.now() + 10_000
      while (performance.now() < endsAt) {
        for (const { url } of gateways) {
          const { data } = await askGraph(http, url, list)
          expect(data.tickets.sources).toMatchObject([{ outcome: 'OK' }])
          expect(data.tickets.nodes).toHaveLength(3)
          pages += 1
        }
        await sleep(200)
      }
      const exchanges = server.calls.latest().filter(({ operation }) => operation === 'oauth_tokens')
      expect(exchanges.filter(({ status }) => status !== 200)).toEqual([])
      expect(exchanges.length).toBeGreaterThan(3)
      await Promise.all(gateways.map((gateway) => gateway.stop()))
      await http.destroy()
      return `${pages} pages, ${exchanges.length} exchanges, none refused`
    },
  )
})
