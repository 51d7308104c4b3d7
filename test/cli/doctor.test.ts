import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PassThrough } from 'node:stream'
import { sql } from 'kysely'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { runChecks } from '../../src/cli/doctor/checks.ts'
import { observeConnections } from '../../src/cli/doctor/connections.ts'
import { runDoctor } from '../../src/cli/doctor/doctor.ts'
import { createPartnerChecks } from '../../src/cli/doctor/partners.ts'
import type { PartnerDirectory } from '../../src/delivery/partner-directory.ts'
import { createSsrfGuard } from '../../src/delivery/ssrf-guard.ts'
import { noProxies } from '../../src/outbound/proxies.ts'
import { makeCertificate, type TestCertificate, trust } from '../support/certificate.ts'
import { createDatabase, hasPostgres, openTestStore } from '../support/databases.ts'
import { startForwardProxy } from '../support/forward-proxy.ts'
import { hasRedis, redisUrl } from '../support/redis.ts'

const dayMs = 86_400_000
const token = 'secret-token-of-the-source'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deskgraph-doctor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

/** Starts a server on loopback: with TLS where it has a certificate. Resolves with its URL. */
async function start(listener: RequestListener, certificate?: TestCertificate): Promise<string> {
  const server = certificate ? createServer(certificate, listener) : createHttpServer(listener)
  server.on('tlsClientError', () => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close().closeAllConnections())
  return `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Resolves with a loopback port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}

const emptyList: RequestListener = (_, res) => res.setHeader('content-type', 'application/json').end('{"list":[]}')

const oneview = (url: string) => ({ system: 'oneview', url: `${url}/ticket-detail`, token, label: 'OneView' })

interface Examined {
  readonly exitCode: number
  /** Without the blanks between the columns. */
  readonly lines: readonly string[]
  readonly text: string
}

/** Runs the command over a configuration file in the test's folder. */
async function examine(config: object, environment: Record<string, string> = {}, json = false): Promise<Examined> {
  const file = join(folder, 'deskgraph.yaml')
  writeFileSync(file, stringify(config))
  const out = new PassThrough()
  const streams = { out, err: new PassThrough() } as unknown as Record<'out' | 'err', NodeJS.WriteStream>
  const all = { DESKGRAPH_CONFIG: file, DESKGRAPH_DATA_DIR: join(folder, 'data'), ...environment }
  const exitCode = await runDoctor(all, { ...streams, json })
  const text = String(out.read())
  const lines = text.trimEnd().split('\n')
  return { exitCode, text, lines: lines.map((line) => line.replace(/ {2,}/g, '  ')) }
}

/** Sources that are not called. */
const eventFed = { vcc: { system: 'vcc', account: 'acme', secret: '0123456789abcdef0123456789' } }

const linesOf = ({ lines }: Examined, check: string) => lines.filter((line) => line.split('  ')[1] === check)

describe('OPS-18: deskgraph doctor', () => {
  test('says that all is well, one line for each check, and ends with 0', async () => {
    const url = await start(emptyList)
    const { exitCode, lines } = await examine({ sources: { oneview: oneview(url) } })
    expect(lines).toEqual([
      'OK  configuration  The file and its linked files are good: 1 source, auth none.',
      `OK  Node  Node ${process.versions.node}.`,
      expect.stringMatching(/^(OK|WARNING) {2}open files {2}/),
      'OK  issuer keys  auth.mode is none: no keys are needed.',
      'OK  source oneview  OneView answers, accepts the credentials and lists tickets.',
      'OK  data directory  The data directory is not there yet, and can be created.',
      'OK  database  There is no embedded database yet. The first start creates it.',
      '0 problems, 0 warnings.',
    ])
    expect(exitCode).toBe(0)
  })

  test('shows the budget of a source', async () => {
    const url = await start(emptyList)
    const budget = { calls: { all: 400, list: 10 } }
    const examined = await examine({ sources: { oneview: { ...oneview(url), budget } } })
    expect(linesOf(examined, 'source oneview')).toEqual([
      'OK  source oneview  OneView answers, accepts the credentials and lists tickets.',
      'OK  source oneview  Its budget has own numbers: all 400 in 60 s, list 10 in 60 s. It is polled at most every 30 s.',
    ])
  })

  test('says what limits the account of a source, and where its credentials are no account’s', async () => {
    const answers =
      (user: object): RequestListener =>
      ({ url = '' }, res) => {
        const body = url.startsWith('/api/v2/users/me') ? { user } : { tickets: [], custom_statuses: [], ticket_fields: [] }
        res.setHeader('content-type', 'application/json').end(JSON.stringify(body))
      }
    const zendesk = async (user: object) => ({
      system: 'zendesk',
      url: await start(answers(user)),
      token,
      email: 'bo@company.example',
    })
    const restricted = await zendesk({ id: 7, role: 'agent', ticket_restriction: 'groups' })
    const limited = linesOf(await examine({ sources: { zendesk: restricted } }), 'source zendesk')
    expect(limited.slice(0, 4)).toEqual([
      'OK  source zendesk  Zendesk answers, accepts the credentials and lists tickets.',
      expect.stringMatching(/^WARNING {2}source zendesk {2}It signs in with an API token\. .* 2027-04-30\. Make an OAuth client/),
      expect.stringMatching(/^WARNING {2}source zendesk {2}Its account is no administrator, as the export/),
      expect.stringMatching(/^WARNING {2}source zendesk {2}Its account sees a part of the tickets only\./),
    ])
    const unknown = linesOf(await examine({ sources: { zendesk: await zendesk({ id: null }) } }), 'source zendesk')
    expect(unknown[0]).toMatch(
      /^PROBLEM {2}source zendesk {2}Zendesk takes the gateway's credentials for those of no user\. Renew the token/,
    )
  })

  test('names a source whose certificate has expired, and makes no call', async () => {
    let calls = 0
    const certificate = makeCertificate(Date.now() - dayMs)
    trust(certificate)
    const url = await start((req, res) => {
      calls += 1
      emptyList(req, res)
    }, certificate)
    const examined = await examine({ sources: { oneview: oneview(url) } })
    expect(linesOf(examined, 'source oneview')).toEqual([
      'PROBLEM  source oneview  Its certificate has expired (CERT_HAS_EXPIRED). Ask its operator to renew the certificate. Until then no call is made.',
    ])
    expect(examined.exitCode).toBe(1)
    expect(calls).toBe(0)
  })

  test('warns of a certificate that ends within 14 days, and of a clock that differs by more than 5 s', async () => {
    const endsAt = Date.now() + 3.5 * dayMs
    const certificate = makeCertificate(endsAt)
    trust(certificate)
    const url = await start((req, res) => {
      res.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString())
      emptyList(req, res)
    }, certificate)
    const examined = await examine({ sources: { oneview: oneview(url) } })
    expect(linesOf(examined, 'source oneview')).toEqual([
      'OK  source oneview  OneView answers, accepts the credentials and lists tickets.',
      `WARNING  source oneview  Its certificate ends in 3 days, on ${new Date(endsAt).toISOString().slice(0, 10)}. Ask its operator to renew the certificate before that day.`,
      expect.stringMatching(
        /^WARNING {2}source oneview {2}Its clock is 360[01] s behind the clock of this machine\. Check the time service \(NTP\) of this machine first, then of the other one\.$/,
      ),
    ])
    expect(examined.exitCode).toBe(0)
  })

  test.each([
    [
      401,
      "OneView did not accept the gateway's own credentials. Renew the token of this source, put it into the configuration, and restart the gateway (HTTP 401).",
    ],
    [403, "OneView does not let you read this. Give the gateway's account the right to read tickets there (HTTP 403)."],
    [404, 'OneView did not accept the request (HTTP 404). Check the url and the paths of this source in the configuration.'],
  ])('says what to do when a source answers %i, and never prints its address or token', async (status, line) => {
    const url = await start((_, res) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end('{"mail":"zoe@x.example"}'),
    )
    const examined = await examine({ sources: { oneview: oneview(url) } })
    expect(linesOf(examined, 'source oneview')).toEqual([`PROBLEM  source oneview  ${line}`])
    expect(examined.text).not.toMatch(/secret-token|zoe|127\.0\.0\.1|ticket-detail/)
  })
})

function writeRouting(url: string, networks: readonly string[]): void {
  const categories = [{ key: 'missing', issueId: 'K-1', submitToExternalPartners: true }]
  const groups = [{ key: 'order', label: 'Order', ticketType: 'GENERAL', subCategories: categories }]
  const partner = { key: 'careco', url, secret: '0123456789abcdef0123456789', events: ['GENERAL_SUPPORT_TICKET_EVENT'] }
  const market = { key: 'plk-eu', brand: 'plk', region: 'eu', storeSupportTicketTimeThresholdMinutes: 60 }
  const markets = [{ ...market, categoryGroups: groups, partners: [partner] }]
  writeFileSync(join(folder, 'routing.yaml'), stringify({ allowPrivateNetworks: networks, markets }))
}

const rbi = { rbi: { system: 'rbi', secret: '0123456789abcdef0123456789', routing: './routing.yaml' } }

describe('OPS-18: deskgraph doctor looks at partners', () => {
  test('by a connection with TLS alone: it sends nothing', async () => {
    let requests = 0
    const certificate = makeCertificate(Date.now() + 100 * dayMs)
    trust(certificate)
    const url = await start((_, res) => {
      requests += 1
      res.end()
    }, certificate)
    writeRouting(`${url}/hook`, ['127.0.0.0/8'])
    const examined = await examine({ sources: rbi })
    expect(linesOf(examined, 'partner plk-eu/careco')).toEqual([
      'OK  partner plk-eu/careco  It can be reached, its certificate is good. Nothing was sent.',
    ])
    expect(linesOf(examined, 'source rbi')).toEqual([
      'OK  source rbi  It sends its events to the gateway: there is nothing to call.',
    ])
    expect(requests).toBe(0)
  })

  test('through the tunnel of the proxy, as deliveries go', async () => {
    let requests = 0
    const certificate = makeCertificate(Date.now() + 5.5 * dayMs, '192.0.2.7')
    trust(certificate)
    const url = await start(() => {
      requests += 1
    }, certificate)
    const proxy = await startForwardProxy(() => Number(new URL(url).port))
    onTestFinished(proxy.close)
    writeRouting('https://192.0.2.7/hook', ['192.0.2.0/24'])
    const tunnelled = await examine({ sources: rbi }, { HTTPS_PROXY: proxy.url })
    expect(linesOf(tunnelled, 'partner plk-eu/careco')).toEqual([
      'OK  partner plk-eu/careco  It can be reached, its certificate is good. Nothing was sent.',
      expect.stringMatching(/^WARNING {2}partner plk-eu\/careco {2}Its certificate ends in 5 days/),
    ])
    expect(proxy.lines()).toEqual(['CONNECT 192.0.2.7:443'])
    expect(requests).toBe(0)
  })

  test('and names one that is dead', async () => {
    writeRouting(`http://127.0.0.1:${await freePort()}/hook`, ['127.0.0.0/8'])
    const examined = await examine({ sources: rbi })
    expect(linesOf(examined, 'partner plk-eu/careco')).toEqual([
      'PROBLEM  partner plk-eu/careco  It refuses connections: nothing listens there (ECONNREFUSED). Start it, or correct host and port in the configuration.',
    ])
    expect(examined.exitCode).toBe(1)
  })

  test('and names one that deliveries must not go to, without its address', async () => {
    const guard = createSsrfGuard([], async () => ['10.0.0.8'])
    const partner = { sourceKey: 'rbi', market: 'plk-eu', partner: 'careco' }
    const directory: PartnerDirectory = {
      sourceKey: 'rbi',
      partners: () => [partner],
      findPartner: () => ({ url: 'https://partner.example/hook', secrets: [] }),
      guard: () => guard,
      problem: () => null,
      reload: async () => {},
      onChange() {},
    }
    const observer = observeConnections()
    onTestFinished(observer.stop)
    expect(await runChecks(createPartnerChecks(directory, observer, noProxies), () => {})).toEqual([
      {
        check: 'partner plk-eu/careco',
        state: 'PROBLEM',
        found:
          'Deliveries to it are not allowed: its address is not public (private); a network is allowed by allowPrivateNetworks.',
        action: 'Ask the partner for a public address, or list its network in allowPrivateNetworks of the routing file.',
      },
    ])
  })

  test('and names one whose certificate has expired', async () => {
    const certificate = makeCertificate(Date.now() - dayMs)
    trust(certificate)
    writeRouting(`${await start(emptyList, certificate)}/hook`, ['127.0.0.0/8'])
    expect(linesOf(await examine({ sources: rbi }), 'partner plk-eu/careco')).toEqual([
      'PROBLEM  partner plk-eu/careco  Its certificate has expired (CERT_HAS_EXPIRED). Ask its operator to renew the certificate. Until then no call is made.',
    ])
  })
})

describe('OPS-18: deskgraph doctor looks at the stores', () => {
  test('names a PostgreSQL and a Redis that do not listen, without user and password', async () => {
    const [database, redis] = [await freePort(), await freePort()]
    const url = await start(emptyList)
    const examined = await examine(
      { sources: { oneview: oneview(url) } },
      { DATABASE_URL: `postgres://zoe:hunter2@127.0.0.1:${database}/desk`, REDIS_URL: `redis://zoe:hunter2@127.0.0.1:${redis}` },
    )
    expect(linesOf(examined, 'database')).toEqual([
      'PROBLEM  database  The database cannot be used (ECONNREFUSED). Nothing listens there. Start PostgreSQL, or correct DATABASE_URL.',
    ])
    expect(linesOf(examined, 'Redis')).toEqual([
      'PROBLEM  Redis  It refuses connections: nothing listens there (ECONNREFUSED). Start it, or correct host and port in the configuration.',
    ])
    expect(examined.text).not.toMatch(/zoe|hunter2|127\.0\.0\.1/)
  })

  test('says that a gateway has the embedded database open, and that this is normal', async () => {
    const dataDir = join(folder, 'data')
    mkdirSync(join(dataDir, 'pglite'), { recursive: true })
    // As a gateway holds its lock.
    const lock = new DatabaseSync(join(dataDir, 'deskgraph.lock'))
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
    onTestFinished(() => lock.close())
    const examined = await examine({ sources: eventFed })
    expect(linesOf(examined, 'database')).toEqual([
      'OK  database  A running gateway has the embedded database open, which is normal. Ask its /health/ready for its state.',
    ])
    expect(examined.exitCode).toBe(0)
  })

  test('names a data directory that cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '')
    const examined = await examine({ sources: eventFed }, { DESKGRAPH_DATA_DIR: join(folder, 'file', 'data') })
    expect(linesOf(examined, 'data directory')).toEqual([
      'PROBLEM  data directory  The data directory cannot be written (ENOTDIR). Give it to the user of the gateway, or name another directory in DESKGRAPH_DATA_DIR.',
    ])
  })

  test('names a Redis that accepts connections and does not answer', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const examined = await examine({ sources: eventFed }, { REDIS_URL: `redis://127.0.0.1:${port}` })
    expect(linesOf(examined, 'Redis')).toEqual([
      'PROBLEM  Redis  Redis does not answer within 200 ms. Look at its load (redis-cli --latency) and at the network.',
    ])
  })
})

describe.skipIf(!(await hasRedis()))('OPS-18: deskgraph doctor with a Redis', () => {
  test('says how long a write takes', async () => {
    const examined = await examine({ sources: eventFed }, { REDIS_URL: redisUrl })
    expect(linesOf(examined, 'Redis')).toEqual([
      expect.stringMatching(/^OK {2}Redis {2}Redis answers and can be written, in \d+ ms\.$/),
    ])
  })
})

describe.skipIf(!(await hasPostgres()))('OPS-18: deskgraph doctor with a PostgreSQL', () => {
  test('migrates nothing and leaves no row; a read-only one and a newer one are named', async () => {
    const database = await createDatabase()
    onTestFinished(() => database.drop())
    const databaseLines = async () => linesOf(await examine({ sources: eventFed }, { DATABASE_URL: database.url }), 'database')
    expect(await databaseLines()).toEqual(['OK  database  PostgreSQL answers and is empty. The first start creates its tables.'])
    expect(await databaseLines()).toHaveLength(1)
    const store = await openTestStore({ findSource: () => null, databaseUrl: database.url })
    onTestFinished(() => store.close())
    expect(await databaseLines()).toEqual([
      'OK  database  PostgreSQL answers and can be written. It has the migrations of this version.',
    ])
    expect((await sql`select name from leases`.execute(store.db)).rows).toEqual([])
    await sql`insert into kysely_migration values ('9999-breaking-names', '2026-01-01')`.execute(store.db)
    expect(await databaseLines()).toEqual([
      'PROBLEM  database  The database was migrated by another version of Deskgraph (9999-breaking-names), and this version cannot work with it. Start that version again, or restore the backup that was made before the upgrade. The gateway does not start before that is done.',
    ])
    const name = new URL(database.url).pathname.slice(1)
    await sql`alter database ${sql.id(name)} set default_transaction_read_only = on`.execute(store.db)
    expect(await databaseLines()).toEqual([
      'PROBLEM  database  PostgreSQL accepts no writes: it is a standby or read-only. Name the primary in DATABASE_URL, or end its read-only mode (default_transaction_read_only).',
    ])
  })
})

describe('OPS-18: deskgraph doctor reads the keys of the issuer', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] })
  const auth = (jwksUrl: string) => ({ mode: 'jwt', issuer: 'https://issuer.example', audience: 'desk', jwksUrl })
  const keyLines = async (block: object) => linesOf(await examine({ sources: eventFed, auth: block }), 'issuer keys')

  test('and says which algorithms they are for', async () => {
    const url = await start((_, res) => res.end(keys))
    expect(await keyLines(auth(url))).toEqual(['OK  issuer keys  1 key for ES256.'])
    expect(await keyLines({ ...auth(url), algorithms: ['RS256'] })).toEqual([
      'PROBLEM  issuer keys  No key fits auth.algorithms (RS256): the issuer has 1 key, for ES256. Add the algorithm of the issuer to auth.algorithms, or correct the place of the keys.',
    ])
  })

  test('and names a clock that makes good tokens invalid', async () => {
    const url = await start((_, res) => res.setHeader('date', new Date(Date.now() + 120_000).toUTCString()).end(keys))
    const [, clock] = await keyLines(auth(url))
    expect(clock).toMatch(
      /^PROBLEM {2}issuer keys {2}The clock of the issuer is 1(19|20|21) s ahead of the clock of this machine; auth\.clockSkewSeconds allows 30\./,
    )
  })

  test.each([
    [404, '', 'The key address answered 404. Correct auth.jwksUrl.'],
    [200, '<html>', 'The key address answered with something that is no JWK set. Correct auth.jwksUrl.'],
  ])('and names an address that answers %i with %j', async (status, body, line) => {
    const url = await start((_, res) => res.writeHead(status).end(body))
    expect(await keyLines(auth(url))).toEqual([`PROBLEM  issuer keys  ${line}`])
  })
})

test('OPS-18: a check of deskgraph doctor that gets no answer ends at its time, and holds up no other', async () => {
  const hangs = { name: 'hangs', limitMs: 50, run: () => new Promise<never>(() => {}) }
  const fails = { name: 'fails', run: () => Promise.reject(new TypeError('https://zoe:secret@x.example')) }
  expect(await runChecks([hangs, fails], () => {})).toEqual([
    {
      check: 'hangs',
      state: 'PROBLEM',
      found: 'There was no answer within 0.05 s.',
      action: 'Check that it runs, and the network and firewall between this machine and it.',
    },
    {
      check: 'fails',
      state: 'PROBLEM',
      found: 'The check itself failed (TypeError).',
      action: 'Report it as a defect of Deskgraph, with the name of the check.',
    },
  ])
})

test('OPS-18: deskgraph doctor prints JSON for programs', async () => {
  const { text, exitCode } = await examine({ sources: eventFed }, { DESKGRAPH_DATA_DIR: join(folder, 'none') }, true)
  const { problems, results } = JSON.parse(text)
  expect([problems, exitCode]).toEqual([0, 0])
  expect(results).toContainEqual({
    check: 'source vcc',
    state: 'OK',
    found: 'It sends its events to the gateway: there is nothing to call.',
    action: null,
  })
})

test('OPS-18: deskgraph doctor goes on with the other checks when the configuration has faults, and names their places', async () => {
  mkdirSync(join(folder, 'data'))
  const examined = await examine({ sources: { oneview: { system: 'oneview', url: 'https://x.example', tokn: 'a' } } })
  expect(examined.exitCode).toBe(1)
  expect(linesOf(examined, 'configuration')).toEqual([
    expect.stringMatching(
      /^PROBLEM {2}configuration {2}.*deskgraph\.yaml:\d+:\d+ sources\.oneview\.token: .+\. Correct it at this place\.$/,
    ),
    expect.stringMatching(
      /^PROBLEM {2}configuration {2}.*deskgraph\.yaml:\d+:\d+ sources\.oneview\.tokn: this key is not known.+\. Correct it at this place\.$/,
    ),
  ])
  expect(linesOf(examined, 'data directory')).toEqual(['OK  data directory  The data directory can be written.'])
})
