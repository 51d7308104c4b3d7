import { describe, expect, it } from 'vitest'
import type { Call } from '../../../src/domain/call.ts'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import { assumedOrder, type OrderValue } from '../../../src/sources/pagination/ticket-order.ts'
import { mergeSources } from '../../../src/tickets/pagination/merge-sources.ts'
import type { SourceCursor } from '../../../src/tickets/pagination/source-cursor.ts'
import { someCall } from '../../support/call.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString()

interface Given {
  /** The seconds of the tickets that each read gives; null: the time is not known. Then its list has ended. */
  readonly slices: readonly (readonly (number | null)[])[]
  /** The page may not read more than these slices, and no unread ticket sorts before this; undefined: that is not known. */
  readonly scanLimit?: { readonly watermark: OrderValue | undefined }
  readonly error?: DeskgraphError
}

/** A cursor of a source, as far as the merge uses it. `wants` is how many tickets each read asked for, `calls` with which call. */
function cursorOf(key: string, { slices, scanLimit, error }: Given) {
  const info = toSourceInfo(key)
  const wants: number[] = []
  const calls: Call[] = []
  const buffer: Ticket[] = []
  const isRead = () => wants.length === slices.length
  const cursor = {
    source: { info },
    emitted: 0,
    get error() {
      return error && isRead() ? error : null
    },
    get canRead() {
      return !isRead()
    },
    iterator: {
      buffer,
      get exhausted() {
        return !scanLimit && isRead()
      },
      get scanLimitReached() {
        return Boolean(scanLimit) && isRead()
      },
      lowWatermark: scanLimit?.watermark,
    },
    async read(want: number, call: Call) {
      const slice = slices[wants.length]!
      calls.push(call)
      wants.push(want)
      await null
      buffer.push(...slice.map((second) => toTicket(info, `${key}${second}`, { updatedAt: second === null ? null : at(second) })))
    },
  }
  return { ...{ wants, calls }, cursor: cursor as unknown as SourceCursor }
}

/** The ids of the tickets of one page, in order. */
async function merge(given: Readonly<Record<string, Given>>, first: number, direction: 'ASC' | 'DESC' = 'DESC') {
  const sources = Object.entries(given).map(([key, one]) => cursorOf(key, one))
  const cursors = sources.map(({ cursor }) => cursor)
  const call = someCall()
  const emitted = await mergeSources(cursors, { ...assumedOrder, direction }, first, () => call)
  const next = cursors.map(() => 0)
  const ids = emitted.map((index) => cursors[index]!.iterator!.buffer[next[index]!++]!.externalId)
  expect(cursors.map((cursor) => cursor.emitted)).toEqual(next)
  for (const { calls } of sources) for (const one of calls) expect(one).toBe(call)
  return { ids, wants: sources.map(({ wants }) => wants) }
}

describe('the tickets of a page', () => {
  it('are merged by their values, and equal ones by the key of their source', async () => {
    const { ids } = await merge({ b: { slices: [[9, 5, 3]] }, a: { slices: [[8, 5, 1]] }, c: { slices: [[5]] } }, 10)
    expect(ids).toEqual(['b9', 'a8', 'a5', 'b5', 'c5', 'b3', 'a1'])
  })

  it('are merged in the other direction too', async () => {
    expect((await merge({ a: { slices: [[1, 4]] }, b: { slices: [[2, 3]] } }, 3, 'ASC')).ids).toEqual(['a1', 'b2', 'b3'])
  })

  it('without a value come last, and are not missing ones', async () => {
    expect((await merge({ a: { slices: [[9, null]] }, b: { slices: [[null]] } }, 10)).ids).toEqual(['a9', 'anull', 'bnull'])
  })

  it('are as many as asked for, and none is read for a page of none', async () => {
    expect(await merge({ a: { slices: [[9, 8]] } }, 1)).toEqual({ ids: ['a9'], wants: [[1]] })
    expect(await merge({ a: { slices: [[9, 8]] } }, 0)).toEqual({ ids: [], wants: [[]] })
  })

  it('are fewer where no source has more', async () => {
    expect(await merge({ a: { slices: [[]] }, b: { slices: [[2]] } }, 5)).toEqual({ ids: ['b2'], wants: [[5], [5]] })
    expect((await merge({}, 5)).ids).toEqual([])
  })
})

describe('the reads of a page', () => {
  it('are of the sources whose tickets are used up, for as many as the page lacks', async () => {
    const { ids, wants } = await merge(
      {
        a: {
          slices: [
            [9, 8],
            [7, 1],
          ],
        },
        b: { slices: [[5, 4]] },
      },
      5,
    )
    expect(ids).toEqual(['a9', 'a8', 'a7', 'b5', 'b4'])
    expect(wants).toEqual([[5, 3], [5]])
  })

  it('go on until a source gives a ticket or ends', async () => {
    const { ids, wants } = await merge({ a: { slices: [[], [], [3]] }, b: { slices: [[2]] } }, 2)
    expect(ids).toEqual(['a3', 'b2'])
    expect(wants).toEqual([[2, 2, 2], [2]])
  })

  it('begin together', async () => {
    const started: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const cursors = ['a', 'b'].map((key) => {
      const { cursor } = cursorOf(key, { slices: [[1]] })
      const read = cursor.read.bind(cursor)
      cursor.read = async (want, call) => {
        if (started.push(key) === 2) resolve()
        await promise
        return read(want, call)
      }
      return cursor
    })
    expect(await mergeSources(cursors, assumedOrder, 2, () => someCall())).toEqual([0, 1])
  })
})

describe('a source that reached its scan limit', () => {
  const other: Given = { slices: [[8, 6, 5, 2]] }
  const limited = (watermark: OrderValue | undefined, slice: readonly number[] = []) => ({
    ...{ slices: [slice], scanLimit: { watermark } },
  })

  it('holds back the tickets of others that sort behind those that it may still have', async () => {
    expect((await merge({ a: limited(at(6)), b: other }, 10)).ids).toEqual(['b8', 'b6'])
    expect((await merge({ a: other, b: limited(at(6)) }, 10)).ids).toEqual(['a8', 'a6'])
  })

  it('holds back none before its own tickets are given', async () => {
    expect((await merge({ a: limited(at(4), [7, 4]), b: other }, 10)).ids).toEqual(['b8', 'a7', 'b6', 'b5', 'a4'])
  })

  it('holds back none where it does not know what it may still have, or only tickets without a value', async () => {
    const all = ['b8', 'b6', 'b5', 'b2']
    expect((await merge({ a: limited(undefined), b: other }, 10)).ids).toEqual(all)
    expect((await merge({ a: limited(null), b: other }, 10)).ids).toEqual(all)
  })

  it('holds back none when it failed', async () => {
    const error = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')
    expect((await merge({ a: { ...limited(at(6)), error }, b: other }, 10)).ids).toEqual(['b8', 'b6', 'b5', 'b2'])
  })

  it('holds back none when its list has ended there', async () => {
    const { cursor } = cursorOf('a', limited(at(6)))
    Object.defineProperty(cursor.iterator, 'exhausted', { value: true })
    const emitted = await mergeSources([cursor, cursorOf('b', other).cursor], assumedOrder, 10, () => someCall())
    expect(emitted).toEqual([1, 1, 1, 1])
  })

  it('is held back by another one', async () => {
    expect((await merge({ a: limited(at(7), [9, 6]), b: limited(at(7)) }, 10)).ids).toEqual(['a9'])
  })
})

describe('a source that a page does not read', () => {
  it('gives nothing and holds back nothing', async () => {
    const idle = { ...cursorOf('a', { slices: [] }).cursor, iterator: null, canRead: false }
    expect(await mergeSources([idle, cursorOf('b', { slices: [[1]] }).cursor], assumedOrder, 5, () => someCall())).toEqual([1])
  })
})
