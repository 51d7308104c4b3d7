import type { Store } from '../../src/db/open-store.ts'
import { createDatabase, hasPostgres, openTestStore, type TestStoreOptions } from './databases.ts'

/** An engine that a store runs on. */
export interface TestEngine {
  readonly name: 'PGlite' | 'PostgreSQL'
  /** Opens a new, empty store on it. `close` leaves nothing behind. */
  open(options: TestStoreOptions): Promise<{ readonly store: Store; close(): Promise<void> }>
}

const pglite: TestEngine = {
  name: 'PGlite',
  async open(options) {
    const store = await openTestStore(options)
    return { store, close: () => store.close() }
  },
}

const postgres: TestEngine = {
  name: 'PostgreSQL',
  async open(options) {
    const database = await createDatabase()
    const store = await openTestStore({ ...options, databaseUrl: database.url })
    const close = async () => {
      await store.close()
      await database.drop()
    }
    return { store, close }
  },
}

/** The engines that are here: in CI both. */
export const testEngines: readonly TestEngine[] = (await hasPostgres()) ? [pglite, postgres] : [pglite]
