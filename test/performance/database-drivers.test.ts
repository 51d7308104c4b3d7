import { Pool } from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { databaseDrivers } from '../../src/performance/database-drivers.ts'
import { hasPostgres } from '../support/databases.ts'

const connectionString = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test'

describe.skipIf(!(await hasPostgres()))("pg's client, called with a callback", () => {
  const pool = new Pool({ connectionString, max: 1, Client: databaseDrivers.postgresClient! })
  afterAll(() => pool.end())

  test('resolves with the rows and the number of changed rows', async () => {
    const client = await pool.connect()
    expect((await client.query('select $1::int as one', [1])).rows).toEqual([{ one: 1 }])
    expect((await client.query({ text: 'select $1::int as two', values: [2] })).rows).toEqual([{ two: 2 }])
    expect(await client.query('create temporary table things as select 1 as id union select 2')).toMatchObject({ rowCount: 2 })
    client.release()
  })

  test("rejects with the server's own error", async () => {
    await expect(pool.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' })
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })
})
