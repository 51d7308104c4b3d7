import type { PGlite, protocol, Results } from '@electric-sql/pglite'
import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PGliteDialect,
  type QueryResult,
} from 'kysely'
import { LRUCache } from 'lru-cache'
import type { ConnectPGlite } from '../db/open-store.ts'

type Serialize = (typeof protocol)['serialize']

/** Prepared statements at most. Each takes about 13 kB of the database's memory. */
const maxPrepared = 100

type Row = Record<string, unknown>

export interface StatementResult {
  readonly rows: Row[]
  /** null for a statement that changes no rows. */
  readonly affectedRows: number | null
  /** What the database reports that it did: `COMMIT`, `SELECT`, … */
  readonly command: string
}

/** A statement that the database has parsed and planned, by the name under which it keeps it. */
interface PreparedStatement {
  readonly name: string
  readonly serializers: readonly ((value: unknown) => string)[]
  readonly columns: readonly { readonly name: string; readonly parse: (text: string) => unknown }[]
}

/** Kysely's dialect for PGlite, over one session that keeps its statements prepared. */
export const connectPrepared: ConnectPGlite = async (pglite) => {
  // Imported only now, when PGlite is loaded already: the package contains a whole database.
  const { protocol } = await import('@electric-sql/pglite')
  const session = new PreparedSession(pglite, protocol.serialize)
  const dialect = new PGliteDialect({ pglite })
  return {
    session,
    dialect: {
      createDriver: () => new PreparedDriver(pglite, session),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (db) => dialect.createIntrospector(db),
    },
  }
}

/**
 * PGlite's single session, with prepared statements. PGlite's own `query` parses and plans each statement anew and sends each
 * step of the protocol by itself, which takes three times as long.
 */
export class PreparedSession {
  readonly #pglite: PGlite
  readonly #serialize: Serialize
  readonly #sync: Uint8Array
  readonly #executeAndSync: Uint8Array
  readonly #prepared: LRUCache<string, PreparedStatement>
  /** Names of statements that the database can forget. */
  readonly #evicted: string[] = []
  #lastUse: Promise<void> = Promise.resolve()
  #lastNumber = 0

  /** `serialize`: PGlite's own writer of protocol messages. */
  constructor(pglite: PGlite, serialize: Serialize) {
    this.#pglite = pglite
    this.#serialize = serialize
    this.#sync = serialize.sync()
    this.#executeAndSync = Buffer.concat([serialize.execute({}), this.#sync])
    this.#prepared = new LRUCache({ max: maxPrepared, dispose: ({ name }) => void this.#evicted.push(name) })
  }

  /** Resolves when the session is free, with the function that releases it. Waiters get it in the order of their calls. */
  async acquire(): Promise<() => void> {
    const before = this.#lastUse
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lastUse = promise
    await before
    return resolve
  }

  /** Runs one statement; the caller has acquired the session. Throws the database's own error, with its SQLSTATE as `code`. */
  async run(text: string, values: readonly unknown[]): Promise<StatementResult> {
    // PGlite itself checks this in `query` and `exec` only.
    if (this.#pglite.closed) throw new Error('PGlite is closed')
    const statement = this.#prepared.get(text) ?? (await this.#prepare(text))
    const parameters = values.map((value, index) => (value == null ? null : statement.serializers[index]!(value)))
    try {
      const bind = this.#serialize.bind({ statement: statement.name, values: parameters })
      return toResult(await this.#send(bind, this.#executeAndSync), statement)
    } catch (error) {
      // The plan may be out of date, after a table has changed.
      this.#prepared.delete(text)
      throw error
    }
  }

  /** Acquires the session for one statement. */
  query<T = Row>(text: string, values: readonly unknown[] = []): Promise<{ readonly rows: T[] }> {
    return this.#exclusively(async () => (await this.run(text, values)) as { rows: T[] })
  }

  /** Acquires the session for statements without values, separated by semicolons. */
  exec(text: string): Promise<Results[]> {
    return this.#exclusively(() => this.#pglite.exec(text))
  }

  /** Calls back for each notification on the channel. Resolves with the function that stops it. */
  listen(channel: string, onNotification: (payload: string) => void): Promise<() => Promise<void>> {
    return this.#exclusively(async () => {
      const unlisten = await this.#pglite.listen(channel, onNotification)
      return () => this.#exclusively(() => unlisten())
    })
  }

  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.acquire()
    try {
      return await work()
    } finally {
      release()
    }
  }

  async #prepare(text: string): Promise<PreparedStatement> {
    const name = `s${++this.#lastNumber}`
    const { close, parse, describe } = this.#serialize
    const closing = this.#evicted.splice(0).map((evicted) => close({ type: 'S', name: evicted }))
    const described = await this.#send(...closing, parse({ name, text }), describe({ type: 'S', name }), this.#sync)
    const { serializers, parsers } = this.#pglite
    const statement: PreparedStatement = {
      name,
      serializers: find(described, 'parameterDescription')?.dataTypeIDs.map((type) => serializers[type] ?? String) ?? [],
      columns:
        find(described, 'rowDescription')?.fields.map(({ name, dataTypeID }) => {
          const parse = parsers[dataTypeID]
          return { name, parse: parse ? (value) => parse(value, dataTypeID) : unchanged }
        }) ?? [],
    }
    this.#prepared.set(text, statement)
    return statement
  }

  #send(...parts: readonly Uint8Array[]): Promise<BackendMessage[]> {
    // `syncToFs` copies the files of browser file systems; ours are written in place, or are in memory.
    return this.#pglite.execProtocolStream(Buffer.concat(parts), { syncToFs: false })
  }
}

class PreparedDriver implements Driver {
  readonly #pglite: PGlite
  readonly #session: PreparedSession
  /** One object for every use. Kysely remembers connections: a new one for each use would be promoted to the old generation. */
  readonly #connection: PreparedConnection
  #release = (): void => {}

  constructor(pglite: PGlite, session: PreparedSession) {
    this.#pglite = pglite
    this.#session = session
    this.#connection = new PreparedConnection(session)
  }

  async init(): Promise<void> {
    await this.#pglite.waitReady
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#release = await this.#session.acquire()
    return this.#connection
  }

  async beginTransaction(): Promise<void> {
    await this.#session.run('begin', [])
  }

  /** PostgreSQL answers `commit` with ROLLBACK, and without an error, after a statement of the transaction has failed. */
  async commitTransaction(): Promise<void> {
    const { command } = await this.#session.run('commit', [])
    if (command === 'ROLLBACK') throw new AbortedTransactionError()
  }

  async rollbackTransaction(): Promise<void> {
    await this.#session.run('rollback', [])
  }

  async releaseConnection(): Promise<void> {
    this.#release()
  }

  async destroy(): Promise<void> {
    if (!this.#pglite.closed) await this.#pglite.close()
  }
}

class PreparedConnection implements DatabaseConnection {
  readonly #session: PreparedSession

  constructor(session: PreparedSession) {
    this.#session = session
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, affectedRows } = await this.#session.run(sql, parameters)
    return { rows: rows as R[], ...(affectedRows !== null && { numAffectedRows: BigInt(affectedRows) }) }
  }

  // biome-ignore lint/correctness/useYield: PGlite has no cursors, so there is no row to yield.
  async *streamQuery(): AsyncGenerator<never> {
    throw new Error('The embedded database does not stream.')
  }
}

type BackendMessage = Awaited<ReturnType<PGlite['execProtocolStream']>>[number]
type DataRow = BackendMessage & { readonly fields: readonly (string | null)[] }
interface MessagesByName {
  readonly parameterDescription: BackendMessage & { readonly dataTypeIDs: readonly number[] }
  readonly rowDescription: BackendMessage & { readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[] }
  readonly commandComplete: BackendMessage & { readonly text: string }
}

function find<Name extends keyof MessagesByName>(
  messages: readonly BackendMessage[],
  name: Name,
): MessagesByName[Name] | undefined {
  return messages.find((message) => message.name === name) as MessagesByName[Name] | undefined
}

const unchanged = (text: string): string => text
const changingCommands = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

function toResult(messages: readonly BackendMessage[], { columns }: PreparedStatement): StatementResult {
  const rows: Row[] = []
  for (const message of messages) {
    if (message.name !== 'dataRow') continue
    const { fields } = message as DataRow
    const row: Row = {}
    for (let index = 0; index < columns.length; index++) {
      const text = fields[index]
      const { name, parse } = columns[index]!
      row[name] = text == null ? null : parse(text)
    }
    rows.push(row)
  }
  // `INSERT 0 3`, `UPDATE 3`, `SELECT 3`, `COMMIT`
  const tag = find(messages, 'commandComplete')?.text.split(' ') ?? []
  const [command = '', count] = [tag[0], tag.at(-1)]
  return { rows, command, affectedRows: changingCommands.has(command) ? Number(count) : null }
}
