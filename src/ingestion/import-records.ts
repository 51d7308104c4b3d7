import { findLists, insideOf, kindOf, PageScanner, type Part, splitList } from '../sources/json-pages.ts'
import { createSplitter, type Layout, type SplitRecord } from '../sources/json-splitter.ts'
import type { ImportReader } from './import-reader.ts'

/** A part of a file that is still to be split. */
export interface Range {
  readonly layout: Layout
  readonly offset: number
  /** null: the end of the file. */
  readonly end: number | null
  /** True inside a list of a page: its elements are records, also those with lists of their own. */
  readonly inPage: boolean
}

export interface ReadRecord {
  readonly record: SplitRecord
  /** What is left of the file behind the record, the next part last. */
  readonly rest: readonly Range[]
}

export interface ReadOptions {
  /** The key that a record has at its top; absent: no object is a page. */
  readonly recordKey: string | undefined
  /** A longer record is truncated. */
  readonly maxRecordBytes: number
}

/** Pages up to this size are split in memory. The lists of a larger one are found first and then read again. */
const maxPageBytes = 16 * 1024 * 1024

/** The records of these ranges of a file, the last range first. `outer`: what is left behind all of them. */
export async function* readRecords(
  file: ImportReader,
  options: ReadOptions,
  ranges: readonly Range[],
  outer: readonly Range[] = [],
): AsyncGenerator<ReadRecord> {
  for (let left = ranges.length; left > 0; left -= 1) {
    const range = ranges[left - 1]!
    const behind = [...outer, ...ranges.slice(0, left - 1)]
    const splitter = createSplitter(range.layout, { maxBytes: maxPageBytes, offset: range.offset })
    for await (const chunk of file.read(range.offset, range.end)) {
      for (const value of splitter.push(chunk)) yield* readValue(file, options, value, range, behind)
    }
    for (const value of splitter.finish()) yield* readValue(file, options, value, range, behind)
  }
}

/** The records of one value: itself, or those of the lists of a page. */
async function* readValue(
  file: ImportReader,
  options: ReadOptions,
  value: SplitRecord,
  range: Range,
  outer: readonly Range[],
): AsyncGenerator<ReadRecord> {
  const rest = [...outer, { ...range, layout: value.next, offset: value.end }]
  const lists = range.inPage ? null : await findListsOf(file, options, value)
  if (lists === null) yield { record: limit(value, options), rest }
  else if (value.truncated) yield* readRecords(file, options, toRanges(lists), rest)
  else yield* splitPage(lists, value, rest, options)
}

/** null: the value is a record. */
async function findListsOf(file: ImportReader, { recordKey }: ReadOptions, value: SplitRecord): Promise<readonly Part[] | null> {
  if (recordKey === undefined) return null
  if (!value.truncated) return findLists(value, recordKey)
  const kind = kindOf(value)
  if (kind !== 'object') return kind === 'list' ? [insideOf(value)] : null
  const scanner = new PageScanner(recordKey, value.start)
  for await (const chunk of file.read(value.start, value.end)) if (!scanner.push(chunk)) break
  return scanner.finish()
}

function* splitPage(
  lists: readonly Part[],
  page: SplitRecord,
  rest: readonly Range[],
  options: ReadOptions,
): Generator<ReadRecord> {
  for (const [index, { start, end }] of lists.entries()) {
    const later = [...rest, ...toRanges(lists.slice(index + 1))]
    const bytes = page.bytes.subarray(start - page.start, end - page.start)
    for (const record of splitList(bytes, start, maxPageBytes)) {
      yield { record: limit(record, options), rest: [...later, { layout: record.next, offset: record.end, end, inPage: true }] }
    }
  }
}

/** The next one last. */
function toRanges(lists: readonly Part[]): Range[] {
  return lists.map(({ start, end }): Range => ({ layout: 'elements', offset: start, end, inPage: true })).reverse()
}

function limit(record: SplitRecord, { maxRecordBytes }: ReadOptions): SplitRecord {
  if (record.bytes.length <= maxRecordBytes) return record
  return { ...record, bytes: record.bytes.subarray(0, maxRecordBytes), truncated: true }
}
