import type { Ticket } from '../../domain/ticket.ts'
import type { ListRequest, ListSlice } from '../source.ts'

// Sources whose vendor returns a list in numbered pages. The port asks for slices by offset: a slice is cut out of one
// page, or out of two neighbouring pages.

/** One page as the vendor returned it. */
export interface VendorPage {
  /** In the vendor's order. null stands for a record that could not be decoded, so that positions still count it. */
  readonly records: readonly (Ticket | null)[]
  /** How many records a full page has (`toGivenSize`). */
  readonly pageSize: number
  /** How many records match in all; null: the vendor does not say. */
  readonly total: number | null
}

/** Reads one page, counted from 0. */
export type PageReader = (page: number, pageSize: number) => Promise<VendorPage>

/** The page sizes that one vendor supports: as configured, then as its answers show. One object per source. */
export interface PageSizes {
  /** The largest size that may be requested. */
  max(): number
  /** The only size that the vendor returns, for every request; null: it returns the requested size. */
  fixed(): number | null
  /** Records that a request for pages of one size was answered with pages of another. */
  record(requested: number, given: number): void
}

/** Smaller pages than requested mean that the vendor caps the size. Larger ones mean that it ignores the parameter. */
export function createPageSizes(configured: number): PageSizes {
  let max = configured
  let fixed: number | null = null
  return {
    max: () => max,
    fixed: () => fixed,
    record(requested, given) {
      if (given < requested) max = Math.min(max, given)
      else if (given > requested) fixed = given
    },
  }
}

/** The size of the vendor's pages: what its answer says, else what was requested; never less than what it returned. */
export function toGivenSize(said: number | null, requested: number, returned: number): number {
  const given = said !== null && said > 0 ? said : requested
  return Math.max(given, returned)
}

/** The slice that a vendor with offsets returned. `offset`: how many records lie before it. */
export function toOffsetSlice({ records, total }: Pick<VendorPage, 'records' | 'total'>, offset: number): ListSlice {
  const read = records.map((ticket, index) => ({ ticket, position: String(offset + index + 1) }))
  const decoded = read.flatMap(({ ticket, position }) => (ticket ? [{ ticket, position }] : []))
  return {
    tickets: decoded.map(({ ticket }) => ticket),
    positions: decoded.map(({ position }) => position),
    end: records.length === 0 || (total !== null && offset + records.length >= total),
    totalCount: total,
    dropped: records.length - decoded.length,
  }
}

/** How often a list is read again because the vendor answered with another page size than expected. */
const maxRereads = 3

/**
 * Reads a slice with one call where a page size covers it, else with two. The slice may hold more than the largest page.
 * Throws RangeError for a position that this source never returned, and when the vendor keeps changing its page size.
 */
export async function readSlice(
  request: ListRequest,
  sizes: PageSizes,
  readPage: PageReader,
  rereadsLeft = maxRereads,
): Promise<ListSlice> {
  const offset = toOffset(request.position)
  const reads = planReads(offset, request.limit, sizes)
  const pages = await Promise.all(reads.map(({ page, pageSize }) => readPage(page, pageSize)))
  const unexpected = reads.findIndex(({ pageSize }, index) => pages[index]!.pageSize !== pageSize)
  if (unexpected < 0) return toSlice(request, offset, reads, pages)
  sizes.record(reads[unexpected]!.pageSize, pages[unexpected]!.pageSize)
  const [first] = reads
  // The first page starts at offset 0 for every page size. Any other page starts elsewhere than expected: read again.
  if (first!.page === 0) return toSlice(request, offset, [{ ...first!, pageSize: pages[0]!.pageSize }], pages.slice(0, 1))
  if (rereadsLeft === 0) throw new RangeError('the pages of this list have no constant size')
  return readSlice(request, sizes, readPage, rereadsLeft - 1)
}

/** The offset of a position; 0 for the start. Throws RangeError for a position that this source never returned. */
export function toOffset(position: string | null): number {
  const offset = Number(position ?? 0)
  if (!Number.isSafeInteger(offset) || offset < 0) throw new RangeError('not a position of this source')
  return offset
}

/** A page to read, and the part of it that belongs to the slice. */
export interface PageRead {
  /** Counted from 0. */
  readonly page: number
  readonly pageSize: number
  /** How many records of the page come before the part. */
  readonly skip: number
  /** How many records the part has at most. */
  readonly take: number
}

function planReads(offset: number, limit: number, sizes: PageSizes): readonly PageRead[] {
  const fixed = sizes.fixed()
  const largest = Math.max(1, Math.min(limit, fixed ?? sizes.max()))
  return fixed === null ? toPageReads(offset, largest, sizes.max()) : toFixedReads(offset, largest, fixed)
}

/**
 * The pages that hold `limit` records from `offset` on, in order. One page of the smallest size up to `maxPageSize` that covers
 * them; else two pages, the first as small as possible: an iterator that starts one record early needs only that record of it.
 */
export function toPageReads(offset: number, limit: number, maxPageSize: number): readonly PageRead[] {
  const single = toSingleRead(offset, limit, maxPageSize)
  if (single) return [single]
  const [first, second] = toFixedReads(offset, limit, limit) as readonly [PageRead, PageRead]
  return [toSingleRead(offset, first.take, limit) ?? first, second]
}

function toSingleRead(offset: number, limit: number, maxPageSize: number): PageRead | null {
  for (let pageSize = limit; pageSize <= maxPageSize; pageSize++) {
    const page = Math.floor(offset / pageSize)
    const skip = offset - page * pageSize
    if (skip + limit <= pageSize) return { page, pageSize, skip, take: limit }
  }
  return null
}

/** The one or two pages of this size that cover `limit` records from `offset` on. `limit` is at most `pageSize`. */
function toFixedReads(offset: number, limit: number, pageSize: number): readonly PageRead[] {
  const page = Math.floor(offset / pageSize)
  const skip = offset - page * pageSize
  if (skip + limit <= pageSize) return [{ page, pageSize, skip, take: limit }]
  const take = pageSize - skip
  return [
    { page, pageSize, skip, take },
    { page: page + 1, pageSize, skip: 0, take: limit - take },
  ]
}

function toSlice(request: ListRequest, offset: number, reads: readonly PageRead[], pages: readonly VendorPage[]): ListSlice {
  const last = pages.at(-1)!
  // The last page may hold more than was planned: up to `limit` those records belong to the slice too.
  const read = pages.flatMap(({ records }, index) => {
    const { skip, take } = reads[index]!
    return records.slice(skip, index === pages.length - 1 ? undefined : skip + take)
  })
  const records = read.slice(0, Math.max(1, request.limit))
  const nextOffset = offset + records.length
  // A full page may be the last one. Without a total, the next page is then empty.
  const isLastPage = last.records.length < reads.at(-1)!.pageSize || (last.total !== null && nextOffset >= last.total)
  return { ...toTickets(records, offset), end: isLastPage && records.length >= read.length, totalCount: last.total }
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
