import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { contractEngines } from '../support/engines.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'

/** What PostgreSQL says of a full disk, and of something else that it has too few of. */
const fail = (state: string) => sql.raw(`do $$ begin raise exception 'refused' using errcode = '${state}'; end $$`)

describe.each(contractEngines)('a store on $name', ({ open }) => {
  test('OPS-17: counts as down after a write that found the disk full, although it can be read', async () => {
    const { store, close } = await open({ findSource: findTestSource })
    await store.ping()
    await expect(fail('53300').execute(store.db)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await store.ping()
    await expect(fail('53100').execute(store.db)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await expect(store.ping()).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: 'The disk of the database is full. Free space or enlarge it.',
    })
    await close()
  })
})
