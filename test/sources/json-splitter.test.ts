import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSplitter, detectLayout, type Layout, type SplitRecord } from '../../src/sources/json-splitter.ts'

const maxBytes = 1_000

/** The records of a text that comes in chunks of these sizes, the rest as the last chunk. */
function split(layout: Layout, text: string | Buffer, sizes: readonly number[] = [], limit = maxBytes): readonly SplitRecord[] {
  const bytes = Buffer.from(text)
  const splitter = createSplitter(layout, { maxBytes: limit, offset: 0 })
  const records: SplitRecord[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    records.push(...splitter.push(bytes.subarray(at, at + size)))
    at += size
  }
  return [...records, ...splitter.finish()]
}
const textsOf = (records: readonly SplitRecord[]): string[] => records.map(({ bytes }) => bytes.toString())

describe('the layout of a file is detected by its beginning', () => {
  test.each([
    ['{"a":1}\n{"a":2}\n', 'lines'],
    ['{"a":1}', 'lines'],
    ['\ufeff{"a":1}\n', 'lines'],
    ['{"a":1},\n{"a":2},\n', 'lines'],
    ['{"a":1}\u00a0\n', 'lines'],
    ['{"a":"}{"}\nnot json', 'lines'],
    ['{"count":1,"tickets":[{"a":1}]}', 'lines'],
    ['{\n  "a": 1\n}\n{\n  "a": 2\n}', 'values'],
    ['{"a":1} {"a":2}\n', 'values'],
    ['not json', 'values'],
    ['', 'values'],
    ['[{"a":1}]', 'values'],
    ['{"a":1}]\n', 'lines'],
    ['\ufeff \n[ ]', 'values'],
    ['12,\n{"a":1}\n', 'values'],
    ['{"a":1} x\n', 'values'],
  ] as const)('%j', (text, layout) => {
    expect(detectLayout(Buffer.from(text))).toBe(layout)
  })
})

describe('a stream is split', () => {
  test('into lines without the blank ones, with the place of each', () => {
    expect(split('lines', '{"a":1}\r\n\n  \n{"b":2}')).toEqual([
      { bytes: Buffer.from('{"a":1}\r'), start: 0, end: 9, next: 'lines', truncated: false },
      { bytes: Buffer.from('{"b":2}'), start: 13, end: 20, next: 'lines', truncated: false },
    ])
  })
  test('into values over many lines, with any brackets and quotes in their strings', () => {
    const values = ['{\n "a": "}{\\"]\\\\"\n}', '{"b":[{"c":"\\\\"}]}']
    expect(textsOf(split('values', `${values[0]} ${values[1]},\n\u00a0\n`))).toEqual(values)
  })
  test('into values and the elements of lists, with the place of each', () => {
    const places = split('values', ' {"a":1} 12, [{}, 3] {}', [3]).map(({ start, end, next }) => [start, end, next])
    expect(places).toEqual([
      [1, 8, 'values'],
      [9, 11, 'values'],
      [14, 16, 'elements'],
      [18, 19, 'elements'],
      [21, 23, 'values'],
    ])
  })
  test('into the elements of one list after another, without their brackets', () => {
    expect(textsOf(split('elements', ' {"a":1} , {"b":[]} , [4]] [5, "]"]\n[]'))).toEqual([
      '{"a":1}',
      '{"b":[]}',
      '[4]',
      '5',
      '"]"',
    ])
  })
  test('where a record is not JSON: up to the comma, the bracket or the end of the line', () => {
    expect(textsOf(split('values', 'nonsense\n{"a":1}, 12,"x, y" tail\n{"b":1'))).toEqual([
      'nonsense',
      '{"a":1}',
      '12',
      '"x, y" tail',
      '{"b":1',
    ])
    expect(textsOf(split('elements', 'null, {"a":1}]'))).toEqual(['null', '{"a":1}'])
  })
  test('where a record is too long: it is truncated and the next one is complete', () => {
    const long = `{"a":"${'x'.repeat(50)}"}`
    for (const layout of ['lines', 'values'] as const) {
      const [first, second] = split(layout, `${long}\n{"b":2}\n`, [7, 20], 10)
      expect(first).toMatchObject({ truncated: true, bytes: Buffer.from(long.slice(0, 10)) })
      expect(second).toMatchObject({ truncated: false, bytes: Buffer.from('{"b":2}') })
    }
  })
  test('where a record is exactly as long as the limit: it is not truncated', () => {
    for (const layout of ['lines', 'values'] as const)
      expect(split(layout, '{"b":2}\n', [], 7)).toMatchObject([{ truncated: false, bytes: Buffer.from('{"b":2}') }])
  })
  test('into no record where there is none', () => {
    for (const layout of ['lines', 'values', 'elements'] as const) {
      expect(split(layout, '')).toEqual([])
      expect(split(layout, '\ufeff \n ,\u00a0\n')).toEqual([])
    }
    expect(split('values', '[] [\n]')).toEqual([])
  })
  test('where bytes outside of the records are not UTF-8: no byte is lost', () => {
    // A no-break space is C2 A0. Either byte alone is none.
    const bytes = (...parts: (string | number)[]) =>
      Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))))
    for (const sizes of [[], [1], [2], [1, 1, 1]]) {
      expect(split('values', bytes(0xa0, '\n{}'), sizes).map((record) => record.bytes)).toEqual([bytes(0xa0), bytes('{}')])
      expect(split('values', bytes(0xc2, '\n{}'), sizes).map((record) => record.bytes)).toEqual([bytes(0xc2), bytes('{}')])
      expect(split('values', bytes(0xef, 0xbb, '1'), sizes).map((record) => record.bytes)).toEqual([bytes(0xef, 0xbb, '1')])
      expect(split('values', bytes('{}', 0xef, 0xbb), sizes).map(({ start, end }) => [start, end])).toEqual([
        [0, 2],
        [2, 4],
      ])
    }
  })
})

const layouts: readonly Layout[] = ['lines', 'values', 'elements']
/** A stream of records as one of the layouts has it, compact or pretty, some of it beyond ASCII. */
const streams = fc
  .tuple(
    fc.constantFrom(...layouts),
    fc.array(fc.tuple(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 3 })), fc.boolean()), {
      maxLength: 8,
    }),
  )
  .map(([layout, records]) => {
    const texts = records.map(([record, pretty]) => JSON.stringify(record, null, pretty && layout !== 'lines' ? 2 : undefined))
    const text = layout === 'elements' ? `${texts.join(' ,\n')}]` : texts.join('\n')
    return { layout, texts, text }
  })

describe('for every division of the stream into chunks', () => {
  test('the records are the same', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(40), { maxLength: 30 }), ({ layout, texts, text }, sizes) => {
        const records = split(layout, text, sizes, 100_000)
        expect(textsOf(records)).toEqual(texts)
        expect(records).toEqual(split(layout, text, [], 100_000))
      }),
    )
  })
  test('splitting resumes behind any record', () => {
    fc.assert(
      fc.property(streams, fc.nat(7), ({ layout, texts, text }, done) => {
        const records = split(layout, text, [], 100_000)
        const last = records[done % Math.max(1, records.length)]
        if (!last) return
        const bytes = Buffer.from(text)
        const splitter = createSplitter(last.next, { maxBytes: 100_000, offset: last.end })
        const rest = [...splitter.push(bytes.subarray(last.end)), ...splitter.finish()]
        expect(textsOf(rest)).toEqual(texts.slice(records.indexOf(last) + 1))
        expect(rest.map(({ end }) => end)).toEqual(records.slice(records.indexOf(last) + 1).map(({ end }) => end))
      }),
    )
  })
})
