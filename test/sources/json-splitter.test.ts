import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Cut, createSplitter, detectLayout, type Layout } from '../../src/sources/json-splitter.ts'

const maxBytes = 1_000

/** The records of a text that comes in these chunks; a text without chunks comes whole. */
function cut(layout: Layout, text: string | Buffer, sizes: readonly number[] = [], limit = maxBytes): readonly Cut[] {
  const bytes = Buffer.from(text)
  const splitter = createSplitter(layout, { maxBytes: limit, offset: 0 })
  const cuts: Cut[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    cuts.push(...splitter.push(bytes.subarray(at, at + size)))
    at += size
  }
  return [...cuts, ...splitter.finish()]
}
const textsOf = (cuts: readonly Cut[]): string[] => cuts.map(({ bytes }) => bytes.toString())

describe('the layout of a file is recognised by its beginning', () => {
  test.each([
    ['{"a":1}\n{"a":2}\n', 'lines', 0],
    ['{"a":1}', 'lines', 0],
    ['\ufeff{"a":1}\n', 'lines', 0],
    ['{"a":1},\n{"a":2},\n', 'lines', 0],
    ['{"a":"}{"}\nrubbish', 'lines', 0],
    ['{\n  "a": 1\n}\n{\n  "a": 2\n}', 'values', 0],
    ['{"a":1} {"a":2}\n', 'values', 0],
    ['rubbish', 'values', 0],
    ['', 'values', 0],
    ['[{"a":1}]', 'elements', 1],
    ['\ufeff \n[ ]', 'elements', 6],
    ['{ "tickets" : [ {"a":1} ] }', 'elements', 15],
    ['{"tickets": 1}\n', 'lines', 0],
  ] as const)('%j', (text, layout, start) => {
    expect(detectLayout(Buffer.from(text))).toEqual({ layout, start })
  })
})

describe('records are cut', () => {
  test('out of lines, blank ones left out, with the place behind each', () => {
    expect(cut('lines', '{"a":1}\r\n\n  \n{"b":2}')).toEqual([
      { bytes: Buffer.from('{"a":1}\r'), end: 9, truncated: false },
      { bytes: Buffer.from('{"b":2}'), end: 20, truncated: false },
    ])
  })
  test('out of values over many lines, whatever brackets and quotes their texts hold', () => {
    const values = ['{\n "a": "}{\\"]\\\\"\n}', '{"b":[{"c":"\\\\"}]}', '[1,[2]]']
    expect(textsOf(cut('values', `${values[0]} ${values[1]},\n\u00a0${values[2]}\n`))).toEqual(values)
  })
  test('out of values with the place behind each', () => {
    expect(cut('values', '{"a":1} 12, {}', [3]).map(({ end }) => end)).toEqual([7, 11, 14])
  })
  test('out of the inside of a list, without its end and the container’s', () => {
    expect(textsOf(cut('elements', ' {"a":1} , {"b":[]} ] }'))).toEqual(['{"a":1}', '{"b":[]}'])
  })
  test('also where they are rubbish, which is for the reader to refuse: to the comma, the bracket or the line’s end', () => {
    expect(textsOf(cut('values', 'nonsense\n{"a":1}, 12,"x, y" tail\n{"b":1'))).toEqual([
      'nonsense',
      '{"a":1}',
      '12',
      '"x, y" tail',
      '{"b":1',
    ])
    expect(textsOf(cut('elements', 'null, {"a":1}]'))).toEqual(['null', '{"a":1}'])
  })
  test('off where they are too long, and the next one is whole again', () => {
    const long = `{"a":"${'x'.repeat(50)}"}`
    for (const layout of ['lines', 'values'] as const) {
      const [first, second] = cut(layout, `${long}\n{"b":2}\n`, [7, 20], 10)
      expect(first).toMatchObject({ truncated: true, bytes: Buffer.from(long.slice(0, 10)) })
      expect(second).toMatchObject({ truncated: false, bytes: Buffer.from('{"b":2}') })
    }
  })
  test('no record out of nothing', () => {
    for (const layout of ['lines', 'values', 'elements'] as const) {
      expect(cut(layout, '')).toEqual([])
      expect(cut(layout, '\ufeff \n ,\u00a0\n')).toEqual(layout === 'lines' ? [expect.anything()] : [])
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

describe('wherever the stream is broken', () => {
  test('the same records come', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(40), { maxLength: 30 }), ({ layout, texts, text }, sizes) => {
        const cuts = cut(layout, text, sizes, 100_000)
        expect(textsOf(cuts)).toEqual(texts)
        expect(cuts).toEqual(cut(layout, text, [], 100_000))
      }),
    )
  })
  test('cutting goes on behind any record', () => {
    fc.assert(
      fc.property(streams, fc.nat(7), ({ layout, texts, text }, done) => {
        const cuts = cut(layout, text, [], 100_000)
        const last = cuts[done % Math.max(1, cuts.length)]
        if (!last) return
        const bytes = Buffer.from(text)
        const splitter = createSplitter(layout, { maxBytes: 100_000, offset: last.end })
        const rest = [...splitter.push(bytes.subarray(last.end)), ...splitter.finish()]
        expect(textsOf(rest)).toEqual(texts.slice(cuts.indexOf(last) + 1))
        expect(rest.map(({ end }) => end)).toEqual(cuts.slice(cuts.indexOf(last) + 1).map(({ end }) => end))
      }),
    )
  })
})
