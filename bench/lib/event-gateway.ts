import { createDatabase } from '../../test/support/databases.ts'
import { buildWhenStale } from '../../test/support/process/built.ts'
import { writeGatewayFiles } from '../../test/support/process/gateway-files.ts'
import { startProcess } from '../../test/support/process/gateway-process.ts'
import { type CountingPartner, startCountingPartner } from '../../test/support/process/partner.ts'
import type { SandboxTask } from '../sandbox-server.ts'
import { request, start } from './processes.ts'

export type DatabaseName = 'PGlite' | 'PostgreSQL'

/** Default limits, except that the rate limit of one viewer is above the load. */
const limits = { rate: { perSecond: 100_000, burst: 1_000_000 } }

/** A gateway process with the three event-fed sources, its files, its database, and a partner that it delivers to. */
export async function createEventGateway(database: DatabaseName, sources: Readonly<Record<string, object>> = {}) {
  buildWhenStale()
  const partner: CountingPartner = await startCountingPartner()
  const files = writeGatewayFiles({ partnerUrl: partner.url, sources, config: { limits } })
  const postgres = database === 'PostgreSQL' ? await createDatabase() : null
  const storage: Readonly<Record<string, string>> = postgres
    ? { DATABASE_URL: postgres.url }
    : { DESKGRAPH_DATA_DIR: files.dataDir }
  return {
    partner,
    /** Starts the process; again after its end, over the same files and data. */
    start: () => startProcess({ DESKGRAPH_CONFIG: files.configFile, ...storage }),
    async close() {
      await partner.close()
      await postgres?.drop()
      files.remove()
    },
  }
}

/** OneView and Verifik of the sandbox in a process of their own. Each answer takes `latencyMs`. */
export async function startSandbox(latencyMs: number) {
  const child = await start([process.execPath, new URL('../sandbox-server.ts', import.meta.url).pathname])
  const { oneview, verifik } = await request<Record<'oneview' | 'verifik', object>>(child, {
    kind: 'start',
    latencyMs,
  } satisfies SandboxTask)
  return {
    sources: { oneview, verifik },
    /** While true, each request to the system fails with 503. */
    setFailing: (system: 'oneview' | 'verifik', failing: boolean) =>
      void child.process.send({ kind: 'fail', system, failing } satisfies SandboxTask),
  }
}
