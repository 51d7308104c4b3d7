import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EmbeddedSession } from '../../src/performance/embedded-session.ts'
import { openTestStore } from '../support/databases.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'

describe('the session of the embedded database', () => {
  let pglite: PGlite
  let session: EmbeddedSession
  beforeAll(async () => {
    pglite = await PGlite.create({ parsers: { 20: Number } })
    session = new EmbeddedSession(pglite)
    await session.exec('create table things (id bigint primary key, name text, tags text[], raw bytea, good boolean)')
  })
  afterAll(() => pglite.close())

  const names = async () =>
    (await session.query<{ name: string }>('select name from things order by id')).rows.map(({ name }) => name)

  test('gives values as PGlite itself does, by the parsers that it was opened with', async () => {
    const values = [7, 'Ada "the first"', ['a', 'b,c', null], new Uint8Array([0, 255, 10]), null]
    await session.query('insert into things values ($1, $2, $3, $4, $5)', values)
    const text = 'select id, name, tags, raw, good, 12.5::numeric as price, true as yes from things where id = $1'
    const { rows } = await session.query(text, [7])
    expect(rows).toEqual((await pglite.query(text, [7])).rows)
    expect(rows).toMatchObject([{ id: 7, name: 'Ada "the first"', tags: ['a', 'b,c', null], good: null, yes: true }])
    await session.query('delete from things', [])
  })

  test('says how many rows were changed, and nothing of rows that were only read', async () => {
    expect(await session.run('insert into things (id) values (1), (2), (3)', [])).toMatchObject({ affectedRows: 3 })
    expect(await session.run('update things set name = $1 where id > $2', ['x', 1])).toMatchObject({ affectedRows: 2 })
    expect(await session.run('select id from things', [])).toMatchObject({ affectedRows: null, command: 'SELECT' })
    expect(await session.run('delete from things', [])).toMatchObject({ affectedRows: 3 })
  })

  test('keeps a bounded number of plans, and plans again what it has dropped', async () => {
    const ask = async (number: number) => (await session.query(`select ${number} as number`)).rows
    for (let number = 0; number < 250; number++) expect(await ask(number)).toEqual([{ number }])
    expect(await ask(0)).toEqual([{ number: 0 }])
    const { rows } = await session.query<{ kept: number }>('select count(*) as kept from pg_prepared_statements')
    expect(rows[0]!.kept).toBeLessThanOrEqual(102)
  })

  test('goes on after a statement that failed, be it when read, bound or run', async () => {
    const bad: [string, unknown[], string][] = [
      ['selec 1', [], '42601'],
      ['select $1::bigint as id', ['no number'], '22P02'],
      ['select 1 / $1::int as share', [0], '22012'],
    ]
    for (const [text, values, code] of bad) {
      await expect(session.query(text, values)).rejects.toMatchObject({ code })
      expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    }
    expect((await session.query('select 1 / $1::int as share', [1])).rows).toEqual([{ share: 1 }])
  })

  test('plans anew once a table has another shape', async () => {
    await session.exec('create table shapes (a int); insert into shapes values (1)')
    expect((await session.query('select * from shapes')).rows).toEqual([{ a: 1 }])
    await session.exec('alter table shapes add column b int')
    await expect(session.query('select * from shapes')).rejects.toThrow('cached plan')
    expect((await session.query('select * from shapes')).rows).toEqual([{ a: 1, b: null }])
  })

  test('is one user’s until it is given back', async () => {
    const giveBack = await session.takeTurn()
    await session.run('begin', [])
    const other = session.query(`insert into things (id, name) values (9, 'other')`)
    await session.run(`insert into things (id, name) values (8, 'own')`, [])
    await session.run('rollback', [])
    giveBack()
    await other
    expect(await names()).toEqual(['other'])
    await session.query('delete from things')
  })

  test('tells what was notified, also within others’ transactions', async () => {
    const heard = Promise.withResolvers<string>()
    const stop = await session.listen('news', heard.resolve)
    await session.query(`select pg_notify('news', 'it came')`)
    expect(await heard.promise).toBe('it came')
    await stop()
  })
})

test('a transaction one of whose statements failed does not seem to be committed', async () => {
  const { db, close } = await openTestStore({ findSource: findTestSource })
  const work = db.transaction().execute(async (trx) => {
    await trx.insertInto('marks').values({ name: 'kept', value: 1 }).execute()
    await trx
      .insertInto('marks')
      .values({ name: 'kept', value: 2 })
      .execute()
      .catch(() => {})
  })
  await expect(work).rejects.toThrow()
  expect(await db.selectFrom('marks').selectAll().where('name', '=', 'kept').execute()).toEqual([])
  await close()
})

test('a closed embedded database says so', async () => {
  const store = await openTestStore({ findSource: findTestSource })
  await store.close()
  await expect(store.ping()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
})
