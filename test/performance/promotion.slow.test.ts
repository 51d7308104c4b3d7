import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { databaseDrivers } from '../../src/performance/database-drivers.ts'
import { testEngines } from '../support/engines.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'
import { promotedBytesPerRun } from '../support/promoted-bytes.ts'

describe.each(testEngines)('the fast drivers on $name', (engine) => {
  let opened: { readonly store: Store; close(): Promise<void> }
  beforeAll(async () => {
    opened = await engine.open({ findSource: findTestSource, drivers: databaseDrivers })
  }, 60_000)
  afterAll(() => opened.close())

  test('promote less than 600 bytes to the old generation for each ticket that is looked up', async () => {
    const { store } = opened
    const refs = [{ kind: 'ticket', sourceKey: 'vcc', tenant: '7', externalId: '5' }] as const
    expect(await promotedBytesPerRun(() => store.tickets.find([...refs]))).toBeLessThan(600)
  }, 60_000)
})
