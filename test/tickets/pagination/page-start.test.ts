import { describe, expect, it } from 'vitest'
import { shortHash } from '../../../src/domain/fingerprint.ts'
import type { TicketFilter, TicketOrder } from '../../../src/sources/source.ts'
import {
  type EdgePoint,
  encodeEdgeCursor,
  encodeHint,
  toSourceHash,
  toSourcesHash,
} from '../../../src/tickets/pagination/edge-cursor.ts'
import { beginning, encodeCursor, encodeEntry } from '../../../src/tickets/pagination/page-cursor.ts'
import { toPageStart } from '../../../src/tickets/pagination/page-start.ts'
import type { PositionHint } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { createMemorySource, type MemorySource } from '../../support/memory-source.ts'
import { latestFirst } from '../ticket-service-fixture.ts'

const listHash = 'ListHashAndMore_'
const value = '2024-01-01T00:00:00.000Z'
const ofKey: EdgePoint['place'] = { kind: 'key', key: { tenant: 'acme', externalId: '7' } }
const ofTies: EdgePoint['place'] = { kind: 'ties', ties: { last: 'aaaaaa', others: 'bbbbcccc' } }
const at = (...offsets: number[]): PositionHint[] => offsets.map((offset) => ({ kind: 'active', offset }))

const offsetSources = () => ['c', 'a', 'b'].map((key) => createMemorySource(key, { paginationStyle: 'offset' }))
const keysetSources = () => ['c', 'a', 'b'].map((key) => createMemorySource(key))

interface Given {
  readonly place?: EdgePoint['place']
  /** The sources of the page that has the edge, in the order of their keys, and what its cursor says of each. */
  readonly keys?: readonly string[]
  readonly hints?: readonly PositionHint[]
  readonly conditions?: TicketFilter
  readonly order?: TicketOrder
}

/** Where a page of these sources starts behind an edge of the source b. */
function startOf(sources: readonly MemorySource[], given: Given = {}) {
  const { place = ofKey, keys = ['a', 'b', 'c'], hints = at(5, 7, 9), conditions = {}, order = latestFirst } = given
  const hinted = toSourcesHash(keys) + hints.map(encodeHint).join('')
  const after = encodeEdgeCursor(listHash, { value, sourceHash: toSourceHash('b'), place }, hinted)
  const { positions, ...rest } = toPageStart(after, { conditions, order, sources, listHash: () => listHash })
  return { ...rest, positions: Object.fromEntries(positions) }
}

describe('the start of a page', () => {
  const list = { conditions: {}, order: latestFirst, sources: keysetSources(), listHash: () => listHash }

  it('without a cursor is the beginning of the list', () => {
    expect(toPageStart(null, list)).toBe(beginning)
  })

  it('behind a page cursor has the positions of that cursor', () => {
    const after = encodeCursor(listHash, [encodeEntry('a', { kind: 'keyset', position: 'p' })], null)
    const positions = new Map([['a', { kind: 'keyset', position: 'p' }]])
    expect(toPageStart(after, list)).toEqual({ positions, aligned: false, last: null })
  })
})

describe('the start of a page behind an edge: each source', () => {
  it('is behind the edge in an offset-paginated list: sources before that of the edge have given all of its time', () => {
    const cursor = { lastValue: value, anchors: '', orderBroken: false }
    expect(startOf(offsetSources(), { place: ofTies })).toEqual({
      aligned: true,
      last: { value, sourceKey: 'b' },
      positions: {
        a: { kind: 'offset', cursor: { ...cursor, offset: 5, tiesPassed: true } },
        b: {
          kind: 'offset',
          cursor: { ...cursor, offset: 7, anchors: `aaaaaa${shortHash(value).slice(0, 2)}`, ties: 'bbbbcccc' },
        },
        c: { kind: 'offset', cursor: { ...cursor, offset: 9 } },
      },
    })
  })

  it('resumes at its own position in a list by keys', () => {
    expect(startOf(keysetSources()).positions).toEqual({
      a: { kind: 'keyset', position: `["${value}"]` },
      b: { kind: 'keyset', position: `["${value}","acme","7"]` },
      c: { kind: 'keyset', position: `["${value}","",""]` },
    })
  })

  it('begins anew where it has no position for a key', () => {
    const sources = keysetSources().map(({ toPosition: _, ...source }) => source)
    expect(startOf(sources).positions).toEqual({})
  })

  it.each<[string, () => MemorySource[], Given]>([
    ['its list is sorted by the gateway', offsetSources, { order: { field: 'CREATED_AT', direction: 'DESC' } }],
    ['its tickets are named by the filter', keysetSources, { conditions: { ids: [] } }],
  ])('is read again where %s, and leaves out what sorts up to the edge', (_, sources, given) => {
    expect(startOf(sources(), given).positions).toEqual({
      a: { kind: 'sorted', block: null, after: [value, '\uffff', '\uffff'] },
      b: { kind: 'sorted', block: null, after: [value, 'acme', '7'] },
      c: { kind: 'sorted', block: null, after: [value, '', ''] },
    })
  })

  it('is not read where its list has ended, and begins anew where no record lies before the edge', () => {
    const ended = { kind: 'exhausted', totalCount: 3 } as const
    const { positions } = startOf(offsetSources(), { hints: [ended, ...at(0, 9)] })
    expect(positions).toMatchObject({ a: ended, c: { cursor: { offset: 9 } } })
    expect(Object.keys(positions)).toEqual(['a', 'c'])
  })

  it('gives tickets with the time of the edge again where it tells them in another way now', () => {
    expect(startOf(keysetSources(), { place: ofTies }).positions.b).toEqual({ kind: 'keyset', position: `["${value}","",""]` })
    expect(startOf(offsetSources(), { place: ofKey }).positions.b).toEqual({
      kind: 'offset',
      cursor: { offset: 7, lastValue: value, anchors: '', orderBroken: false },
    })
  })
})

describe('the start of a page behind an edge of other sources', () => {
  const ended = { kind: 'exhausted', totalCount: 3 } as const

  it.each<[string, Given]>([
    ['that were others', { keys: ['a', 'b', 'd'], hints: [ended, ...at(7, 9)] }],
    ['that were fewer', { keys: ['a', 'b', 'c'], hints: [ended, ...at(7)] }],
  ])('%s takes nothing from what the cursor says of them', (_, given) => {
    const { positions } = startOf(offsetSources(), given)
    expect(positions).toMatchObject({
      a: { cursor: { offset: 1, tiesPassed: true } },
      b: { cursor: { offset: 1 } },
      c: { cursor: { offset: 1 } },
    })
  })

  it('gives the tickets with the time of the edge again where its source is not seen any more', () => {
    const { last, positions } = startOf(keysetSources().filter(({ info }) => info.key !== 'b'))
    expect(last).toEqual({ value, sourceKey: '' })
    expect(positions).toEqual({
      a: { kind: 'keyset', position: `["${value}","",""]` },
      c: { kind: 'keyset', position: `["${value}","",""]` },
    })
  })
})
