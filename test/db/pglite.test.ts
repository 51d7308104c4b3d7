import { describeStore } from '../contracts/store-contract.ts'
import { openTestStore } from '../support/databases.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'

describeStore('PGlite', async (clock) => {
  const store = await openTestStore({ findSource: findTestSource, clock })
  return { store, close: () => store.close() }
})
