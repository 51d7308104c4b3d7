import { createDatabase } from '../../test/support/databases.ts'
import { buildWhenStale } from '../../test/support/process/built.ts'
import { writeGatewayFiles } from '../../test/support/process/gateway-files.ts'
import { startProcess } from '../../test/support/process/gateway-process.ts'
import { type CountingPartner, startCountingPartner } from '../../test/support/process/partner.ts'

export type EngineName = 'PGlite' | 'PostgreSQL'

/** Default limits, apart from the rate of one viewer, which stands above the load. */
const limits = { rate: { perSecond: 100_000, burst: 1_000_000 } }

/** A gateway process over files of its own on one of the databases, and a partner that it delivers to. */
export async function openDesk(engine: EngineName, sources: Readonly<Record<string, object>> = {}) {
  buildWhenStale()
  const partner: CountingPartner = await startCountingPartner()
  const files = writeGatewayFiles({ partnerUrl: partner.url, sources, config: { limits } })
  const database = engine === 'PostgreSQL' ? await createDatabase() : null
  const storage: Readonly<Record<string, string>> = database
    ? { DATABASE_URL: database.url }
    : { DESKGRAPH_DATA_DIR: files.dataDir }
  return {
    partner,
    start: () => startProcess({ DESKGRAPH_CONFIG: files.configFile, ...storage }),
    async close() {
      await partner.close()
      await database?.drop()
      files.remove()
    },
  }
}
