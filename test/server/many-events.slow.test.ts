import { Agent } from 'undici'
import { beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { buildWhenStale } from '../support/process/built.ts'
import { writeGatewayFiles } from '../support/process/gateway-files.ts'
import { startProcess } from '../support/process/gateway-process.ts'
import { findLost } from '../support/process/graph-client.ts'
import { isAcknowledged, mixedEvent } from '../support/process/senders.ts'

const count = 10_000
const senders = 16

const engines = [
  { name: 'PGlite', usable: true, open: async () => null },
  { name: 'PostgreSQL', usable: await hasPostgres(), open: createDatabase },
]

describe.each(engines)('on $name', ({ name, usable, open }) => {
  beforeAll(buildWhenStale, 60_000)

  test.runIf(usable)(
    `stores ${count} events of ${senders} senders without a failure`,
    async () => {
      const files = writeGatewayFiles({ partnerUrl: 'http://127.0.0.1:9/hook' })
      const database = await open()
      const storage: Record<string, string> = database ? { DATABASE_URL: database.url } : { DESKGRAPH_DATA_DIR: files.dataDir }
      const gateway = await startProcess({ DESKGRAPH_CONFIG: files.configFile, ...storage })
      const http = new Agent({ connections: senders })
      const events = Array.from({ length: count }, (_, n) => mixedEvent(n))
      const waiting = events.values()
      let refused = 0
      const send = async () => {
        for (const event of waiting) if (!(await isAcknowledged(http, gateway.url, event))) refused += 1
      }
      await Promise.all(Array.from({ length: senders }, send))
      expect(refused).toBe(0)
      const claims = events.map(({ claim }) => claim)
      const lost = await findLost(http, gateway.url, claims, 60_000)
      console.log(`${name}: ${count} events sent, ${refused} refused, ${lost.length} lost`)
      expect(lost).toEqual([])
      await http.destroy()
      await gateway.stop()
      await database?.drop()
      files.remove()
    },
    300_000,
  )
})
