import type { PGlite } from '@electric-sql/pglite'
import { type CompiledQuery, type DatabaseConnection, type Dialect, type Driver, PGliteDialect, type QueryResult } from 'kysely'
import type { EmbeddedSession } from '../performance/embedded-session.ts'

class EmbeddedConnection implements DatabaseConnection {
  readonly #session: EmbeddedSession

  constructor(session: EmbeddedSession) {
    this.#session = session
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, affectedRows } = await this.#session.run(sql, parameters)
    return { rows: rows as R[], ...(affectedRows !== null && { numAffectedRows: BigInt(affectedRows) }) }
  }

  // biome-ignore lint/correctness/useYield: the database has no cursors, and nobody asks for one.
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('The embedded database does not stream.')
  }
}

class EmbeddedDriver implements Driver {
  readonly #pglite: PGlite
  readonly #session: EmbeddedSession
  /** The same for every turn: what others remember by the connection would else keep the turn until the old generation is collected. */
  readonly #connection: EmbeddedConnection
  #giveBack = (): void => {}

  constructor(pglite: PGlite, session: EmbeddedSession) {
    this.#pglite = pglite
    this.#session = session
    this.#connection = new EmbeddedConnection(session)
  }

  async init(): Promise<void> {
    await this.#pglite.waitReady
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#giveBack = await this.#session.takeTurn()
    return this.#connection
  }

  async beginTransaction(): Promise<void> {
    await this.#session.run('begin', [])
  }

  async commitTransaction(): Promise<void> {
    const { command } = await this.#session.run('commit', [])
    if (command === 'ROLLBACK') throw new Error('A statement had failed: nothing was committed.')
  }

  async rollbackTransaction(): Promise<void> {
    await this.#session.run('rollback', [])
  }

  async releaseConnection(): Promise<void> {
    this.#giveBack()
  }

  async destroy(): Promise<void> {
    if (!this.#pglite.closed) await this.#pglite.close()
  }
}

/** Kysely's dialect for PGlite over a session whose statements are prepared. */
export function createEmbeddedDialect(pglite: PGlite, session: EmbeddedSession): Dialect {
  const dialect = new PGliteDialect({ pglite })
  return {
    createDriver: () => new EmbeddedDriver(pglite, session),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => dialect.createAdapter(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}
