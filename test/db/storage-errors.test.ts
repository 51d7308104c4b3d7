import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { isRetryable, toStorageError, withStorageErrors } from '../../src/db/storage-errors.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'

const withCode = (code: string) => Object.assign(new Error('a message with a secret'), { code })

describe('a failed statement', () => {
  test.each([
    ['a broken connection', '08006'],
    ['a shutdown by the administrator', '57P01'],
    ['a crash', '57P02'],
    ['a server that is starting', '57P03'],
    ['a full disk', '53100'],
    ['too many connections', '53300'],
    ['a cancelled statement', '57014'],
    ['a lock that is not free in time', '55P03'],
    ['an I/O error of the server', '58030'],
    ['a refused connection', 'ECONNREFUSED'],
    ['a reset connection', 'ECONNRESET'],
    ['a closed pipe', 'EPIPE'],
    ['a name that is not resolved', 'EAI_AGAIN'],
    ['a full disk under the embedded database', 'ENOSPC'],
    ['a server that accepts no writes', '25006'],
    ['a wrong password', '28P01'],
    ['a user who may not connect', '28000'],
    ['a database that does not exist', '3D000'],
    ['missing rights', '42501'],
  ])('is STORAGE_UNAVAILABLE for %s (%s)', (_, code) => {
    const cause = withCode(code)
    const error = toStorageError(cause)
    expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE', retryable: true, retryAfter: 1, cause })
    expect((error as Error).message).not.toContain('secret')
  })

  test.each([
    'Connection terminated unexpectedly',
    'Connection terminated',
    'Client has encountered a connection error and is not queryable',
  ])('is STORAGE_UNAVAILABLE when pg says "%s", which has no code', (message) => {
    expect(toStorageError(new Error(message))).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })

  test.each([
    ['a TypeError', new TypeError('x is not a function')],
    ['an error without a code', new Error('circular reference detected')],
    ['an error of the Node API', withCode('ERR_INVALID_ARG_TYPE')],
    ['a violated constraint', withCode('23505')],
    ['a syntax error in SQL', withCode('42601')],
    ['an error of the gateway', new DeskgraphError('BAD_USER_INPUT', 'no')],
    ['a value that is not an error', 'text'],
  ])('stays what it is for %s', (_, error) => {
    expect(toStorageError(error)).toBe(error)
  })

  test('is worth another attempt after a deadlock and a serialisation failure only', () => {
    expect(['40P01', '40001', '23505', 'ECONNRESET'].map((code) => isRetryable(withCode(code)))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('a dialect with storage errors', () => {
  class FailingDriver extends DummyDriver {
    readonly #failures: Failures

    constructor(failures: Failures) {
      super()
      this.#failures = failures
    }

    override async acquireConnection() {
      const { onConnect, onStatement } = this.#failures
      if (onConnect) throw onConnect
      const connection = await super.acquireConnection()
      return onStatement ? Object.assign(connection, { executeQuery: () => Promise.reject(onStatement) }) : connection
    }

    override async commitTransaction() {
      if (this.#failures.onCommit) throw this.#failures.onCommit
    }
  }

  interface Failures {
    readonly onConnect?: Error
    readonly onStatement?: Error
    readonly onCommit?: Error
    readonly isClosed?: boolean
  }

  function open({ isClosed = false, ...failures }: Failures): Kysely<unknown> {
    const dialect = {
      createDriver: () => new FailingDriver(failures),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
    }
    return new Kysely({ dialect: withStorageErrors(dialect, { isClosed: () => isClosed }) })
  }

  const query = (db: Kysely<unknown>) => sql`select 1`.execute(db)

  test.each([
    ['the exhausted pool', new Error('timeout exceeded when trying to connect')],
    ['a server without TLS', new Error('The server does not support SSL connections')],
    ['every address that was tried', new AggregateError([withCode('ECONNREFUSED')])],
  ])('is STORAGE_UNAVAILABLE when connecting fails without a code: %s', async (_, error) => {
    await expect(query(open({ onConnect: error }))).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
  })

  test('fails to connect with the error itself when it is a defect of this program', async () => {
    const error = new TypeError('x is not a function')
    await expect(query(open({ onConnect: error }))).rejects.toBe(error)
  })

  test('translates the error of a statement, and only that of a lost connection or a storage fault', async () => {
    const defect = new TypeError('x is not a function')
    await expect(query(open({ onStatement: defect }))).rejects.toBe(defect)
    const lost = open({ onStatement: withCode('57P01') })
    await expect(query(lost)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })

  test('throws the error of a transaction callback unchanged', async () => {
    const defect = new TypeError('x is not a function')
    const failing = open({})
      .transaction()
      .execute(() => Promise.reject(defect))
    await expect(failing).rejects.toBe(defect)
  })

  test('does not say that nothing was done when the answer to a commit is lost', async () => {
    const commit = (onCommit: Error) =>
      open({ onCommit })
        .transaction()
        .execute(async () => 'done')
    await expect(commit(withCode('ECONNRESET'))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', effect: 'unknown' })
    const deadlock = withCode('40P01')
    await expect(commit(deadlock)).rejects.toBe(deadlock)
  })

  test('is STORAGE_UNAVAILABLE once it is closed', async () => {
    const closed = { isClosed: true, onStatement: new Error('PGlite is closed') }
    await expect(query(open(closed))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })
})
