import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeStartFault } from '../../src/db/describe-fault.ts'
import { DeskgraphError } from '../../src/domain/errors.ts'
import { createDatabase, hasPostgres, openTestStore, type TestDatabase } from '../support/databases.ts'

const open = (databaseUrl: string) => openTestStore({ findSource: () => null, databaseUrl })

async function messageOf(databaseUrl: string): Promise<string> {
  const failed = await open(databaseUrl).then(
    (store) => store.close(),
    (error: unknown) => error,
  )
  return String((failed as Error | undefined)?.message)
}

describe('OPS-04: a start without its database', () => {
  test('names host, database and code, and says what to do, without the user and the password', async () => {
    expect(await messageOf('postgres://zoe:hunter2@127.0.0.1:1/desk')).toBe(
      'PostgreSQL at 127.0.0.1:1, database desk, cannot be used (ECONNREFUSED). Nothing listens there. Start PostgreSQL, or correct DATABASE_URL.',
    )
  })
  test.each([
    ['28P01', 'The user or the password is wrong.'],
    ['25006', 'Name the primary'],
    ['CERT_HAS_EXPIRED', 'Renew it.'],
    ['53300', 'Raise max_connections'],
    ['XX999', 'The log of the server says more.'],
  ])('says what to do after %s', (code, action) => {
    const cause = Object.assign(new Error('password of zoe'), { code })
    const fault = new DeskgraphError('STORAGE_UNAVAILABLE', 'Not now.', { cause })
    const { message } = describeStartFault(fault, 'postgres://zoe:hunter2@db.example/desk?sslmode=require') as Error
    expect(message).toContain(`PostgreSQL at db.example:5432, database desk, cannot be used (${code}). `)
    expect(message).toContain(action)
    expect(message).not.toMatch(/zoe|hunter2/)
  })
  test('leaves every other error as it is', () => {
    const defect = new TypeError('x is not a function')
    expect(describeStartFault(defect, 'postgres://db.example/desk')).toBe(defect)
  })
})

describe.skipIf(!(await hasPostgres()))('on PostgreSQL', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase()
  })
  afterEach(() => database.drop())

  test('OPS-04: a start without its database names a database that does not exist', async () => {
    const url = new URL(database.url)
    url.pathname = '/deskgraph_missing'
    expect(await messageOf(url.href)).toMatch(
      /database deskgraph_missing, cannot be used \(3D000\)\. The database does not exist\./,
    )
  })

  /** Migrates as this version does, and then as a newer one would with a migration of this name. */
  async function migrateAsNewerVersion(name: string): Promise<void> {
    const store = await open(database.url)
    await sql`alter table tickets add column later text`.execute(store.db)
    await sql`insert into kysely_migration (name, timestamp) values (${name}, ${new Date().toISOString()})`.execute(store.db)
    await store.close()
  }

  test('OPS-05: a newer version that only added something lets this version start again', async () => {
    await migrateAsNewerVersion('9000-later')
    const stores = await Promise.all([open(database.url), open(database.url)])
    expect(await stores[0].leases.acquire('test', 'one', 1_000)).toBe(true)
    await Promise.all(stores.map((store) => store.close()))
  })
  test('OPS-05: a newer version that broke something is named in one sentence', async () => {
    await migrateAsNewerVersion('9000-breaking-later')
    expect(await messageOf(database.url)).toMatch(
      /^The database was migrated by another version of Deskgraph \(9000-breaking-later\), and this version cannot work with it\./,
    )
  })
  test('OPS-05: a migration between those of this version is refused too', async () => {
    await migrateAsNewerVersion('0001-other')
    expect(await messageOf(database.url)).toContain('(0001-other)')
  })
})
