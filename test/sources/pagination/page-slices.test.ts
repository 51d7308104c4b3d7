import { describe, expect, it } from 'vitest'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { ListSlice } from '../../../src/sources/listing.ts'
import {
  createPageSizes,
  type PageReader,
  readSlice,
  toGivenSize,
  toOffset,
  toOffsetSlice,
} from '../../../src/sources/pagination/paged-list.ts'
import { toSourceInfo, toTicket } from '../../support/memory-ticket.ts'

const info = toSourceInfo('vendor')

interface VendorOptions {
  /** How many records the vendor has: their ids are 0, 1, 2, … */
  readonly count: number
  /** The page size that the vendor gives for a requested one. */
  readonly toSize?: (requested: number) => number
  readonly hasTotal?: boolean
  /** Ids of the records that cannot be decoded. */
  readonly broken?: readonly number[]
}

function vendorOf({ count, toSize = (requested) => requested, hasTotal = true, broken = [] }: VendorOptions) {
  const calls: string[] = []
  const all = Array.from({ length: count }, (_, id) => (broken.includes(id) ? null : toTicket(info, String(id))))
  const readPage: PageReader = async (page, requested) => {
    calls.push(`${page}x${requested}`)
    const pageSize = toSize(requested)
    return { records: all.slice(page * pageSize, (page + 1) * pageSize), pageSize, total: hasTotal ? count : null }
  }
  return { calls, readPage }
}

const order = { field: 'UPDATED_AT', direction: 'DESC' } as const
const request = (position: string | null, limit: number) => ({ filter: {}, order, position, limit })
const idsOf = ({ tickets }: ListSlice) => tickets.map(({ externalId }) => Number(externalId))

describe('a slice of a list in numbered pages', () => {
  it('begins at the start without a position, and behind the ticket of a position', async () => {
    const { calls, readPage } = vendorOf({ count: 10 })
    const sizes = createPageSizes(10)
    const first = await readSlice(request(null, 3), sizes, readPage)
    expect(first).toMatchObject({ positions: ['1', '2', '3'], end: false, totalCount: 10, dropped: 0 })
    expect(idsOf(first)).toEqual([0, 1, 2])
    const second = await readSlice(request('3', 3), sizes, readPage)
    expect([idsOf(second), second.positions]).toEqual([
      [3, 4, 5],
      ['4', '5', '6'],
    ])
    expect(calls).toEqual(['0x3', '1x3'])
  })

  it('is cut out of two pages where no page size covers it', async () => {
    const { calls, readPage } = vendorOf({ count: 10 })
    const slice = await readSlice(request('3', 4), createPageSizes(4), readPage)
    expect([idsOf(slice), slice.positions]).toEqual([
      [3, 4, 5, 6],
      ['4', '5', '6', '7'],
    ])
    expect(calls).toEqual(['3x1', '1x4'])
  })

  it('is no longer than the largest page, and than the limit', async () => {
    const { readPage } = vendorOf({ count: 10 })
    expect(idsOf(await readSlice(request(null, 9), createPageSizes(4), readPage))).toEqual([0, 1, 2, 3])
    expect(idsOf(await readSlice(request('1', 2), createPageSizes(10), readPage))).toEqual([1, 2])
    expect(idsOf(await readSlice(request(null, 0), createPageSizes(4), readPage))).toEqual([0])
  })

  it('leaves out what cannot be decoded, and counts it in the positions', async () => {
    const { readPage } = vendorOf({ count: 5, broken: [1, 2] })
    const slice = await readSlice(request(null, 4), createPageSizes(4), readPage)
    expect(slice).toMatchObject({ positions: ['1', '4'], dropped: 2, end: false })
    expect(idsOf(slice)).toEqual([0, 3])
  })
})

describe('the end of a list in numbered pages', () => {
  const endOf = async (position: string | null, options: VendorOptions) =>
    (await readSlice(request(position, 3), createPageSizes(3), vendorOf(options).readPage)).end

  it('is known by the total where the last page is full', async () => {
    expect(await endOf('3', { count: 6 })).toBe(true)
    expect(await endOf('3', { count: 7 })).toBe(false)
  })

  it('is known by a page that is not full, or empty, where there is no total', async () => {
    expect(await endOf('3', { count: 6, hasTotal: false })).toBe(false)
    expect(await endOf('6', { count: 6, hasTotal: false })).toBe(true)
    expect(await endOf('3', { count: 5, hasTotal: false })).toBe(true)
    expect(await endOf(null, { count: 0, hasTotal: false })).toBe(true)
  })

  it('is not reached where the last page has more than the limit', async () => {
    const { calls, readPage } = vendorOf({ count: 5, toSize: () => 10 })
    const slice = await readSlice(request(null, 2), createPageSizes(4), readPage)
    expect([idsOf(slice), slice.end, calls]).toEqual([[0, 1], false, ['0x2']])
  })
})

describe('a vendor with a page size of its own', () => {
  it('that is smaller than the requested one is asked for that size from then on', async () => {
    const { calls, readPage } = vendorOf({ count: 20, toSize: (requested) => Math.min(requested, 4) })
    const sizes = createPageSizes(10)
    const first = await readSlice(request(null, 10), sizes, readPage)
    expect([idsOf(first), first.end]).toEqual([[0, 1, 2, 3], false])
    expect([sizes.max(), sizes.fixed()]).toEqual([4, null])
    expect(idsOf(await readSlice(request('4', 10), sizes, readPage))).toEqual([4, 5, 6, 7])
    expect(calls).toEqual(['0x10', '1x4'])
  })

  it('that is smaller is read again where the page begins elsewhere than expected', async () => {
    const { calls, readPage } = vendorOf({ count: 20, toSize: (requested) => Math.min(requested, 4) })
    const slice = await readSlice(request('10', 5), createPageSizes(10), readPage)
    // 10 to 14 were asked for as the third page of five. Of four at most: 10 and 11 as one page, and 12 to 15 as the next.
    expect([idsOf(slice), slice.positions]).toEqual([
      [10, 11, 12, 13, 14],
      ['11', '12', '13', '14', '15'],
    ])
    expect(slice.end).toBe(false)
    expect(calls).toEqual(['2x5', '5x2', '3x4'])
  })

  it('that is smaller is not read again where the first page was asked for, whose begin is certain', async () => {
    const { calls, readPage } = vendorOf({ count: 20, toSize: (requested) => Math.min(requested, 2) })
    const slice = await readSlice(request('1', 2), createPageSizes(10), readPage)
    expect([idsOf(slice), slice.positions, slice.end, calls]).toEqual([[1], ['2'], false, ['0x3']])
  })

  it('that is larger, because it ignores the parameter, is cut into slices', async () => {
    const { calls, readPage } = vendorOf({ count: 12, toSize: () => 5 })
    const sizes = createPageSizes(3)
    const first = await readSlice(request(null, 3), sizes, readPage)
    expect([idsOf(first), first.end, sizes.fixed(), sizes.max()]).toEqual([[0, 1, 2], false, 5, 3])
    const across = await readSlice(request('3', 3), sizes, readPage)
    expect([idsOf(across), across.end]).toEqual([[3, 4, 5], false])
    const last = await readSlice(request('10', 3), sizes, readPage)
    expect([idsOf(last), last.end]).toEqual([[10, 11], true])
    expect(calls).toEqual(['0x3', '0x5', '1x5', '2x5'])
    // 7, 8 and 9 are the end of one page.
    expect(idsOf(await readSlice(request('7', 3), sizes, readPage))).toEqual([7, 8, 9])
    expect(calls.slice(4)).toEqual(['1x5'])
  })

  it('that changes with every answer is given up after three more tries', async () => {
    const calls: string[] = []
    const readPage: PageReader = async (page, pageSize) => {
      calls.push(`${page}x${pageSize}`)
      return { records: [], pageSize: pageSize - 1, total: null }
    }
    await expect(readSlice(request('50', 10), createPageSizes(50), readPage)).rejects.toThrow(
      new RangeError('the pages of this list have no constant size'),
    )
    // Each answer lowers the largest size: to 9, 4 and 1. The second and the third try need two pages.
    expect(calls).toEqual(['5x10', '10x5', '6x9', '25x2', '13x4', '50x1'])
  })
})

describe('the page sizes of a vendor', () => {
  it('become smaller and never larger, unless the vendor returns more than was asked for', () => {
    const sizes = createPageSizes(100)
    expect([sizes.max(), sizes.fixed()]).toEqual([100, null])
    sizes.record(50, 50)
    expect([sizes.max(), sizes.fixed()]).toEqual([100, null])
    sizes.record(100, 30)
    sizes.record(60, 40)
    expect([sizes.max(), sizes.fixed()]).toEqual([30, null])
    sizes.record(10, 25)
    expect([sizes.max(), sizes.fixed()]).toEqual([30, 25])
  })

  it('are what the answer says, else what was requested, and never less than what was returned', () => {
    expect(toGivenSize(20, 50, 20)).toBe(20)
    expect(toGivenSize(null, 50, 20)).toBe(50)
    expect(toGivenSize(0, 50, 20)).toBe(50)
    expect(toGivenSize(1, 50, 0)).toBe(1)
    expect(toGivenSize(20, 50, 30)).toBe(30)
  })
})

describe('a slice of a vendor with offsets', () => {
  const records = [toTicket(info, 'a'), null, toTicket(info, 'c')] as readonly (Ticket | null)[]

  it('has a position behind each record, also behind those that cannot be decoded', () => {
    expect(toOffsetSlice({ records, total: 20 }, 10)).toEqual({
      tickets: [records[0], records[2]],
      positions: ['11', '13'],
      end: false,
      totalCount: 20,
      dropped: 1,
    })
  })

  it('ends with the total, or without a record', () => {
    expect(toOffsetSlice({ records, total: 13 }, 10).end).toBe(true)
    expect(toOffsetSlice({ records, total: 14 }, 10).end).toBe(false)
    expect(toOffsetSlice({ records, total: null }, 10).end).toBe(false)
    expect(toOffsetSlice({ records: [], total: null }, 10).end).toBe(true)
    expect(toOffsetSlice({ records: [], total: 99 }, 10).end).toBe(true)
  })
})

describe('a position', () => {
  it('is a number of records', () => {
    expect([toOffset(null), toOffset('0'), toOffset('17')]).toEqual([0, 0, 17])
  })

  it.each(['-1', '1.5', 'x', '9007199254740992'])('that the source never gave is refused: %s', (position) => {
    expect(() => toOffset(position)).toThrow(new RangeError('not a position of this source'))
  })
})
