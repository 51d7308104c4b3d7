import { compareAnswers } from './compare.ts'
import type { Site } from './measure.ts'
import type { Workload } from './operations.ts'
import { otherCore, start } from './processes.ts'
import type { Contender } from './servers.ts'

const firstServerPort = 4_600
const firstUpstreamPort = 4_700

/** Every contender over an upstream of its own, all running: those that are not asked cost nothing. */
export async function openField(contenders: readonly Contender[], latencyMs: number): Promise<Site[]> {
  const sites: Site[] = []
  const offset = latencyMs === 0 ? 0 : 30
  for (const [index, contender] of contenders.entries()) {
    const upstreamPort = firstUpstreamPort + offset + index
    const port = firstServerPort + offset + index
    const env = { PORT: String(upstreamPort), LATENCY_MS: String(latencyMs) }
    await start(otherCore, [process.execPath, 'bench/upstream.ts'], { env })
    sites.push({ contender, port, upstreamPort, server: await contender.start(port, upstreamPort) })
  }
  return sites
}

/** The same JSON from every server, or the run fails. */
export async function compareAll(sites: readonly Site[], workloads: readonly Workload[]): Promise<void> {
  const reference = sites.find(({ contender }) => contender.key === 'baseline')!
  for (const workload of workloads) await compareAnswers(sites, reference, workload)
}
