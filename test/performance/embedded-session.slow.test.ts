import { PGlite, protocol } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PreparedSession } from '../../src/performance/embedded-session.ts'

describe("the embedded database's session with prepared statements", () => {
  let pglite: PGlite
  let session: PreparedSession
  beforeAll(async () => {
    pglite = await PGlite.create({ parsers: { 20: Number } })
    session = new PreparedSession(pglite, protocol.serialize)
    await session.exec('create table things (id bigint primary key, name text, tags text[], raw bytea, good boolean)')
  }, 60_000)
  afterAll(() => pglite.close())

  const names = async () =>
    (await session.query<{ name: string }>('select name from things order by id')).rows.map(({ name }) => name)

  test('returns the same values as PGlite itself, by the parsers that it was opened with', async () => {
    const values = [7, 'Ada "the first"', ['a', 'b,c', null], new Uint8Array([0, 255, 10]), null]
    await session.query('insert into things values ($1, $2, $3, $4, $5)', values)
    const text = 'select id, name, tags, raw, good, 12.5::numeric as price, true as yes from things where id = $1'
    const { rows } = await session.query(text, [7])
    expect(rows).toEqual((await pglite.query(text, [7])).rows)
    expect(rows).toMatchObject([{ id: 7, name: 'Ada "the first"', tags: ['a', 'b,c', null], good: null, yes: true }])
    await session.query('delete from things', [])
  })

  test('tells how many rows a statement changed, and null for one that only reads', async () => {
    expect(await session.run('insert into things (id) values (1), (2), (3)', [])).toMatchObject({ affectedRows: 3 })
    expect(await session.run('update things set name = $1 where id > $2', ['x', 1])).toMatchObject({ affectedRows: 2 })
    expect(await session.run('select id from things', [])).toMatchObject({ affectedRows: null, command: 'SELECT' })
    expect(await session.run('delete from things', [])).toMatchObject({ affectedRows: 3 })
  })

  test('keeps a bounded number of statements prepared, and prepares an evicted one again', async () => {
    const select = async (number: number) => (await session.query(`select ${number} as number`)).rows
    for (let number = 0; number < 250; number++) expect(await select(number)).toEqual([{ number }])
    expect(await select(0)).toEqual([{ number: 0 }])
    const { rows } = await session.query<{ count: number }>('select count(*) as count from pg_prepared_statements')
    expect(rows[0]!.count).toBeLessThanOrEqual(102)
  })

  test('works after a statement that failed to be parsed, bound or executed', async () => {
    const failing: [string, unknown[], string][] = [
      ['selec 1', [], '42601'],
      ['select $1::bigint as id', ['no number'], '22P02'],
      ['select 1 / $1::int as share', [0], '22012'],
    ]
    for (const [text, values, code] of failing) {
      await expect(session.query(text, values)).rejects.toMatchObject({ code })
      expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    }
    expect((await session.query('select 1 / $1::int as share', [1])).rows).toEqual([{ share: 1 }])
  })

  test('prepares a statement again after its table has changed', async () => {
    await session.exec('create table shapes (a int); insert into shapes values (1)')
    expect((await session.query('select * from shapes')).rows).toEqual([{ a: 1 }])
    await session.exec('alter table shapes add column b int')
    await expect(session.query('select * from shapes')).rejects.toThrow('cached plan')
    expect((await session.query('select * from shapes')).rows).toEqual([{ a: 1, b: null }])
  })

  test('belongs to one user until it is released', async () => {
    const release = await session.acquire()
    await session.run('begin', [])
    const other = session.query(`insert into things (id, name) values (9, 'other')`)
    await session.run(`insert into things (id, name) values (8, 'own')`, [])
    await session.run('rollback', [])
    release()
    await other
    expect(await names()).toEqual(['other'])
    await session.query('delete from things')
  })

  test('calls back for a notification', async () => {
    const notified = Promise.withResolvers<string>()
    const unlisten = await session.listen('news', notified.resolve)
    await session.query(`select pg_notify('news', 'it came')`)
    expect(await notified.promise).toBe('it came')
    await unlisten()
  })
})
