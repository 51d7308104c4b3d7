import type { Ticket } from '../../domain/ticket.ts'
import type { ListRequest, ListSlice } from '../source.ts'
import type { PageSizes } from './page-sizes.ts'
import { type PageRead, toFixedReads, toPageReads } from './page-window.ts'

/** One page as the vendor gave it: null stands where a record could not be understood, so that positions stay true. */
export interface VendorPage {
  readonly records: readonly (Ticket | null)[]
  /** How many records the vendor says that a full page has; the size that was asked for where it does not say. */
  readonly pageSize: number
  /** How many match in all; null when the vendor does not say. */
  readonly total: number | null
}

/** Reads one page, counted from 0. */
export type PageReader = (page: number, pageSize: number) => Promise<VendorPage>

/** How often a vendor may surprise with the size of its pages before nothing can be said of where they begin. */
const surprises = 3

/**
 * A slice of a list that its vendor gives in numbered pages: one call where a page size covers it, else two. It may hold more than
 * the largest page where the pages that had to be read do.
 */
export async function readSlice(
  request: ListRequest,
  sizes: PageSizes,
  readPage: PageReader,
  triesLeft = surprises,
): Promise<ListSlice> {
  const offset = toOffset(request.position)
  const reads = toReads(offset, request.limit, sizes)
  const pages = await Promise.all(reads.map(({ page, pageSize }) => readPage(page, pageSize)))
  const odd = reads.findIndex(({ pageSize }, index) => pages[index]!.pageSize !== pageSize)
  if (odd < 0) return toSlice(request, offset, reads, pages)
  sizes.learn(reads[odd]!.pageSize, pages[odd]!.pageSize)
  const [first] = reads
  // The first page begins at the beginning, whatever its size. Any other is not the one that was meant: ask again.
  if (first!.page !== 0) {
    if (triesLeft === 0) throw new RangeError('the pages of this list have no steady size')
    return readSlice(request, sizes, readPage, triesLeft - 1)
  }
  return toSlice(request, offset, [{ ...first!, pageSize: pages[0]!.pageSize }], pages.slice(0, 1))
}

function toReads(offset: number, limit: number, sizes: PageSizes): readonly PageRead[] {
  const fixed = sizes.fixed()
  const most = Math.max(1, Math.min(limit, fixed ?? sizes.max()))
  return fixed === null ? toPageReads(offset, most, sizes.max()) : toFixedReads(offset, most, fixed)
}

function toSlice(request: ListRequest, offset: number, reads: readonly PageRead[], pages: readonly VendorPage[]): ListSlice {
  const last = pages.at(-1)!
  const isLast = (index: number) => index === pages.length - 1
  // Of the last page everything is at hand, wanted or not.
  const atHand = pages.flatMap(({ records }, index) => {
    const { skip, take } = reads[index]!
    return records.slice(skip, isLast(index) ? undefined : skip + take)
  })
  const records = atHand.slice(0, Math.max(1, request.limit))
  const behind = offset + records.length
  // A full page may be the last one: a vendor that gives a total says so, else the next page comes out empty.
  const nothingFollows = last.records.length < reads.at(-1)!.pageSize || (last.total !== null && behind >= last.total)
  return { ...toTickets(records, offset), end: nothingFollows && records.length >= atHand.length, totalCount: last.total }
}

function toTickets(records: readonly (Ticket | null)[], offset: number): Pick<ListSlice, 'tickets' | 'positions' | 'dropped'> {
  const tickets: Ticket[] = []
  const positions: string[] = []
  for (const [index, ticket] of records.entries()) {
    if (ticket === null) continue
    tickets.push(ticket)
    positions.push(String(offset + index + 1))
  }
  return { tickets, positions, dropped: records.length - tickets.length }
}

function toOffset(position: string | null): number {
  const offset = Number(position ?? 0)
  if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError('not a position that this source gave')
  return offset
}

/** The size of the vendor's pages: by its own word, at least what it gave, else what it was asked for. */
export function toGivenSize(said: number | null, asked: number, came: number): number {
  const given = said !== null && said > 0 ? said : asked
  return Math.max(given, came)
}
