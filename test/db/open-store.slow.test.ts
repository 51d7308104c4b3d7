import { describe, expect, test } from 'vitest'
import { describeStore } from '../contracts/store-contract.ts'
import { createDatabase, hasPostgres, openTestStore } from '../support/databases.ts'
import { contractEngines } from '../support/engines.ts'

for (const engine of contractEngines) describeStore(engine)

describe.skipIf(!(await hasPostgres()))('opening the store on PostgreSQL', () => {
  const findSource = () => null

  test('migrates once when ten replicas start at the same time on an empty database (STORAGE-07)', async () => {
    const database = await createDatabase()
    const stores = await Promise.all(
      Array.from({ length: 10 }, () => openTestStore({ findSource, databaseUrl: database.url, poolSize: 2 })),
    )
    await Promise.all(stores.map((store) => store.ping()))
    await Promise.all(stores.map((store) => store.close()))
    await database.drop()
  }, 60_000)

  test('rejects with STORAGE_UNAVAILABLE when the server cannot be reached (STORAGE-03)', async () => {
    const opening = openTestStore({ findSource, databaseUrl: 'postgres://user@127.0.0.1:1/none' })
    await expect(opening).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })
})
