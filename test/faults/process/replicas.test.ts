import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { beforeAll, describe, expect } from 'vitest'
import { createDatabase, hasPostgres } from '../../support/databases.ts'
import { buildWhenStale } from '../../support/process/built.ts'
import { writeGatewayFiles } from '../../support/process/gateway-files.ts'
import { startProcess } from '../../support/process/gateway-process.ts'
import { raiseTickets } from '../../support/process/graph-client.ts'
import { findUndelivered, startCountingPartner } from '../../support/process/partner.ts'
import { guarantee } from '../guarantee.ts'

const count = 50

describe.runIf(await hasPostgres())('two replicas', () => {
  beforeAll(buildWhenStale)

  guarantee(
    'PROCESS-06',
    { fault: `${count} tickets raised on two processes with one database`, expected: 'each delivery is leased and sent once' },
    async () => {
      // Slower than the poll of the other replica: without a lease it would repeat the delivery.
      const partner = await startCountingPartner((response) => void setTimeout(() => response.writeHead(204).end(), 100))
      const files = writeGatewayFiles({ partnerUrl: partner.url })
      const database = await createDatabase()
      const environment = { DESKGRAPH_CONFIG: files.configFile, DATABASE_URL: database.url }
      const replicas = await Promise.all([startProcess(environment), startProcess(environment)])
      const http = new Agent()
      const ids = await raiseTickets(http, [replicas[0]!.url, replicas[1]!.url], count)
      expect(await findUndelivered(partner, ids, 40_000)).toEqual([])
      await sleep(1_500)
      const calls = [...partner.calls.values()]
      expect({ deliveries: calls.length, most: Math.max(...calls), refused: partner.refused() }).toEqual({
        deliveries: count,
        most: 1,
        refused: 0,
      })
      await Promise.all(replicas.map((replica) => replica.stop()))
      await http.destroy()
      await partner.close()
      await database.drop()
      files.remove()
      return `${calls.length} deliveries, ${calls.reduce((sum, n) => sum + n, 0)} calls`
    },
  )
})
