import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { compareAnswers } from './compare.ts'
import type { Site } from './measure.ts'
import type { Workload } from './operations.ts'
import { otherCore, start } from './processes.ts'
import type { Contender } from './servers.ts'

/** Every contender over an upstream of its own, all running: those that are not asked cost nothing. */
export async function openField(contenders: readonly Contender[], latencyMs: number): Promise<Site[]> {
  const sites: Site[] = []
  for (const contender of contenders) {
    const [upstreamPort, port] = await findFreePorts()
    const env = { PORT: String(upstreamPort), LATENCY_MS: String(latencyMs) }
    const upstream = await start(otherCore, [process.execPath, 'bench/upstream.ts'], { env })
    sites.push({ contender, port, upstream, upstreamPort, server: await contender.start(port, upstreamPort) })
  }
  return sites
}

/** Two different ones: both are held while they are looked for. */
export async function findFreePorts(): Promise<readonly [number, number]> {
  const servers = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')] as const
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const [first, second] = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return [first!, second!]
}

/** The same JSON from every server, or the run fails. */
export async function compareAll(sites: readonly Site[], workloads: readonly Workload[]): Promise<void> {
  const reference = sites.find(({ contender }) => contender.key === 'baseline')!
  for (const workload of workloads) await compareAnswers(sites, reference, workload)
}
