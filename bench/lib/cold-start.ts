import { join } from 'node:path'
import { createDatabase, hasPostgres } from '../../test/support/databases.ts'
import { findFreePorts } from './field.ts'
import { startGateway } from './gateway.ts'
import { prepareRequest, RawConnection } from './http-client.ts'
import { median } from './measure.ts'
import { type Workload, workloads } from './operations.ts'
import { cpuMs, otherCore, start, stop } from './processes.ts'
import type { Identity } from './servers.ts'

/** From the spawn of the process to its first right answer to a query: medians. */
export interface ColdStart {
  readonly storage: 'PostgreSQL' | 'PGlite'
  /** Nothing was kept there before: its tables are made too. */
  readonly empty: boolean
  readonly ms: number
  /** What the process had used by then. */
  readonly cpuMs: number
  readonly runs: number
}

interface Storage {
  readonly env: Readonly<Record<string, string>>
  drop(): Promise<void>
}
interface Started {
  readonly ms: number
  readonly cpuMs: number
}

/** On the embedded database, and on PostgreSQL where there is one: each run once on nothing, and once more on what that left. */
export async function measureColdStarts(identity: Identity, runs: number): Promise<ColdStart[]> {
  const [upstreamPort] = await findFreePorts()
  const upstream = await start(otherCore, [process.execPath, 'bench/upstream.ts'], { env: { PORT: String(upstreamPort) } })
  const measure = async (storage: ColdStart['storage'], open: (run: number) => Promise<Storage>): Promise<ColdStart[]> => {
    const onNothing: Started[] = []
    const again: Started[] = []
    for (let run = 0; run < runs; run++) {
      const { env, drop } = await open(run)
      onNothing.push(await startOnce(identity, upstreamPort, env))
      again.push(await startOnce(identity, upstreamPort, env))
      await drop()
    }
    return [toColdStart(storage, true, onNothing), toColdStart(storage, false, again)]
  }
  const rows = await measure('PGlite', async (run) => openFolder(join(identity.folder, `cold-${run}`)))
  if (await hasPostgres()) rows.push(...(await measure('PostgreSQL', openDatabase)))
  await stop(upstream)
  return rows
}

function openFolder(folder: string): Storage {
  // It lies below the identity's folder, which is a temporary one.
  return { env: { DESKGRAPH_DATA_DIR: folder }, drop: async () => {} }
}

async function openDatabase(): Promise<Storage> {
  const { url, drop } = await createDatabase()
  return { env: { DATABASE_URL: url }, drop }
}

async function startOnce(identity: Identity, upstreamPort: number, storage: Storage['env']): Promise<Started> {
  const [workload] = workloads
  const url = `http://127.0.0.1:${upstreamPort}/ticket-detail`
  const oneview = { system: 'oneview', url, token: 'bench' }
  const started = performance.now()
  const gateway = await startGateway({ identity, name: 'cold-start', sources: { oneview }, storage })
  await askFirst(gateway.port, identity.token, workload!)
  const ms = performance.now() - started
  const cpu = cpuMs(gateway.pid)
  await stop(gateway)
  return { ms, cpuMs: cpu }
}

async function askFirst(port: number, token: string, { query, variables: [variables] }: Workload): Promise<void> {
  const connection = new RawConnection(port)
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` }
  const bytes = prepareRequest('/graphql', headers, JSON.stringify({ query, variables }))
  const { status, body } = await connection.send(bytes, true)
  connection.close()
  const { data } = JSON.parse(body) as { data?: { ticket?: { id: unknown } } }
  if (status !== 200 || data?.ticket?.id !== variables?.id) throw new Error(`The first answer is wrong: ${body.slice(0, 500)}`)
}

function toColdStart(storage: ColdStart['storage'], empty: boolean, starts: readonly Started[]): ColdStart {
  const over = (pick: (started: Started) => number) => median(starts.map(pick))
  return { storage, empty, ms: over(({ ms }) => ms), cpuMs: over((started) => started.cpuMs), runs: starts.length }
}
