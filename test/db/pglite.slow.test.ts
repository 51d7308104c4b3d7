import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/db/open-store.ts'
import { noLogger, noMetrics } from '../../src/domain/telemetry.ts'
import { openTestStore } from '../support/databases.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'

test('a second process is refused with the name of the lock (STORAGE-02), and the data survives a restart', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'deskgraph-'))
  const options = { dataDir, findSource: () => null, logger: noLogger, metrics: noMetrics }
  const store = await openStore(options)
  await expect(openStore(options)).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
    message: expect.stringContaining(join(dataDir, 'deskgraph.lock')),
  })
  await store.events.transaction((tx) => tx.saveCheckpoint('mark', 7))
  await store.close()
  const reopened = await openStore(options)
  expect(await reopened.events.findCheckpoint('mark')).toBe(7)
  await reopened.close()
  await rm(dataDir, { recursive: true })
}, 120_000)

test('a read lets calls to other systems, made in the same turn of the event loop, be sent first', async () => {
  const store = await openTestStore({ findSource: findTestSource })
  const request = { filter: {}, order: { field: 'UPDATED_AT', direction: 'DESC' }, position: null, limit: 10 } as const
  // The second time, the statement is prepared and takes one turn.
  await store.tickets.list('vcc', request)
  const order: string[] = []
  const read = store.tickets.list('vcc', request).then(() => order.push('read'))
  // As the HTTP client does: it writes at the end of the turn in which a call was made, some promises later.
  await Promise.resolve()
  setImmediate(() => order.push('call'))
  await read
  expect(order).toEqual(['call', 'read'])
  await store.close()
}, 60_000)
