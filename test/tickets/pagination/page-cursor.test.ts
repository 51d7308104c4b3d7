import { describe, expect, it } from 'vitest'
import type { SourcePosition } from '../../../src/tickets/pagination/page-cursor.ts'
import { decodeCursor, encodeCursor, encodeEntry, toListHash } from '../../../src/tickets/pagination/page-cursor.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { latestFirst, listOnce } from '../ticket-service-fixture.ts'

const listHash = toListHash({}, latestFirst, null)
const cursor = { offset: 10, lastUpdatedAt: '2024-01-01T00:00:00.000Z', anchors: 'AAAAAAAABBBBBBBB', orderBroken: false }

/** A cursor of one source, and its JSON without the checksum. */
function encode(position: SourcePosition): { text: string; json: string } {
  const text = encodeCursor(listHash, [encodeEntry('a', position)])
  return { text, json: Buffer.from(text.slice(6), 'base64url').toString('utf8') }
}

describe('a cursor', () => {
  it.each<[string, SourcePosition]>([
    ['["e",7]', { kind: 'exhausted', totalCount: 7 }],
    ['["e",null]', { kind: 'exhausted', totalCount: null }],
    ['["k","p1"]', { kind: 'keyset', position: 'p1' }],
    ['["o",[10,"2024-01-01T00:00:00.000Z","AAAAAAAABBBBBBBB"]]', { kind: 'offset', cursor }],
    ['["o",[1,null,"",1]]', { kind: 'offset', cursor: { offset: 1, lastUpdatedAt: null, anchors: '', orderBroken: true } }],
    ['["s",null,["4","","t-1"]]', { kind: 'sorted', block: null, after: ['4', '', 't-1'] }],
    ['["s",[10,"2024-01-01T00:00:00.000Z","AAAAAAAABBBBBBBB"],null]', { kind: 'sorted', block: cursor, after: null }],
  ])('keeps the position %s', (wire, position) => {
    const { text, json } = encode(position)
    expect(json).toBe(`[2,"${listHash}",{"a":${wire}}]`)
    expect(decodeCursor(text, listHash)).toEqual(new Map([['a', position]]))
  })

  it('belongs to one filter, order and set of sources; the order of the sources does not matter', () => {
    const hashes = [
      toListHash({ status: ['OPEN'] }, latestFirst, null),
      toListHash({}, { ...latestFirst, direction: 'ASC' }, null),
      toListHash({}, latestFirst, ['a', 'b']),
    ]
    expect(new Set([listHash, ...hashes]).size).toBe(4)
    expect(toListHash({}, latestFirst, ['b', 'a'])).toBe(hashes[2])
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

  it('of one source is no longer than version 1 wrote it, 140 characters', async () => {
    const source = createMemorySource('a', { paginationStyle: 'offset' })
    for (let i = 0; i < 3; i++) source.put(`a-${i}`)
    const page = await listOnce([source], { first: 1 })
    expect(page.endCursor!.length).toBeLessThanOrEqual(140)
  })
})
