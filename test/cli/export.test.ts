import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { runExport } from '../../src/cli/export.ts'
import { wasabiPlugin } from '../../src/sources/wasabi/index.ts'
import { someCall } from '../support/call.ts'
import { createMemorySource, type MemorySource } from '../support/memory-source.ts'

/** The ids and actions of the lines that an export of this source writes. */
async function exportLines(source: MemorySource): Promise<readonly string[]> {
  const out = new PassThrough()
  const read = text(out)
  const count = await runExport({ sources: [source], format: wasabiPlugin.ticketFormat!, call: someCall(), out })
  out.end()
  const lines = (await read).trim().split('\n')
  expect(lines).toHaveLength(count)
  return lines.map((line) => JSON.parse(line)).map(({ eventAction, body }) => `${body.ticketId} ${eventAction}`)
}

function sourceWith(count: number, options: Parameters<typeof createMemorySource>[1]): MemorySource {
  const source = createMemorySource('s', options)
  for (let n = 0; n < count; n++) source.put(`t${n}`)
  return source
}

/** Makes a change once, before the source returns the page of this number. */
function before(source: MemorySource, page: number, change: () => void): void {
  source.beforeList = () => {
    if (source.calls.list.length === page) change()
  }
}

test('an offset list that shifts meanwhile exports every ticket once', async () => {
  const source = sourceWith(6, { paginationStyle: 'offset', maxPageSize: 2 })
  before(source, 2, () => source.put('new'))
  expect(await exportLines(source)).toEqual(['t5', 't4', 't3', 't2', 't1', 't0'].map((id) => `s:${id} CREATED`))
})

test('a keyset list exports every ticket, and again a ticket that changes meanwhile', async () => {
  const source = sourceWith(6, { paginationStyle: 'keyset', maxPageSize: 2 })
  before(source, 2, () => source.touch('t5'))
  expect(await exportLines(source)).toEqual([...['t0', 't1', 't2', 't3', 't4'].map((id) => `s:${id} CREATED`), 's:t5 UPDATED'])
  const again = sourceWith(3, { paginationStyle: 'keyset', maxPageSize: 2 })
  before(again, 2, () => again.touch('t0'))
  expect(await exportLines(again)).toEqual(['s:t0 CREATED', 's:t1 CREATED', 's:t2 CREATED', 's:t0 UPDATED'])
})

test('an export asks for no total count', async () => {
  const source = sourceWith(3, { paginationStyle: 'keyset', maxPageSize: 2 })
  await exportLines(source)
  expect(source.calls.list.map(({ counted }) => counted)).toEqual([false, false])
})
