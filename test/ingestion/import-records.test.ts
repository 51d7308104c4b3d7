import { describe, expect, test } from 'vitest'
import type { ImportReader } from '../../src/ingestion/import-reader.ts'
import { type Range, readRecords } from '../../src/ingestion/import-records.ts'
import type { Layout } from '../../src/sources/json-splitter.ts'

/** A file in memory that is read in chunks of `chunkBytes`. */
function fileOf(text: string, chunkBytes = 7): ImportReader {
  const bytes = Buffer.from(text)
  return {
    size: bytes.length,
    head: bytes,
    digest: '',
    position: () => 0,
    async *read(start: number, end: number | null = null) {
      const stop = end ?? bytes.length
      for (let from = start; from < stop; from += chunkBytes) yield bytes.subarray(from, Math.min(stop, from + chunkBytes))
    },
  }
}

const wholeFile = (layout: Layout): Range => ({ layout, offset: 0, end: null, inPage: false })

interface Options {
  readonly recordKey?: string | undefined
  readonly maxRecordBytes?: number
  readonly ranges?: readonly Range[]
  readonly layout?: Layout
  readonly chunkBytes?: number
}

async function recordsOf(text: string, options: Options = {}) {
  const { maxRecordBytes = 1_000, layout = 'lines', chunkBytes } = options
  const recordKey = 'recordKey' in options ? options.recordKey : 'id'
  const file = fileOf(text, chunkBytes)
  const records = []
  for await (const { record, rest } of readRecords(file, { recordKey, maxRecordBytes }, options.ranges ?? [wholeFile(layout)]))
    records.push({ text: record.bytes.toString(), truncated: record.truncated, rest })
  return records
}
const textsOf = async (text: string, options?: Options) => (await recordsOf(text, options)).map((record) => record.text)

const a = '{"id":"a"}'
const b = '{"id":"b"}'
const c = '{"id":"c"}'

describe('the records of a file', () => {
  test('are its lines', async () => {
    expect(await textsOf(`${a}\n${b}\n${c}`)).toEqual([a, b, c])
  })

  test('are the elements of the lists of a page, in their order', async () => {
    expect(await textsOf(`{"count":2,"tickets":[${a},${b}],"more":{"tickets":[${c}]}}`)).toEqual([a, b, c])
  })

  test('are whole objects where the source sends no pages', async () => {
    const page = `{"tickets":[${a}]}`
    expect(await textsOf(page, { recordKey: undefined })).toEqual([page])
  })

  test('inside of a list are records although they have lists of their own', async () => {
    const nested = '{"tickets":[{"id":"x"}]}'
    const range: Range = { layout: 'elements', offset: 1, end: 1 + nested.length, inPage: true }
    expect(await textsOf(`[${nested}]`, { ranges: [range] })).toEqual([nested])
  })

  test('that are longer than the limit keep their beginning', async () => {
    const [short, long] = await recordsOf(`${a}\n{"id":"bb"}`, { maxRecordBytes: 10 })
    expect(short).toMatchObject({ text: a, truncated: false })
    expect(long).toMatchObject({ text: '{"id":"bb"', truncated: true })
  })
})

describe('what is left behind a record', () => {
  test('gives the rest of the file again, from every record', async () => {
    const text = `${a}\n{"tickets":[${b},${c}],"more":[${a}]}\n{"tickets":[${c},${a}]}\n${b}\n`
    const records = await recordsOf(text)
    const all = records.map((record) => record.text)
    expect(all).toEqual([a, b, c, a, c, a, b])
    for (const [index, { rest }] of records.entries()) {
      expect(await textsOf(text, { ranges: rest })).toEqual(all.slice(index + 1))
    }
  })

  test('is read from the last range to the first', async () => {
    const text = `${a}\n${b}\n${c}\n`
    const lines = (offset: number, end: number | null): Range => ({ layout: 'lines', offset, end, inPage: false })
    // Each line has 11 bytes.
    expect(await textsOf(text, { ranges: [lines(22, null), lines(11, 22), lines(0, 11)] })).toEqual([a, b, c])
  })
})

describe('a page that is larger than 16 MiB', () => {
  const padding = `"users":[${'{"n":"x"},'.repeat(1_700_000)}{}]`
  const large = { chunkBytes: 1024 * 1024 }

  test('has the same records, and what is left behind each is the rest', async () => {
    const text = `${a}\n{${padding},"tickets":[${b},${c}],"more":{"tickets":[${a}]}}\n${b}\n`
    expect(text.length).toBeGreaterThan(16 * 1024 * 1024)
    const records = await recordsOf(text, large)
    const all = records.map((record) => record.text)
    expect(all).toEqual([a, b, c, a, b])
    expect(await textsOf(text, { ...large, ranges: records[1]!.rest })).toEqual([c, a, b])
  })

  test('that is a list has its elements', async () => {
    const filler = JSON.stringify({ id: 'x'.repeat(9_000_000) })
    const texts = await textsOf(`[${filler},${a},${filler}]`, large)
    expect(texts.map((text) => text.length)).toEqual([1_000, a.length, 1_000])
  })

  test('that is a record is truncated', async () => {
    const [record] = await recordsOf(JSON.stringify({ id: 'x'.repeat(17_000_000) }), large)
    expect(record).toMatchObject({ truncated: true, text: `{"id":"${'x'.repeat(993)}` })
  })
})
