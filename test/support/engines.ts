import type { Store } from '../../src/db/open-store.ts'
import { connectPrepared } from '../../src/performance/embedded-session.ts'
import { createDatabase, hasPostgres, openTestStore, type TestStoreOptions } from './databases.ts'

/** An engine under the store. */
export interface TestEngine {
  readonly name: string
  /** Opens a new, empty store on it. `close` removes everything. */
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

const postgresIfPresent = (await hasPostgres()) ? [postgres] : []

/** The engines on this machine, as the gateway uses them: in CI both. */
export const testEngines: readonly TestEngine[] = [pglite, ...postgresIfPresent]

/** The engines with every way to speak to PGlite, for the contract of the store. */
export const contractEngines: readonly TestEngine[] = [
  { name: "PGlite with Kysely's dialect", open: (options) => pglite.open({ ...options, connectPGlite: undefined }) },
  { name: 'PGlite with prepared statements', open: (options) => pglite.open({ ...options, connectPGlite: connectPrepared }) },
  ...postgresIfPresent,
]
