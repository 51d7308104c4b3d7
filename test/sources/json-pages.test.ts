import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PageScanner, splitRecords } from '../../src/sources/json-pages.ts'
import { detectLayout } from '../../src/sources/json-splitter.ts'

const event = (id: number | string) => `{"eventType":"E","id":${JSON.stringify(id)},"tags":["a"],"files":[{"name":"x"}]}`
const [one, two, three] = [event(1), event(2), event('],}"{')]
const split = (text: string) =>
  splitRecords(Buffer.from(text), detectLayout(Buffer.from(text)), 'eventType').map((bytes) => bytes.toString())

describe('an export is split into its records', () => {
  test.each<[string, string, string[]]>([
    ['the list behind another key', `{"count":2,"tickets":[${one},${two}],"next_page":null}`, [one, two]],
    ['the same over many lines', `{\n "count": 2,\n "tickets": [\n${one},\n ${two}\n ],\n "next_page": null\n}\n`, [one, two]],
    ['the list under another key', `{"data":[${one},${two}],"meta":{"page":1,"links":["a"]}}`, [one, two]],
    ['a wrapper', `{"ok":true,"response":{"total":2,"tickets":[${one},${two}]}}`, [one, two]],
    ['two wrappers', `{"result":{"data":{"items":[${one}]},"errors":[]}}`, [one]],
    ['other lists beside it', `{"users":[{"id":1}],"tickets":[${one}],"groups":[{"tickets":[1]}],"ids":[1,2]}`, [one]],
    ['several lists of records, in their order', `{"created":[${two}],"n":1,"updated":[${one},${three}]}`, [two, one, three]],
    ['records of which some are wrong', `{"tickets":[7,{"id":1},${one}]}`, ['7', '{"id":1}', one]],
    ['no record that is right, under the known key', '{"tickets":[{"id":1},{"id":2}]}', ['{"id":1}', '{"id":2}']],
    ['a right record and a wrong one under another key', `{"items":[{"id":1},${one}]}`, ['{"id":1}', one]],
    ['pages one after another', `{"tickets":[${one}],"next":1}\n{"tickets":[${two}]}\n`, [one, two]],
    ['pages one after another over many lines', `{\n"tickets":[${one}]}\n{"next":1,\n"tickets":[${two}]}`, [one, two]],
    ['a list of pages', `[{"tickets":[${one}]},\n{"data":[${two}]},${three}]`, [one, two, three]],
    ['a list of lists', `[[${one}],[${two},${three}]]`, [one, two, three]],
    ['lists one after another', `[${one}]\n[${two}]`, [one, two]],
    ['lists and pages as lines', `{"tickets":[${one}]}\n[${two},${three}]\n${one}\n`, [one, two, three, one]],
    ['a byte order mark before a page', `\ufeff{"tickets":[${one}],"n":1}\n${two}\n`, [one, two]],
    ['a page with its brackets in texts', `{"a":"[{\\"","tickets":[${three}],"b":"]}"}`, [three]],
    ['a key that is repeated', `{"tickets":[],"tickets":[${one}]}`, [one]],
  ])('that has %s', (_name, text, records) => {
    expect(split(text)).toEqual(records)
  })

  test.each([
    ['a record with lists of its own', `{"eventType":"E","tickets":[${one}],"body":{"tickets":[1]}}`],
    ['a record whose key comes last', `{"tickets":[${one}],"eventType":"E"}`],
    ['a list of other things', '{"users":[{"id":1}],"count":1}'],
    ['a list behind three wrappers', `{"a":{"b":{"c":{"items":[${one}]}}}}`],
    ['a record in a list of a list', `{"items":[[${one}]]}`],
    ['a record that is no element', `{"ticket":${one},"tags":[]}`],
    ['the known key without a list', '{"tickets":{"id":1}}'],
    ['the known key as a value', '{"a":"tickets","b":[1]}'],
    ['an object', '{}'],
    ['a text', '"tickets"'],
    ['half of a text', '{"tickets'],
    ['nothing', ''],
    ['blanks', ' \n,'],
  ])('and is one record where it has %s', (_name, text) => {
    expect(split(text)).toEqual([text])
  })

  test.each(['[]', ' [ ]\n', '{"count":0,"tickets":[],"next_page":null}', '{"data":{"tickets":[]}}', '[{"tickets":[]},[]]'])(
    'and has no record: %s',
    (text) => {
      expect(split(text)).toEqual([])
    },
  )

  test('and keeps what it has of a page that breaks off', () => {
    expect(split(`{"count":3,"tickets":[${one},{"eventType":"E","id`)).toEqual([one, '{"eventType":"E","id'])
    expect(split('{"count":3,"tickets":[')).toEqual(['{"count":3,"tickets":['])
  })
})

describe('a page', () => {
  const scan = (text: string, sizes: readonly number[]) => {
    const scanner = new PageScanner('eventType', 100)
    const bytes = Buffer.from(text)
    let at = 0
    for (const size of [...sizes, bytes.length]) {
      scanner.push(bytes.subarray(at, at + size))
      at += size
    }
    return scanner.finish()?.map(({ start, end }) => bytes.subarray(start - 100, end - 100).toString()) ?? null
  }

  test('has the same lists for every division of its bytes, and with any keys beside them', () => {
    const other = fc
      .tuple(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 4 }))
      .filter(([key]) => key !== 'tickets' && key !== 'eventType')
    const page = fc.tuple(
      fc.array(other, { maxLength: 4 }),
      fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 4 }),
      fc.array(other, { maxLength: 4 }),
    )
    fc.assert(
      fc.property(page, fc.array(fc.nat(40), { maxLength: 20 }), fc.nat(2), ([before, elements, after], sizes, wrappers) => {
        const list = JSON.stringify([{ eventType: 'E' }, ...elements]).slice(1, -1)
        const member = ([key, value]: [string, unknown]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`
        const members = [...before.map(member), `"records": [${list}]`, ...after.map(member)]
        const text = `${'{"data":'.repeat(wrappers)}{${members.join(',')}}${'}'.repeat(wrappers)}`
        expect(scan(text, sizes)).toContain(list)
        expect(scan(text, sizes)).toEqual(scan(text, []))
      }),
    )
  })

  test('is scanned in constant memory: nesting without an end, and many lists that have no records', () => {
    expect(scan(`{"a":${'['.repeat(200_000)}`, [])).toBeNull()
    expect(scan(`{${'"a":[1],'.repeat(50_000)}"tickets":[2]}`, [])).toEqual(['2'])
  })
})
