import { describe, expect, it } from 'vitest'
import { assumedOrder as order } from '../../../src/sources/pagination/ticket-order.ts'
import { CursorWriter, type WrittenPage } from '../../../src/tickets/pagination/cursor-writer.ts'
import { decodeEdgeCursor, isEdgeCursor, toSourceHash, toSourcesHash } from '../../../src/tickets/pagination/edge-cursor.ts'
import { beginning, decodeCursor, encodeEntry, type PageStart } from '../../../src/tickets/pagination/page-cursor.ts'
import type { SourceCursor } from '../../../src/tickets/pagination/source-cursor.ts'
import type { IsPassed, PositionHint } from '../../../src/tickets/pagination/ticket-iterator.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const listHash = 'ListHashAndMore_'
const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString()

interface Given {
  /** The seconds of the tickets that it gave. */
  readonly seconds: readonly number[]
  /** After how many of these its list has ended. */
  readonly endsAt?: number
  readonly isExact?: boolean
  readonly filters?: boolean
  readonly hint?: PositionHint | null
}

/** A cursor of a source, as far as the writer uses it. `asked` are the positions of which it gave a hint, and the test of the edge. */
function cursorOf(key: string, { seconds, endsAt, isExact = true, filters = false, hint }: Given) {
  const info = toSourceInfo(key)
  const buffer = seconds.map((second) => toTicket(info, `${key}${second}`, { updatedAt: at(second) }))
  const asked: [emitted: number, isPassed: IsPassed][] = []
  const cursor = {
    ...{ source: { info }, isExact, filters },
    iterator: {
      buffer,
      placeAfter: (emitted: number) => ({ kind: 'key', key: { tenant: '', externalId: buffer[emitted - 1]!.externalId } }),
    },
    entryAfter: (emitted: number) => (emitted === 0 ? null : encodeEntry(key, { kind: 'keyset', position: `after ${emitted}` })),
    hintAfter(emitted: number, isPassed: IsPassed): PositionHint | null {
      asked.push([emitted, isPassed])
      if (hint !== undefined) return hint
      return emitted === endsAt ? { kind: 'exhausted', totalCount: emitted } : { kind: 'active', offset: emitted }
    },
  }
  return { cursor: cursor as unknown as SourceCursor, buffer, asked }
}

/** The writer of a page that has emitted the tickets of these sources, each by the index of its source. */
function writerOf(given: Readonly<Record<string, Given>>, emitted: readonly number[], start: PageStart = beginning) {
  const sources = Object.entries(given).map(([key, one]) => cursorOf(key, one))
  const page: WrittenPage = { cursors: sources.map(({ cursor }) => cursor), emitted, order, start, listHash: () => listHash }
  return { writer: new CursorWriter(page), sources }
}

/** What a page cursor says: how many tickets of each source lie before it, and its last edge. */
function readPageCursor(cursor: string) {
  const { positions, ...rest } = decodeCursor(cursor, listHash)
  const counts = [...positions].map(([key, position]) => [key, position.kind === 'keyset' ? position.position : null])
  return { ...rest, positions: Object.fromEntries(counts) }
}
const readEdgeCursor = (cursor: string) => decodeEdgeCursor(cursor, listHash)
const active = (offset: number) => ({ kind: 'active', offset })

describe('the short cursor of an edge', () => {
  const two = { b: { seconds: [9, 7] }, a: { seconds: [8, 6], endsAt: 2 } }
  const merged = [0, 1, 0, 1]

  it('has the key of its ticket, and a hint of each source in the order of their keys', () => {
    const { writer } = writerOf(two, merged)
    const sourcesHash = toSourcesHash(['a', 'b'])
    expect(readEdgeCursor(writer.edgeCursor(1))).toEqual({
      ...{ value: at(9), sourceHash: toSourceHash('b'), place: { kind: 'key', key: { tenant: '', externalId: 'b9' } } },
      ...{ sourcesHash, hints: [active(0), active(1)] },
    })
    expect(readEdgeCursor(writer.edgeCursor(4))).toEqual({
      ...{ value: at(6), sourceHash: toSourceHash('a'), place: { kind: 'key', key: { tenant: '', externalId: 'a6' } } },
      ...{ sourcesHash, hints: [{ kind: 'exhausted', totalCount: 2 }, active(2)] },
    })
  })

  it('is the same in whichever order the cursors of a page are asked for', () => {
    const inOrder = [1, 2, 3, 4].map((count) => writerOf(two, merged).writer.edgeCursor(count))
    const { writer } = writerOf(two, merged)
    for (const count of [3, 1, 4, 2, 2, 1]) expect(writer.edgeCursor(count)).toBe(inOrder[count - 1])
    writer.endCursor()
    expect(writer.edgeCursor(2)).toBe(inOrder[1])
  })

  it('asks each source once for its hint at a position, but at every edge where the gateway filters', () => {
    const askedOf = (filters: boolean) => {
      const { writer, sources } = writerOf({ a: { seconds: [9, 8, 7] }, b: { seconds: [6], filters } }, [0, 0, 0, 1])
      for (const count of [1, 2, 3, 3]) writer.edgeCursor(count)
      return sources.map(({ asked }) => asked.map(([emitted]) => emitted))
    }
    expect(askedOf(false)).toEqual([[1, 2, 3], [0]])
    expect(askedOf(true)).toEqual([
      [1, 2, 3],
      [0, 0, 0, 0],
    ])
  })

  it('tells a source which of its records come before the edge', () => {
    const { writer, sources } = writerOf({ a: { seconds: [9] }, b: { seconds: [5, 5] }, c: { seconds: [4] } }, [0, 1])
    writer.edgeCursor(2)
    const [a, b, c] = sources.map(({ asked }) => asked[0]![1])
    const records = (key: string) => [6, 5, 4].map((second) => toTicket(toSourceInfo(key), 'x', { updatedAt: at(second) }))
    // Equal values sort by source key.
    expect(records('a').map(a!)).toEqual([true, true, false])
    expect(records('c').map(c!)).toEqual([true, false, false])
    expect(sources[1]!.buffer.map(b!)).toEqual([true, false])
  })
})

describe('an edge has the page cursor', () => {
  const emitted = [0, 1, 0]
  const edges = (given: Readonly<Record<string, Given>>, start?: PageStart) => {
    const { writer } = writerOf(given, emitted, start)
    return [1, 2, 3].map((count) => writer.edgeCursor(count))
  }
  const two = { a: { seconds: [9, 7] }, b: { seconds: [8] } }
  const notAligned: PageStart = { positions: new Map(), aligned: false, last: null }

  it('where a source has not given its tickets in exactly the order', () => {
    expect(edges({ ...two, b: { seconds: [8], isExact: false } }).map(readPageCursor)).toEqual([
      { aligned: false, last: null, positions: { a: 'after 1' } },
      { aligned: false, last: null, positions: { a: 'after 1', b: 'after 1' } },
      { aligned: false, last: null, positions: { a: 'after 2', b: 'after 1' } },
    ])
  })

  it('with its key where a source has no hint', () => {
    const last = { value: at(9), sourceKey: 'a' }
    const [first] = edges({ ...two, b: { seconds: [8], hint: null } })
    expect(readPageCursor(first!)).toEqual({ aligned: true, last, positions: { a: 'after 1' } })
  })

  it('behind a page that was not aligned, until each source has given a ticket or has ended', () => {
    expect(edges(two, notAligned).map(isEdgeCursor)).toEqual([false, true, true])
    const ended = { ...two, b: { seconds: [8], endsAt: 0 } }
    expect(edges(ended, notAligned).map(isEdgeCursor)).toEqual([true, true, true])
  })

  it('where its ticket sorts before the last edge of the page before', () => {
    const startBehind = (second: number, sourceKey: string): PageStart => ({
      ...beginning,
      last: { value: at(second), sourceKey },
    })
    expect(edges(two, startBehind(8, 'a')).map(isEdgeCursor)).toEqual([false, true, true])
    expect(edges(two, startBehind(8, 'b')).map(isEdgeCursor)).toEqual([false, true, true])
    expect(edges(two, startBehind(8, 'c')).map(isEdgeCursor)).toEqual([false, false, true])
  })

  it('where the hashes of two sources are equal', () => {
    const seen = new Map<string, string>()
    let pair: readonly [string, string] | null = null
    // 18 bits: among 4,000 keys some are equal.
    for (let i = 0; i < 4_000 && pair === null; i++) {
      const other = seen.get(toSourceHash(`s${i}`))
      if (other) pair = [other, `s${i}`]
      seen.set(toSourceHash(`s${i}`), `s${i}`)
    }
    expect(edges({ [pair![0]]: two.a, [pair![1]]: two.b }).map(isEdgeCursor)).toEqual([false, false, false])
  })
})

describe('the cursor behind a page', () => {
  const two: Readonly<Record<string, Given>> = { a: { seconds: [9] }, b: { seconds: [8, 7] } }
  const endOf = (emitted: readonly number[]) => readPageCursor(writerOf(two, emitted).writer.endCursor())

  it('has the positions of all sources and the key of its last edge', () => {
    expect(endOf([0, 1, 1])).toEqual({
      ...{ aligned: true, last: { value: at(7), sourceKey: 'b' } },
      positions: { a: 'after 1', b: 'after 2' },
    })
  })

  it('has no edge where the page has no ticket', () => {
    expect(endOf([])).toEqual({ aligned: false, last: null, positions: {} })
  })
})
