import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { buildWhenStale } from '../support/process/built.ts'
import { writeGatewayFiles } from '../support/process/gateway-files.ts'
import { type GatewayProcess, startProcess } from '../support/process/gateway-process.ts'
import { askGraph } from '../support/process/graph-client.ts'
import { isAcknowledged, vccEvent } from '../support/process/senders.ts'
import { havePrograms } from './support/programs.ts'
import { type FiredAlarm, startPrometheus } from './support/prometheus.ts'
import { startTwoReplicas, type TwoReplicas } from './support/two-replicas.ts'

const root = join(import.meta.dirname, '../..')
const runbooks = readFileSync(join(root, 'docs/runbooks.md'), 'utf8')
const lists = '{ tickets(first: 3) { nodes { id } sources { source { key } outcome } } }'
const raise = `mutation { createTicket(input: { source: "rbi", category: "other", subcategory: "app", description: "A ticket." }) { outcome } }`

/** The paragraph of the runbooks that an alarm's annotation names. */
function runbookOf({ annotations }: FiredAlarm): string {
  const [, anchor] = annotations.runbook.split('#')
  return runbooks.split(/^## /m).find((paragraph) => paragraph.split('\n')[0]!.toLowerCase() === anchor) ?? ''
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const canMount = (folder: string) =>
  process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', folder]).status === 0
const small = mkdtempSync(join(tmpdir(), 'on-call-full-'))

// As an engineer on call meets them: first the alarm, then the log, the runbook and `deskgraph doctor`. What is asserted is what that engineer reads.
describe.runIf(havePrograms('postgres', 'redis-server', 'prometheus') && canMount(small))('a fault', () => {
  let two: TwoReplicas
  /** A gateway of its own, with the embedded database on a small disk. */
  let alone: GatewayProcess
  let files: ReturnType<typeof writeGatewayFiles>
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  let isRevoked = false
  let isExpired = false
  const pages: RequestListener = (_, response) => {
    if (isRevoked) response.writeHead(401).end()
    else response.setHeader('content-type', 'application/json').end('{"list":[]}')
  }
  const plain = createServer(pages)
  const past = createTlsServer(makeCertificate(Date.now() - 86_400_000), pages)
  const load = new AbortController()

  beforeAll(async () => {
    buildWhenStale()
    const [plainPort, pastPort] = [await listen(plain), await listen(past as unknown as ReturnType<typeof createServer>)]
    const oneview = (url: string) => ({
      system: 'oneview',
      url: `${url}/ticket-detail`,
      token: 'token-of-the-tests',
      label: 'OneView',
      // A failing source is tried again after 30 s by default. Here a minute is two seconds.
      upstream: { openMs: 1_000 },
    })
    const sources = { revoked: oneview(`http://127.0.0.1:${plainPort}`), expired: oneview(`https://localhost:${pastPort}`) }
    two = await startTwoReplicas({
      sources,
      config: { deliveries: { scheduleSeconds: [0, 0.2, 0.5], timeoutMs: 500, concurrencyPerPartner: 8 } },
    })
    files = writeGatewayFiles({ partnerUrl: two.partner.url })
    mkdirSync(join(small, 'data'))
    alone = await startProcess({ DESKGRAPH_CONFIG: files.configFile, DESKGRAPH_DATA_DIR: join(small, 'data') })
    prometheus = await startPrometheus([...two.urls, new URL(alone.url)])
    void keepBusy()
  }, 120_000)
  afterAll(async () => {
    load.abort()
    await prometheus?.close()
    await Promise.all([alone?.stop(), two?.close()])
    files?.remove()
    plain.close().closeAllConnections()
    past.close().closeAllConnections()
    spawnSync('umount', ['-l', small])
    rmSync(small, { recursive: true, force: true })
  })

  /** What clients and senders do all the time. */
  async function keepBusy(): Promise<void> {
    for (let n = 0; !load.signal.aborted; n++) {
      for (const { origin } of two.urls) {
        await askGraph(
          two.http,
          origin,
          isExpired ? lists : lists.replace('first: 3', 'first: 3, filter: { sources: ["revoked", "vcc"] }'),
        ).catch(() => {})
        await askGraph(two.http, origin, raise).catch(() => {})
      }
      await isAcknowledged(two.http, alone.url, vccEvent(n)).catch(() => {})
      await sleep(200)
    }
  }

  /** The problems that `deskgraph doctor` finds. */
  async function doctor(): Promise<readonly string[]> {
    const child = spawn(process.execPath, ['dist/src/cli/index.js', 'doctor', '--json'], {
      cwd: root,
      env: { PATH: process.env.PATH, ...two.environment },
    })
    const { results } = JSON.parse(await text(child.stdout)) as { results: { check: string; state: string; found: string }[] }
    return results.filter(({ state }) => state === 'PROBLEM').map(({ check, found }) => `${check}: ${found}`)
  }

  interface Expectation {
    readonly alarm: string
    /** A label of the alarm that says what is concerned. */
    readonly label: Readonly<Record<string, string>>
    readonly log: RegExp
    readonly runbook: RegExp
    /** Absent: the doctor cannot see it. */
    readonly doctor?: RegExp
    readonly processes: readonly GatewayProcess[]
  }

  /** Waits for the alarm and follows it to the cause. */
  async function followToCause({ alarm, label, log, runbook, doctor: found, processes }: Expectation): Promise<void> {
    const from = processes.map((one) => one.output().length)
    const findAlarm = async () =>
      (await prometheus.alarms()).find(
        ({ labels }) => labels.alertname === alarm && Object.entries(label).every(([name, value]) => labels[name] === value),
      )
    await expect.poll(findAlarm, { timeout: 60_000, interval: 500 }).toBeDefined()
    const fired = (await findAlarm())!
    expect(runbookOf(fired)).toMatch(runbook)
    const lines = () =>
      processes.flatMap((one, index) =>
        one
          .output()
          .slice(Math.max(0, from[index]! - 20_000))
          .split('\n'),
      )
    await expect.poll(() => lines().some((line) => log.test(line)), { timeout: 20_000 }).toBe(true)
    // On a busy machine a check may also say that there was no answer in time.
    if (found) await expect.poll(doctor, { timeout: 30_000, interval: 500 }).toContainEqual(expect.stringMatching(found))
    console.log(
      `${fired.annotations.summary}\n  log: ${lines()
        .find((line) => log.test(line))
        ?.slice(0, 300)}`,
    )
  }

  test('OPS-24: the expired certificate of a source leads from the alarm to its cause', async () => {
    isExpired = true
    onTestFinished(() => {
      isExpired = false
    })
    await followToCause({
      alarm: 'DeskgraphSourceFails',
      label: { source: 'expired' },
      log: /"source failed".*CERT_HAS_EXPIRED|CERT_HAS_EXPIRED.*"source failed"/,
      runbook: /CERT_HAS_EXPIRED \(its certificate\)/,
      doctor: /^source expired: Its certificate has expired/,
      processes: two.replicas,
    })
  }, 120_000)

  test('OPS-24: a revoked token leads from the alarm to its cause', async () => {
    isRevoked = true
    onTestFinished(() => {
      isRevoked = false
    })
    await followToCause({
      alarm: 'DeskgraphSourceRefusesCredentials',
      label: {},
      log: /"source":"revoked".*UPSTREAM_AUTH_FAILED|UPSTREAM_AUTH_FAILED.*"source":"revoked"/,
      runbook: /The token was revoked or has\s+expired/,
      doctor: /^source revoked: .*did not accept the gateway's own credentials/,
      processes: two.replicas,
    })
  }, 120_000)

  test('OPS-24: a read-only database leads from the alarm to its cause', async () => {
    await two.postgres.query('alter system set default_transaction_read_only = on')
    await two.postgres.query('select pg_reload_conf()')
    onTestFinished(async () => {
      await two.postgres.query('alter system reset default_transaction_read_only')
      await two.postgres.query('select pg_reload_conf()')
    })
    await followToCause({
      alarm: 'DeskgraphDependencyDown',
      label: { dependency: 'store' },
      log: /read-only/,
      runbook: /not read-only/,
      doctor: /^database: .*read-only/,
      processes: two.replicas,
    })
  }, 120_000)

  test('OPS-24: a Redis that hangs leads from the alarm to its cause', async () => {
    process.kill(two.redis.program.pid, 'SIGSTOP')
    onTestFinished(() => void process.kill(two.redis.program.pid, 'SIGCONT'))
    await followToCause({
      alarm: 'DeskgraphDependencyDown',
      label: { dependency: 'redis' },
      log: /"dependency":"redis"/,
      runbook: /`redis`: every replica counts rate limits alone/,
      doctor: /^Redis: /,
      processes: two.replicas,
    })
  }, 120_000)

  test('OPS-24: a dead partner leads from the alarm to its cause', async () => {
    await two.partner.close()
    await followToCause({
      alarm: 'DeskgraphDeliveriesDead',
      label: { partner: 'regional' },
      log: /"reason":"[^"]*(refused|reached|connect)[^"]*","message":"a delivery was given up"/,
      runbook: /deskgraph deliveries replay --partner/,
      doctor: /^partner plk-eu\/regional: /,
      processes: two.replicas,
    })
  }, 120_000)

  test('OPS-24: a full disk under the embedded database leads from the alarm to its cause', async () => {
    expect(() => writeFileSync(join(small, 'filler'), Buffer.alloc(170_000_000))).toThrow('ENOSPC')
    await followToCause({
      alarm: 'DeskgraphDependencyDown',
      label: { dependency: 'store', instance: new URL(alone.url).host },
      log: /disk/,
      runbook: /disk not full/,
      processes: [alone],
    })
  }, 120_000)
})
