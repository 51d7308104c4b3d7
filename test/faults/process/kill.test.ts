import { beforeAll, describe, expect } from 'vitest'
import { createDatabase, hasPostgres } from '../../support/databases.ts'
import { buildWhenStale } from '../../support/process/built.ts'
import { writeGatewayFiles } from '../../support/process/gateway-files.ts'
import { killRounds } from '../../support/process/kill-rounds.ts'
import { startCountingPartner } from '../../support/process/partner.ts'
import { guarantee } from '../guarantee.ts'

// A few rounds by default, for a short run. CI runs 50 (DESKGRAPH_KILL_ROUNDS).
const rounds = Number(process.env.DESKGRAPH_KILL_ROUNDS ?? 3)
const postgres = await hasPostgres()
const common = {
  expected: 'every acknowledged event is in the graph, every delivery arrives',
  timeoutMs: 90_000 + rounds * 30_000,
}

beforeAll(buildWhenStale)

/** Runs the rounds on the engine that the environment names, and describes the result. */
async function survive(environment: (dataDir: string) => Readonly<Record<string, string>>): Promise<string> {
  // A slow partner: some kills happen during a delivery.
  const partner = await startCountingPartner((response) => void setTimeout(() => response.writeHead(204).end(), 50))
  const files = writeGatewayFiles({ partnerUrl: partner.url })
  try {
    const report = await killRounds(rounds, { DESKGRAPH_CONFIG: files.configFile, ...environment(files.dataDir) }, partner)
    const { acknowledged, lost, raised, undelivered, repeated, refused } = report
    expect({ lost, undelivered, refused }).toEqual({ lost: [], undelivered: [], refused: 0 })
    // Rounds without load would prove nothing.
    expect(acknowledged).toBeGreaterThan(rounds * 5)
    expect(raised).toBeGreaterThan(0)
    const deliveries = `${raised} tickets raised, ${undelivered.length} deliveries lost, ${repeated} sent again`
    const line = `${rounds} kills: ${acknowledged} events acknowledged, ${lost.length} lost; ${deliveries}`
    console.log(line)
    return line
  } finally {
    await partner.close()
    files.remove()
  }
}

describe('kill -9 under load', () => {
  guarantee('STORAGE-01', { fault: `kill -9 at any moment, ${rounds} rounds, on PGlite`, ...common }, () =>
    survive((dataDir) => ({ DESKGRAPH_DATA_DIR: dataDir })),
  )

  if (postgres) {
    guarantee('STORAGE-01', { fault: `kill -9 at any moment, ${rounds} rounds, on PostgreSQL`, ...common }, async () => {
      const database = await createDatabase()
      const came = await survive(() => ({ DATABASE_URL: database.url }))
      await database.drop()
      return came
    })
  }
})
