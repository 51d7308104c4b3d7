import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/db/open-store.ts'
import { type ImportDeps, importEvents } from '../../src/ingestion/file-import.ts'
import { openImportFile } from '../../src/ingestion/import-reader.ts'
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

/** Ends the import after the second batch is committed. */
function killInSecondBatch() {
  let batches = 0
  return () => {
    batches += 1
    if (batches === 2) throw new Error('killed')
  }
}

describe('the import of a file', () => {
  test('counts applied, unchanged and undecodable records, and finds nothing new the second time', async () => {
    const text = `${wasabiEvent('i1')}\n${wasabiEvent('i2')}\nnot json\n${wasabiEvent('i1')}\n`
    expect(await importText('a.ndjson', text)).toEqual({ kept: 2, unchanged: 1, quarantined: 1 })
    expect(await importText('a.ndjson', text)).toEqual({ kept: 0, unchanged: 3, quarantined: 1 })
  })

  test('reads pages of an export, each with its list under any key, and nothing else of them', async () => {
    const page = (...ids: string[]) => `[${ids.map((id) => wasabiEvent(id)).join(', ')}]`
    const counts = { kept: 2, unchanged: 0, quarantined: 0 }
    expect(await importText('page.json', `{"count":2,"tickets":${page('p1', 'p2')},"next_page":null}`)).toEqual(counts)
    expect(await importText('wrapped.json', `{\n"data": {"items": ${page('p3', 'p4')}},\n"users": [{"id": 1}]\n}\n`)).toEqual(
      counts,
    )
    const pages = `{"tickets":${page('p5')},"next_page":2}\n{"tickets":${page('p6')},"next_page":null}\n`
    expect(await importText('pages.ndjson', pages)).toEqual(counts)
    expect(await importText('slurped.json', `[{"tickets":${page('p7')}},\n{"tickets":${page('p8')}}]`)).toEqual(counts)
    expect(await importText('lists.json', `${page('p9')}\n${page('p10')}\n`)).toEqual(counts)
    expect(await importText('none.json', '{"count":0,"tickets":[],"next_page":null}')).toEqual({ ...counts, kept: 0 })
    expect(await importText('others.json', '{"users":[{"id":1},{"id":2}]}')).toEqual({ ...counts, kept: 0, quarantined: 1 })
  })

  test('reads a page that is larger than memory may hold, its lists in their order', async () => {
    const events = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, n) => wasabiEvent(`${prefix}${n}`)).join(',\n')
    const users = `"users":[${'{"name":"x"},'.repeat(700_000)}{}]`
    const text = `{"count":9,${users},"tickets":[${events('big-a', 450)}],"more":{"tickets":[${events('big-b', 3)}]},${users}}`
    expect(text.length).toBeGreaterThan(16 * 1024 * 1024)
    const path = join(folder, 'large.json')
    await writeFile(path, text)
    await expect(importEvents({ ...deps, onProgress: killInSecondBatch() }, path)).rejects.toThrow('killed')
    expect(await importEvents(deps, path)).toEqual({ kept: 453, unchanged: 0, quarantined: 0 })
  })

  test('continues inside a page that was split in memory, and counts every record once', async () => {
    const path = join(folder, 'resumed.json')
    const ids = Array.from({ length: 450 }, (_, n) => wasabiEvent(`res${n}`))
    await writeFile(path, `{"count":450,"tickets":[${ids.slice(0, 300).join(',')}]}\n{"tickets":[${ids.slice(300).join(',')}]}\n`)
    await expect(importEvents({ ...deps, onProgress: killInSecondBatch() }, path)).rejects.toThrow('killed')
    expect(await importEvents(deps, path)).toEqual({ kept: 450, unchanged: 0, quarantined: 0 })
  })

  test('continues where version 0.1 stopped', async () => {
    const path = join(folder, 'old.ndjson')
    const [first, second] = [wasabiEvent('old1'), wasabiEvent('old2')]
    await writeFile(path, `${first}\n${second}\n`)
    const { digest } = await openImportFile(path, 'wasabi')
    const old = { layout: 'lines', offset: first.length + 1, done: false, kept: 1, unchanged: 0, quarantined: 0 }
    await store.events.saveCheckpoint(`import:${digest}`, old)
    expect(await importEvents(deps, path)).toEqual({ kept: 2, unchanged: 0, quarantined: 0 })
    expect(await createIngestionFixture(store, clock).ticket('wasabi', 'old1')).toBeNull()
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
    await expect(importEvents({ ...deps, onProgress: killInSecondBatch() }, path)).rejects.toThrow('killed')
    const progress: number[] = []
    const counts = await importEvents({ ...deps, onProgress: ({ kept }) => void progress.push(kept) }, path)
    expect(progress).toEqual([600, 800, 1_000])
    expect(counts).toEqual({ kept: 1_000, unchanged: 0, quarantined: 0 })
  })
})
