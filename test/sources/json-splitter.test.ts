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
    ['{"a":1}\n{"a":2}\n', 'lines', 0],
    ['{"a":1}', 'lines', 0],
    ['\ufeff{"a":1}\n', 'lines', 0],
    ['{"a":1},\n{"a":2},\n', 'lines', 0],
    ['{"a":"}{"}\nnot json', 'lines', 0],
    ['{\n  "a": 1\n}\n{\n  "a": 2\n}', 'values', 0],
    ['{"a":1} {"a":2}\n', 'values', 0],
    ['not json', 'values', 0],
    ['', 'values', 0],
    ['[{"a":1}]', 'elements', 1],
    ['\ufeff \n[ ]', 'elements', 6],
    ['{ "tickets" : [ {"a":1} ] }', 'elements', 15],
    ['{"tickets": 1}\n', 'lines', 0],
  ] as const)('%j', (text, layout, start) => {
    expect(detectLayout(Buffer.from(text))).toEqual({ layout, start })
  })
})

describe('a stream is split', () => {
  test('into lines without the blank ones, with the offset behind each', () => {
    expect(split('lines', '{"a":1}\r\n\n  \n{"b":2}')).toEqual([
      { bytes: Buffer.from('{"a":1}\r'), end: 9, truncated: false },
      { bytes: Buffer.from('{"b":2}'), end: 20, truncated: false },
    ])
  })
  test('into values over many lines, with any brackets and quotes in their strings', () => {
    const values = ['{\n "a": "}{\\"]\\\\"\n}', '{"b":[{"c":"\\\\"}]}', '[1,[2]]']
    expect(textsOf(split('values', `${values[0]} ${values[1]},\n\u00a0${values[2]}\n`))).toEqual(values)
  })
  test('into values with the offset behind each', () => {
    expect(split('values', '{"a":1} 12, {}', [3]).map(({ end }) => end)).toEqual([7, 11, 14])
  })
  test('into the elements of a list, without the brackets of the list and its container', () => {
    expect(textsOf(split('elements', ' {"a":1} , {"b":[]} ] }'))).toEqual(['{"a":1}', '{"b":[]}'])
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
  test('into no record where there is none', () => {
    for (const layout of ['lines', 'values', 'elements'] as const) {
      expect(split(layout, '')).toEqual([])
      expect(split(layout, '\ufeff \n ,\u00a0\n')).toEqual(layout === 'lines' ? [expect.anything()] : [])
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
        const splitter = createSplitter(layout, { maxBytes: 100_000, offset: last.end })
        const rest = [...splitter.push(bytes.subarray(last.end)), ...splitter.finish()]
        expect(textsOf(rest)).toEqual(texts.slice(records.indexOf(last) + 1))
        expect(rest.map(({ end }) => end)).toEqual(records.slice(records.indexOf(last) + 1).map(({ end }) => end))
      }),
    )
  })
})
