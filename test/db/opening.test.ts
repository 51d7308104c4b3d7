import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/db/open-store.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { createDatabase, hasPostgres, openTestStore } from '../support/databases.ts'

const findSource = () => null
const postgres = await hasPostgres()

describe('opening the store', () => {
  test('refuses a second user of the embedded directory and names the lock (S2), and keeps what was stored', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'deskgraph-'))
    const options = { dataDir, findSource, logger: noLogger, metrics: noMetrics }
    const store = await openStore(options)
    await expect(openStore(options)).rejects.toThrow(join(dataDir, 'deskgraph.lock'))
    await store.events.transaction((tx) => tx.saveCheckpoint('mark', 7))
    await store.close()
    const again = await openStore(options)
    expect(await again.events.findCheckpoint('mark')).toBe(7)
    await again.close()
    await rm(dataDir, { recursive: true })
  }, 120_000)

  test.skipIf(!postgres)('lets ten replicas start at once on an empty database (S7)', async () => {
    const database = await createDatabase()
    const stores = await Promise.all(
      Array.from({ length: 10 }, () => openTestStore({ findSource, databaseUrl: database.url, poolSize: 2 })),
    )
    await Promise.all(stores.map((store) => store.ping()))
    await Promise.all(stores.map((store) => store.close()))
    await database.drop()
  })

  test.skipIf(!postgres)(
    'says STORAGE_UNAVAILABLE when the pool is exhausted (S9) and when the server is not there (S3)',
    async () => {
      const database = await createDatabase()
      const store = await openTestStore({ findSource, databaseUrl: database.url, poolSize: 1 })
      await store.transaction(async () => {
        await expect(store.ping()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', retryable: true })
      })
      await store.ping()
      await store.close()
      await database.drop()
      const nowhere = openTestStore({ findSource, databaseUrl: 'postgres://nobody@127.0.0.1:1/none' })
      await expect(nowhere).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    },
  )
})
