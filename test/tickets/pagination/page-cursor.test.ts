import { describe, expect, it } from 'vitest'
import { shortHash } from '../../../src/domain/fingerprint.ts'
import type { SourcePosition } from '../../../src/tickets/pagination/page-cursor.ts'
import { decodeCursor, encodeCursor, encodeEntry, toListHash } from '../../../src/tickets/pagination/page-cursor.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { latestFirst, listOnce } from '../ticket-service-fixture.ts'

const listHash = toListHash({}, latestFirst, null)
const cursor = { offset: 10, lastValue: '2024-01-01T00:00:00.000Z', anchors: 'AAAAAAAABBBBBBBB', orderBroken: false }

/** A cursor of one source, and its JSON without the checksum. */
function encode(position: SourcePosition): { text: string; json: string } {
  const text = encodeCursor(listHash, [encodeEntry('a', position)], null)
  return { text, json: Buffer.from(text.slice(6), 'base64url').toString('utf8') }
}

describe('a cursor', () => {
  it.each<[string, SourcePosition]>([
    ['["e",7]', { kind: 'exhausted', totalCount: 7 }],
    ['["e",null]', { kind: 'exhausted', totalCount: null }],
    ['["k","p1"]', { kind: 'keyset', position: 'p1' }],
    ['["o",[10,"2024-01-01T00:00:00.000Z","AAAAAAAABBBBBBBB"]]', { kind: 'offset', cursor }],
    [
      '["o",[10,"2024-01-01T00:00:00.000Z","AAAAAAAABBBBBBBB",0,"CCCCDDDD"]]',
      { kind: 'offset', cursor: { ...cursor, ties: 'CCCCDDDD' } },
    ],
    ['["o",[1,null,"",1]]', { kind: 'offset', cursor: { offset: 1, lastValue: null, anchors: '', orderBroken: true } }],
    ['["s",null,["4","","t-1"]]', { kind: 'sorted', block: null, after: ['4', '', 't-1'] }],
    ['["s",[10,"2024-01-01T00:00:00.000Z","AAAAAAAABBBBBBBB"],null]', { kind: 'sorted', block: cursor, after: null }],
    ['["s","p3",[null,"acme","t-1"]]', { kind: 'sorted', block: 'p3', after: [null, 'acme', 't-1'] }],
  ])('keeps the position %s', (wire, position) => {
    const { text, json } = encode(position)
    expect(json).toBe(`[3,"${listHash}",{"a":${wire}}]`)
    expect(decodeCursor(text, listHash)).toStrictEqual({ positions: new Map([['a', position]]), aligned: false, last: null })
  })

  it('belongs to one filter, order and set of sources; the order of the sources does not matter', () => {
    const hashes = [
      toListHash({ status: ['OPEN'] }, latestFirst, null),
      toListHash({}, { ...latestFirst, direction: 'ASC' }, null),
      toListHash({}, latestFirst, ['a', 'b']),
    ]
    expect(new Set([listHash, ...hashes]).size).toBe(4)
    expect(toListHash({}, latestFirst, ['b', 'a'])).toBe(hashes[2])
    expect(toListHash({}, latestFirst, ['a', 'c'])).not.toBe(hashes[2])
    const { text } = encode({ kind: 'keyset', position: 'p1' })
    expect(() => decodeCursor(text, hashes[0]!)).toThrow('another filter, order or set of sources')
  })

  it.each([
    [
      'an offset',
      'K4X_dteyJ2IjoxLCJxIjoibi12Mzd4TjVwU3pQM0s2MSIsInMiOnsiYSI6eyJ3Ijp7Im8iOjEsInQiOiIyMDI0LTAxLTAxVDAwOjAwOjAzLjAwMFoiLCJtIjoiWGNRTThMZ1MifX19fQ',
    ],
    [
      'a keyset',
      'fuLXiXeyJ2IjoxLCJxIjoibi12Mzd4TjVwU3pQM0s2MSIsInMiOnsiYSI6eyJwIjoiW1wiMjAyNC0wMS0wMVQwMDowMDowMy4wMDBaXCIsXCJcIixcImEtMlwiXSJ9fX0',
    ],
  ])('of %s that version 1 wrote for the same list is BAD_USER_INPUT', async (_, after) => {
    expect(Buffer.from(after.slice(6), 'base64url').toString('utf8')).toContain(`{"v":1,"q":"${listHash}"`)
    const source = createMemorySource('a')
    await expect(listOnce([source], { after })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: '`after` is not a cursor of this list, or an older version of the gateway wrote it.',
    })
    expect(source.calls.list).toEqual([])
  })

  it.each([
    ['that is no JSON', 'no', 'SyntaxError'],
    ['that is JSON of another form', '[3,"x"]', 'ZodError'],
  ])('%s is BAD_USER_INPUT, with its fault as the cause', (_, json, name) => {
    const body = Buffer.from(json).toString('base64url')
    expect(() => decodeCursor(shortHash(body) + body, listHash)).toThrowError(
      expect.objectContaining({ code: 'BAD_USER_INPUT', cause: expect.objectContaining({ name }) }),
    )
  })

  it('has 16,384 characters at most', () => {
    /** A cursor of six sources whose JSON has this many bytes. */
    const cursorOf = (bytes: number) => {
      const entry = (i: number, length: number) => encodeEntry(`s${i}`, { kind: 'keyset', position: 'p'.repeat(length) })
      const five = [0, 1, 2, 3, 4].map((i) => entry(i, 2_048))
      const frame = `[3,"${listHash}",{${[...five, entry(5, 0)].join(',')}}]`
      return encodeCursor(listHash, [...five, entry(5, bytes - frame.length)], null)
    }
    // Six characters of checksum, and four for three bytes.
    const longest = cursorOf(12_283)
    expect(longest).toHaveLength(16_384)
    expect(decodeCursor(longest, listHash).positions.size).toBe(6)
    expect(() => decodeCursor(cursorOf(12_284), listHash)).toThrow('is not a cursor of this list')
  })

  it('of an aligned page has its last edge, and one that passed all tickets of a time says so', () => {
    const last = { value: '2024-01-01T00:00:00.000Z', sourceKey: 'b' }
    const position: SourcePosition = { kind: 'offset', cursor: { ...cursor, tiesPassed: true } }
    const broken: SourcePosition = { kind: 'offset', cursor: { ...cursor, tiesPassed: true, orderBroken: true } }
    const text = encodeCursor(listHash, [encodeEntry('a', position), encodeEntry('b', broken)], last)
    expect(Buffer.from(text.slice(6), 'base64url').toString('utf8')).toBe(
      `[3,"${listHash}",{"a":["o",[10,"2024-01-01T00:00:00.000Z","AAAAAAAABBBBBBBB",2]],"b":["o",[10,"2024-01-01T00:00:00.000Z","AAAAAAAABBBBBBBB",3]]},["2024-01-01T00:00:00.000Z","b"]]`,
    )
    const positions = new Map([
      ['a', position],
      ['b', broken],
    ])
    expect(decodeCursor(text, listHash)).toEqual({ positions, aligned: true, last })
  })

  it('of version 0.2.0 still continues its list', async () => {
    // Written by 0.2.0 behind a-3, b-3 and a-2 of the same tickets.
    const after =
      'Kb9qszWzIsIm4tdjM3eE41cFN6UDNLNjEiLHsiYSI6WyJvIixbMiwiMjAyNC0wMS0wMVQwMDowMDowMy4wMDBaIiwibUpCbkxISWhYY1FNOExnUyJdXSwiYiI6WyJrIiwiW1wiMjAyNC0wMS0wMVQwMDowMDowNC4wMDBaXCIsXCJcIixcImItM1wiXSJdfV0'
    expect(Buffer.from(after.slice(6), 'base64url').toString('utf8')).toMatch(/^\[2,/)
    const sources = [createMemorySource('a', { paginationStyle: 'offset' }), createMemorySource('b')]
    for (const source of sources) for (let i = 0; i < 4; i++) source.put(`${source.info.key}-${i}`)
    const page = await listOnce(sources, { after })
    expect(page.edges.map(({ node }) => node.externalId)).toEqual(['b-2', 'a-1', 'b-1', 'a-0', 'b-0'])
  })

  it('of one source is no longer than 152 characters', async () => {
    const source = createMemorySource('a', { paginationStyle: 'offset' })
    for (let i = 0; i < 3; i++) source.put(`a-${i}`)
    const page = await listOnce([source], { first: 1 })
    expect(page.endCursor!.length).toBeLessThanOrEqual(152)
  })
})
