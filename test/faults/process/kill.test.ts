import { beforeAll, describe, expect } from 'vitest'
import { createDatabase, hasPostgres } from '../../support/databases.ts'
import { buildWhenStale } from '../../support/process/built.ts'
import { writeDeskFiles } from '../../support/process/gateway-files.ts'
import { killRounds } from '../../support/process/kill-rounds.ts'
import { startCountingPartner } from '../../support/process/partner.ts'
import { row } from '../row.ts'

// A few rounds each by default, to keep the run short; CI makes 50 (DESKGRAPH_KILL_ROUNDS).
const rounds = Number(process.env.DESKGRAPH_KILL_ROUNDS ?? 3)
const postgres = await hasPostgres()
const told = { expected: 'every acknowledged event is in the graph, every delivery arrives', timeoutMs: 90_000 + rounds * 30_000 }

beforeAll(buildWhenStale)

/** Runs the rounds on the engine that the environment names, and says what came. */
async function survive(environment: (dataDir: string) => Readonly<Record<string, string>>): Promise<string> {
  // It takes its time, so that some kills come while a delivery is under way.
  const partner = await startCountingPartner((response) => void setTimeout(() => response.writeHead(204).end(), 50))
  const files = writeDeskFiles({ partnerUrl: partner.url })
  try {
    const report = await killRounds(rounds, { DESKGRAPH_CONFIG: files.configFile, ...environment(files.dataDir) }, partner)
    const { acknowledged, lost, raised, undelivered, repeated, refused } = report
    expect({ lost, undelivered, refused }).toEqual({ lost: [], undelivered: [], refused: 0 })
    // Rounds in which nothing was under way would prove nothing.
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
  row('STORAGE-01', { done: `kill -9 at any moment, ${rounds} rounds, on PGlite`, ...told }, () =>
    survive((dataDir) => ({ DESKGRAPH_DATA_DIR: dataDir })),
  )

  if (postgres) {
    row('STORAGE-01', { done: `kill -9 at any moment, ${rounds} rounds, on PostgreSQL`, ...told }, async () => {
      const database = await createDatabase()
      const came = await survive(() => ({ DATABASE_URL: database.url }))
      await database.drop()
      return came
    })
  }
})
