import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ImportProgress, importEvents } from '../../src/ingestion/file-import.ts'
import type { WebhookHandler } from '../../src/sources/webhook-handler.ts'
import { createTestClock } from '../support/ingestion-fixture.ts'
import { createMemoryEvents, deskHandler, said } from './memory-events.ts'

let folder: string
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskgraph-import-'))
})
afterAll(() => rm(folder, { recursive: true }))

const noon = '2024-06-01T12:00:00.000Z'
const lines = (count: number, title?: string) => Array.from({ length: count }, (_, n) => `${said(`t${n}`, title)}\n`).join('')

/** An import of this text into an empty store. `killAfter`: the batch whose report throws. */
async function importOf(text: string, changes: Partial<WebhookHandler> = {}) {
  const path = join(folder, `${files++}.ndjson`)
  await writeFile(path, text)
  const memory = createMemoryEvents()
  const progress: ImportProgress[] = []
  const run = (killAfter = Number.POSITIVE_INFINITY) => {
    let batches = 0
    return importEvents(
      {
        events: memory.store,
        webhookHandler: { ...deskHandler, ...changes },
        clock: createTestClock(noon),
        onProgress(each) {
          batches += 1
          progress.push(each)
          if (batches === killAfter) throw new Error('killed')
        },
      },
      path,
    )
  }
  return { memory, progress, run, path }
}

describe('an import', () => {
  test('applies its records to their tickets, and counts those that are refused', async () => {
    const text = `${said('a', 'one')}\n{}\n${said('a', 'two')}\n${said('b', 'bad')}\n`
    const { memory, run } = await importOf(text)
    expect(await run()).toEqual({ kept: 2, unchanged: 0, quarantined: 2 })
    expect(memory.ticket('a')).toMatchObject({ title: 'two' })
    expect(memory.changes().map(({ kind, at }) => [kind, at])).toEqual([
      ['CREATED', noon],
      ['UPDATED', noon],
    ])
    expect(memory.letters().map(({ raw, problem, receivedAt }) => [raw.toString(), problem, receivedAt])).toEqual([
      ['{}', 'It has no id.', noon],
      [said('b', 'bad'), 'Its title is bad.', noon],
    ])
    // Nothing of it is in the inbox.
    expect(memory.states()).toEqual([])
  })

  test('counts records that change nothing', async () => {
    const { run } = await importOf(lines(3), { reduce: () => ({ outcome: 'UNCHANGED', why: 'DUPLICATE', state: null }) })
    expect(await run()).toEqual({ kept: 0, unchanged: 3, quarantined: 0 })
  })

  test('of an empty list ends at once', async () => {
    const { memory, run, progress } = await importOf('[]')
    expect(await run()).toEqual({ kept: 0, unchanged: 0, quarantined: 0 })
    expect([memory.transactions, progress]).toEqual([0, []])
  })

  test('keeps the first MiB of a longer record as a dead letter', async () => {
    const maxBytes = 1_048_576
    const { memory, run } = await importOf(`${said('a', 'x'.repeat(maxBytes))}\n${said('b')}\n`)
    expect(await run()).toEqual({ kept: 1, unchanged: 0, quarantined: 1 })
    const [letter] = memory.letters()
    expect(letter).toMatchObject({
      sourceKey: 'desk',
      eventId: null,
      problem: 'The record is longer than 1048576 bytes, so only its beginning is kept. Split it and import it again.',
    })
    expect(letter!.raw).toHaveLength(maxBytes)
  })

  test('of a page takes its records', async () => {
    const { run } = await importOf(`{"count":2,"events":[${said('a')},${said('b')}]}`, { recordKey: 'id' })
    expect(await run()).toEqual({ kept: 2, unchanged: 0, quarantined: 0 })
  })
})

describe('the batches of an import', () => {
  test('have 200 records at most, and each reports its counts and how far the file is read', async () => {
    const { run, progress, memory, path } = await importOf(lines(401))
    await run()
    const { size } = await stat(path)
    // The file is shorter than one read of the disk (64 kB).
    expect(progress).toEqual([200, 400, 401].map((kept) => ({ kept, unchanged: 0, quarantined: 0, offset: size, size })))
    expect(memory.transactions).toBe(3)
  })

  test('end at 256 kB', async () => {
    const title = 'x'.repeat(130_000)
    const { run, progress } = await importOf(lines(5, title))
    await run()
    // Two records have less than 262,144 bytes, three have more.
    expect(progress.map(({ kept }) => kept)).toEqual([3, 5])
  })
})

describe('an import that was killed', () => {
  test('continues behind its last batch, and counts every record once', async () => {
    const { run, progress, memory } = await importOf(lines(500))
    await expect(run(2)).rejects.toThrow('killed')
    expect(memory.changes()).toHaveLength(400)
    expect(await run()).toEqual({ kept: 500, unchanged: 0, quarantined: 0 })
    expect(progress.map(({ kept }) => kept)).toEqual([200, 400, 500])
    expect(memory.changes()).toHaveLength(500)
  })

  test('during a batch begins that batch again', async () => {
    const { run, memory } = await importOf(lines(201))
    memory.beforeTransaction = (count) => {
      if (count === 2) throw new Error('killed')
    }
    await expect(run()).rejects.toThrow('killed')
    expect(await run()).toEqual({ kept: 201, unchanged: 0, quarantined: 0 })
    expect(memory.changes()).toHaveLength(201)
  })

  test('under version 0.1 continues at the place that it stored', async () => {
    const first = said('a')
    const { run, memory } = await importOf(`${first}\n${said('b')}\n`)
    await run()
    const [name] = memory.checkpoints.keys()
    const counts = { kept: 1, unchanged: 0, quarantined: 3 }
    memory.checkpoints.set(name!, { layout: 'lines', offset: first.length + 1, done: false, ...counts })
    expect(await run()).toEqual({ kept: 2, unchanged: 0, quarantined: 3 })
    expect(memory.changes().map(({ ticket }) => ticket.externalId)).toEqual(['a', 'b', 'b'])
  })
})

test('an import that was finished begins again', async () => {
  const { run, memory } = await importOf(lines(2))
  await run()
  expect([...memory.checkpoints.entries()]).toMatchObject([
    [expect.stringMatching(/^import:[\da-f]{64}$/), { done: true, ranges: [], kept: 2 }],
  ])
  expect(await run()).toEqual({ kept: 2, unchanged: 0, quarantined: 0 })
  expect(memory.changes()).toHaveLength(4)
})
