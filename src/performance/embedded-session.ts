import { type PGlite, protocol, type Results } from '@electric-sql/pglite'
import { LRUCache } from 'lru-cache'

const { serialize } = protocol
const sync = serialize.sync()
const executeAndSync = Buffer.concat([serialize.execute({}), sync])
/** Plans kept, each about 13 kB of the database's memory. */
const mostPrepared = 100

type Values = readonly unknown[]
type Row = Record<string, unknown>

/** A statement that the database has read and planned, by the name that it keeps it under. */
interface Prepared {
  readonly name: string
  readonly toParameter: readonly ((value: unknown) => string)[]
  readonly columns: readonly { readonly name: string; readonly parse: (text: string) => unknown }[]
}

export interface Answer {
  readonly rows: Row[]
  /** Null for a statement that changes nothing. */
  readonly affectedRows: number | null
  /** What the database says it did: `COMMIT`, `SELECT`, … */
  readonly command: string
}

/**
 * The embedded database has one session, for which its users wait in turn. Statements are prepared: PGlite's own `query` reads and
 * plans each anew and asks for each of its steps by itself, which takes three times as long.
 */
export class EmbeddedSession {
  readonly #pglite: PGlite
  readonly #prepared: LRUCache<string, Prepared>
  /** Names of statements that the database need not keep any more. */
  readonly #dropped: string[] = []
  #turn: Promise<void> = Promise.resolve()
  #lastName = 0

  constructor(pglite: PGlite) {
    this.#pglite = pglite
    this.#prepared = new LRUCache({ max: mostPrepared, dispose: ({ name }) => void this.#dropped.push(name) })
  }

  /** Resolves when the session is free for this user alone, with what gives it back. */
  async takeTurn(): Promise<() => void> {
    const before = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    await before
    return resolve
  }

  /** One statement, within a turn. Throws the database's own error, with its SQLSTATE as `code`. */
  async run(text: string, values: Values): Promise<Answer> {
    if (this.#pglite.closed) throw new Error('The embedded database is closed.')
    const prepared = this.#prepared.get(text) ?? (await this.#prepare(text))
    const parameters = values.map((value, index) => (value == null ? null : prepared.toParameter[index]!(value)))
    try {
      const bind = serialize.bind({ statement: prepared.name, values: parameters })
      return toAnswer(await this.#send(bind, executeAndSync), prepared)
    } catch (error) {
      // Its plan may be what is wrong, when a table has changed.
      this.#prepared.delete(text)
      throw error
    }
  }

  /** One statement in a turn of its own. */
  query<T = Row>(text: string, values: Values = []): Promise<{ readonly rows: T[] }> {
    return this.#inTurn(async () => (await this.run(text, values)) as { rows: T[] })
  }

  /** Statements without values, separated by semicolons, in one turn. */
  exec(text: string): Promise<Results[]> {
    return this.#inTurn(() => this.#pglite.exec(text))
  }

  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>> {
    return this.#inTurn(async () => {
      const stop = await this.#pglite.listen(channel, heard)
      return () => this.#inTurn(() => stop())
    })
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const giveBack = await this.takeTurn()
    try {
      return await work()
    } finally {
      giveBack()
    }
  }

  async #prepare(text: string): Promise<Prepared> {
    const name = `s${++this.#lastName}`
    const closing = this.#dropped.splice(0).map((dropped) => serialize.close({ type: 'S', name: dropped }))
    const described = await this.#send(...closing, serialize.parse({ name, text }), serialize.describe({ type: 'S', name }), sync)
    const { serializers, parsers } = this.#pglite
    const prepared: Prepared = {
      name,
      toParameter: find(described, 'parameterDescription')?.dataTypeIDs.map((type) => serializers[type] ?? String) ?? [],
      columns:
        find(described, 'rowDescription')?.fields.map(({ name, dataTypeID }) => {
          const parse = parsers[dataTypeID]
          return { name, parse: parse ? (value) => parse(value, dataTypeID) : asItIs }
        }) ?? [],
    }
    this.#prepared.set(text, prepared)
    return prepared
  }

  #send(...parts: readonly Uint8Array[]): Promise<BackendMessage[]> {
    // Nothing is to be synchronised: it works on the folder itself, or in memory.
    return this.#pglite.execProtocolStream(Buffer.concat(parts), { syncToFs: false })
  }
}

type BackendMessage = Awaited<ReturnType<PGlite['execProtocolStream']>>[number]
type DataRow = BackendMessage & { readonly fields: readonly (string | null)[] }
interface Named {
  readonly parameterDescription: BackendMessage & { readonly dataTypeIDs: readonly number[] }
  readonly rowDescription: BackendMessage & { readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[] }
  readonly commandComplete: BackendMessage & { readonly text: string }
}

function find<Name extends keyof Named>(messages: readonly BackendMessage[], name: Name): Named[Name] | undefined {
  return messages.find((message) => message.name === name) as Named[Name] | undefined
}

const asItIs = (text: string): string => text

function toAnswer(messages: readonly BackendMessage[], { columns }: Prepared): Answer {
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
  return { rows, command, affectedRows: changes.has(command) ? Number(count) : null }
}

const changes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])
