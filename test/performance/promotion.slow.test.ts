import { expect, test } from 'vitest'
import { connectPrepared } from '../../src/performance/embedded-session.ts'
import { openTestStore } from '../support/databases.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'
import { promotedBytesPerRun } from '../support/promoted-bytes.ts'

test('a ticket looked up over prepared statements promotes less than 600 bytes to the old generation', async () => {
  const store = await openTestStore({ findSource: findTestSource, connectPGlite: connectPrepared })
  const refs = [{ kind: 'ticket', sourceKey: 'vcc', tenant: '7', externalId: '5' }] as const
  expect(await promotedBytesPerRun(() => store.tickets.find([...refs]))).toBeLessThan(600)
  await store.close()
}, 120_000)
