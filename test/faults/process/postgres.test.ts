import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { createDatabase, hasPostgres } from '../../support/databases.ts'
import { buildWhenStale } from '../../support/process/built.ts'
import { type GatewayFiles, writeGatewayFiles } from '../../support/process/gateway-files.ts'
import { type GatewayProcess, launch, startProcess } from '../../support/process/gateway-process.ts'
import { askGraph, findLost, raiseTicket } from '../../support/process/graph-client.ts'
import { type CountingPartner, findUndelivered, startCountingPartner } from '../../support/process/partner.ts'
import { isAcknowledged, mixedEvent, vccEvent } from '../../support/process/senders.ts'
import { startTcpProxy, type TcpProxy } from '../../support/process/tcp-proxy.ts'
import { guarantee } from '../guarantee.ts'

const polledList = '{ tickets(first: 3, filter: { sources: ["oneview"] }) { nodes { id } sources { outcome } } }'

describe.runIf(await hasPostgres())('PostgreSQL', () => {
  let sandbox: Sandbox
  let partner: CountingPartner
  let files: GatewayFiles
  let http: Agent
  let database: Awaited<ReturnType<typeof createDatabase>>
  let link: TcpProxy
  let urlThroughLink: string

  beforeAll(async () => {
    buildWhenStale()
    http = new Agent()
    sandbox = await createSandbox({ counts: { oneview: 20, verifik: 1, vcc: 1, wasabi: 1, rbi: 1 } })
    partner = await startCountingPartner()
    files = writeGatewayFiles({ partnerUrl: partner.url, sources: { oneview: { ...sandbox.gatewayConfig().sources.oneview } } })
    database = await createDatabase()
    const url = new URL(database.url)
    link = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) })
    url.hostname = '127.0.0.1'
    url.port = String(link.port)
    urlThroughLink = url.href
  })
  afterAll(async () => {
    await http.destroy()
    await sandbox.close()
    await partner.close()
    await link.close()
    await database.drop()
    files.remove()
  })

  guarantee(
    'STORAGE-07',
    {
      fault: 'kill -9 in the middle of a migration on PostgreSQL',
      expected: 'no partial migration is left; the next start completes it',
    },
    async () => {
      const admin = new Client({ connectionString: database.url })
      await admin.connect()
      await admin.query(`create function slow() returns event_trigger language plpgsql as 'begin perform pg_sleep(0.5); end'`)
      await admin.query('create event trigger slow on ddl_command_end execute function slow()')
      const environment = { DESKGRAPH_CONFIG: files.configFile, DATABASE_URL: database.url }
      const { child, ended } = launch(environment)
      await untilSleeping(admin)
      child.kill('SIGKILL')
      await ended
      await admin.query('drop event trigger slow')
      const { rows } = await admin.query(`select tablename from pg_tables where schemaname = 'public' and tablename = 'tickets'`)
      expect(rows).toEqual([])
      const gateway = await startProcess(environment)
      expect(await isAcknowledged(http, gateway.url, vccEvent(20))).toBe(true)
      await gateway.stop()
      await admin.end()
      return 'no table was left; the next start created all'
    },
  )

  for (const [how, lose, restore] of [
    ['refuses connections', () => link.cut(), () => link.restore()],
    ['stops answering', async () => link.freeze(), async () => link.thaw()],
  ] as const) {
    guarantee(
      'STORAGE-03',
      {
        fault: `PostgreSQL ${how}`,
        expected:
          'the process lives, webhooks 503, reads of polled sources continue, ready with the failure in its body; then it recovers by itself',
        timeoutMs: 120_000,
      },
      async () => {
        const gateway = await startProcess({ DESKGRAPH_CONFIG: files.configFile, DATABASE_URL: urlThroughLink })
        const before = mixedEvent(100)
        expect(await isAcknowledged(http, gateway.url, before)).toBe(true)
        await lose()
        expect(await webhookStatus(gateway, 101)).toBe(503)
        expect(await readiness(gateway)).toEqual([200, 'DOWN'])
        const { data } = await askGraph(http, gateway.url, polledList)
        expect(data.tickets.sources).toEqual([{ outcome: 'OK' }])
        await restore()
        const ms = await untilStoreIsUp(gateway)
        const after = mixedEvent(103)
        expect(await isAcknowledged(http, gateway.url, after)).toBe(true)
        expect(await findLost(http, gateway.url, [before.claim, after.claim])).toEqual([])
        const raised = await raiseTicket(http, gateway.url, 'After the loss.')
        expect(await findUndelivered(partner, [raised ?? ''], 30_000)).toEqual([])
        const { code } = await gateway.stop()
        expect(code).toBe(0)
        return `webhooks 503, ready and reads OK, the store is UP again ${ms} ms after its return, deliveries go on`
      },
    )
  }

  async function webhookStatus({ url }: GatewayProcess, n: number): Promise<number> {
    const { path, headers, body } = vccEvent(n)
    const answer = await http.request({ origin: url, path, method: 'POST', headers: { ...headers }, body })
    await answer.body.dump()
    return answer.statusCode
  }

  async function readiness({ url }: GatewayProcess): Promise<[number, string | undefined]> {
    const { statusCode, body } = await http.request({ origin: url, path: '/health/ready', method: 'GET' })
    const { dependencies } = (await body.json()) as { dependencies: { name: string; state: string }[] }
    return [statusCode, dependencies.find(({ name }) => name === 'store')?.state]
  }

  async function untilStoreIsUp(gateway: GatewayProcess): Promise<number> {
    const start = performance.now()
    while ((await readiness(gateway))[1] !== 'UP') await sleep(50)
    return Math.round(performance.now() - start)
  }
})

/** Resolves when the migration waits in the trigger. */
async function untilSleeping(admin: Client): Promise<void> {
  for (;;) {
    const { rows } = await admin.query(
      `select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`,
    )
    if (rows.length > 0) return
    await sleep(20)
  }
}
