import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { type ImportDeps, importEvents } from '../../src/ingestion/file-import.ts'
import { openTestStore } from '../support/databases.ts'
import {
  createIngestionFixture,
  createTestClock,
  findTestSource,
  testWebhookHandlers,
  wasabiEvent,
} from '../support/ingestion-fixture.ts'

const clock = createTestClock()
let store: Store
let deps: ImportDeps
let folder: string

beforeAll(async () => {
  store = await openTestStore({ findSource: findTestSource, clock })
  deps = { events: store.events, webhookHandler: testWebhookHandlers[1]!, clock }
  folder = await mkdtemp(join(tmpdir(), 'deskgraph-'))
}, 120_000)
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

async function importText(name: string, text: string) {
  const path = join(folder, name)
  await writeFile(path, text)
  return importEvents(deps, path)
}

describe('the import of a file', () => {
  test('counts applied, unchanged and undecodable records, and finds nothing new the second time', async () => {
    const text = `${wasabiEvent('i1')}\n${wasabiEvent('i2')}\nnot json\n${wasabiEvent('i1')}\n`
    expect(await importText('a.ndjson', text)).toEqual({ kept: 2, unchanged: 1, quarantined: 1 })
    expect(await importText('a.ndjson', text)).toEqual({ kept: 0, unchanged: 3, quarantined: 1 })
  })

  test('reads a list over many lines', async () => {
    const list = ['l1', 'l2', 'l3'].map((id) => JSON.parse(wasabiEvent(id)))
    expect(await importText('list.json', JSON.stringify(list, null, 2))).toEqual({ kept: 3, unchanged: 0, quarantined: 0 })
  })

  test('keeps the beginning of a record that is too long as a dead letter', async () => {
    const text = `${wasabiEvent('long', { note: 'x'.repeat(1_100_000) })}\n${wasabiEvent('short')}\n`
    expect(await importText('long.ndjson', text)).toEqual({ kept: 1, unchanged: 0, quarantined: 1 })
    const [newest] = await createIngestionFixture(store, clock).listDeadLetters()
    expect(newest?.problem).toBe(
      'The record is longer than 1048576 bytes, so only its beginning is kept. Split it and import it again.',
    )
  })

  test('continues after its last batch when it was killed, and counts every record once', async () => {
    const path = join(folder, 'big.ndjson')
    await writeFile(path, Array.from({ length: 1_000 }, (_, index) => wasabiEvent(`r${index}`)).join('\n'))
    let batches = 0
    const killInSecondBatch = () => {
      batches += 1
      if (batches === 2) throw new Error('killed')
    }
    await expect(importEvents({ ...deps, onProgress: killInSecondBatch }, path)).rejects.toThrow('killed')
    const progress: number[] = []
    const counts = await importEvents({ ...deps, onProgress: ({ kept }) => void progress.push(kept) }, path)
    expect(progress).toEqual([600, 800, 1_000])
    expect(counts).toEqual({ kept: 1_000, unchanged: 0, quarantined: 0 })
  })
})
