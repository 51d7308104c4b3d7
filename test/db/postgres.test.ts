import { describe, test } from 'vitest'
import { describeStore } from '../contracts/store-contract.ts'
import { createDatabase, hasPostgres, openTestStore } from '../support/databases.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'

if (await hasPostgres()) {
  describeStore('PostgreSQL', async (clock) => {
    const database = await createDatabase()
    const store = await openTestStore({ findSource: findTestSource, clock, databaseUrl: database.url })
    const close = async () => {
      await store.close()
      await database.drop()
    }
    return { store, close }
  })
} else {
  describe('the store on PostgreSQL', () => test.skip('needs a PostgreSQL', () => {}))
}
