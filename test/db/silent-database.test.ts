import { expect, test } from 'vitest'
import { openPostgres } from '../../src/db/engine.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { startTcpProxy } from '../support/process/tcp-proxy.ts'

test.runIf(await hasPostgres())(
  'a database that falls silent fails what waits for it, and is used again when it is back',
  async () => {
    const database = await createDatabase()
    const url = new URL(database.url)
    const cable = await startTcpProxy({ host: url.hostname, port: Number(url.port || 5432) })
    url.host = `127.0.0.1:${cable.port}`
    const { engine, close } = await openPostgres({ databaseUrl: url.href, poolSize: 1, logger: noLogger, silentMs: 300 })
    if (engine.kind !== 'postgres') throw new Error('Not PostgreSQL.')
    const ask = async () => (await engine.pool.query('select 1 as one')).rows
    try {
      expect(await ask()).toEqual([{ one: 1 }])
      cable.freeze()
      await expect(ask()).rejects.toThrow('has not answered')
      cable.thaw()
      expect(await ask()).toEqual([{ one: 1 }])
    } finally {
      await close()
      await cable.close()
      await database.drop()
    }
  },
)
