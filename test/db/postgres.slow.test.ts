import { sql } from 'kysely'
import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { openPostgres } from '../../src/db/postgres.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import { createDatabase, hasPostgres, openTestStore, type TestDatabase } from '../support/databases.ts'
import { startTcpProxy, type TcpProxy } from '../support/process/tcp-proxy.ts'

const unavailable = { code: 'STORAGE_UNAVAILABLE', retryable: true, retryAfter: 1 }

describe.skipIf(!(await hasPostgres()))('the store over one connection to PostgreSQL', () => {
  let database: TestDatabase
  let proxy: TcpProxy
  let url: string
  let store: Store
  beforeEach(async () => {
    database = await createDatabase()
    const address = new URL(database.url)
    proxy = await startTcpProxy({ host: address.hostname, port: Number(address.port || 5432) })
    address.host = `127.0.0.1:${proxy.port}`
    url = address.href
    store = await openTestStore({ findSource: () => null, databaseUrl: url, poolSize: 1 })
  })
  afterEach(async () => {
    await store.close()
    await proxy.close()
    await database.drop()
  })

  test('is unavailable while the pool is exhausted, and available when a connection is free again (STORAGE-09)', async () => {
    await store.transaction(async () => {
      await expect(store.ping()).rejects.toMatchObject(unavailable)
    })
    await store.ping()
  })

  test('is unavailable while the server cannot be reached, and recovers by itself (STORAGE-03)', async () => {
    await proxy.cut()
    await expect(store.ping()).rejects.toMatchObject(unavailable)
    await proxy.restore()
    await store.ping()
  })

  test('is unavailable to a statement whose connection breaks while it runs', async () => {
    const statement = sql`select pg_sleep(30)`.execute(store.db)
    await expect.poll(() => connectionsInUse(store)).toBe(1)
    await Promise.all([expect(statement).rejects.toMatchObject(unavailable), proxy.cut()])
    await proxy.restore()
    await store.ping()
  })

  test('is unavailable to a statement whose session the server ends', async () => {
    const ended = store.transaction((tx) => tx.executeSql('select pg_terminate_backend(pg_backend_pid())'))
    await expect(ended).rejects.toMatchObject(unavailable)
    await store.ping()
  })

  test('OPS-03: opens a new connection after the server has refused a write as read-only', async () => {
    // Stands for a session with the former primary: after a failover the address leads to another server.
    await sql`set default_transaction_read_only = on`.execute(store.db)
    await expect(store.ping()).rejects.toMatchObject({ ...unavailable, message: expect.stringContaining('accepts no writes') })
    const write = () => store.leases.acquire('test', 'one', 1_000)
    await expect(write()).rejects.toMatchObject(unavailable)
    await write()
    await store.ping()
  })

  test('closes a connection on which the server stays silent, and uses a new one afterwards', async () => {
    const { engine, close } = openPostgres({ databaseUrl: url, poolSize: 1, logger: noLogger, silentMs: 300 })
    if (engine.kind !== 'postgres') throw new TypeError('not PostgreSQL')
    const query = async () => (await engine.pool.query('select 1 as one')).rows
    expect(await query()).toEqual([{ one: 1 }])
    proxy.freeze()
    await expect(query()).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    proxy.thaw()
    expect(await query()).toEqual([{ one: 1 }])
    await close()
  })
})

function connectionsInUse({ engine }: Store): number {
  const { totalCount, idleCount }: Pool = (engine as Extract<Store['engine'], { kind: 'postgres' }>).pool
  return totalCount - idleCount
}
