import { join } from 'node:path'
import { createDatabase, hasPostgres } from '../../test/support/databases.ts'
import { findFreePorts } from './field.ts'
import { startGateway } from './gateway.ts'
import { prepareRequest, RawConnection } from './http-client.ts'
import { median } from './measure.ts'
import { type Workload, workloads } from './operations.ts'
import { cpuMs, otherCore, start, stop } from './processes.ts'
import { clockUs, type Span } from './profile/span.ts'
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

export interface Storage {
  readonly env: Readonly<Record<string, string>>
  drop(): Promise<void>
}
interface Started {
  readonly ms: number
  readonly cpuMs: number
  readonly span: Span
}

/** On the embedded database, and on PostgreSQL where there is one: each run once on nothing, and once more on what that left. */
export async function measureColdStarts(identity: Identity, runs: number): Promise<ColdStart[]> {
  const measure = async (storage: ColdStart['storage'], upstreamPort: number): Promise<ColdStart[]> => {
    const open = (name: string) => openStorage(storage, identity, name)
    const onNothing: Started[] = []
    const again: Started[] = []
    for (let run = 0; run < runs; run++) {
      const { env, drop } = await open(`cold-${run}`)
      onNothing.push(await startOnce(identity, upstreamPort, env))
      again.push(await startOnce(identity, upstreamPort, env))
      await drop()
    }
    return [toColdStart(storage, true, onNothing), toColdStart(storage, false, again)]
  }
  return withUpstream(async (upstreamPort) => [
    ...(await measure('PGlite', upstreamPort)),
    ...((await hasPostgres()) ? await measure('PostgreSQL', upstreamPort) : []),
  ])
}

export async function withUpstream<T>(use: (port: number) => Promise<T>): Promise<T> {
  const [port] = await findFreePorts()
  const upstream = await start(otherCore, [process.execPath, 'bench/upstream.ts'], { env: { PORT: String(port) } })
  try {
    return await use(port)
  } finally {
    await stop(upstream)
  }
}

/** A place with nothing in it. */
export async function openStorage(storage: ColdStart['storage'], { folder }: Identity, name: string): Promise<Storage> {
  // The identity's folder is a temporary one.
  if (storage === 'PGlite') return { env: { DESKGRAPH_DATA_DIR: join(folder, name) }, drop: async () => {} }
  const { url, drop } = await createDatabase()
  return { env: { DATABASE_URL: url }, drop }
}

/** Starts a gateway, asks it once, and stops it. */
export async function startOnce(identity: Identity, upstreamPort: number, storage: Storage['env']): Promise<Started> {
  const [workload] = workloads
  const url = `http://127.0.0.1:${upstreamPort}/ticket-detail`
  const oneview = { system: 'oneview', url, token: 'bench' }
  const from = clockUs()
  const gateway = await startGateway({ identity, name: 'cold-start', sources: { oneview }, storage })
  await askFirst(gateway.port, identity.token, workload!)
  const [to, cpu] = [clockUs(), cpuMs(gateway.pid)]
  await stop(gateway)
  return { ms: (to - from) / 1_000, cpuMs: cpu, span: { from, to } }
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
