import type { ListRequest, ListSlice } from '../../domain/source.ts'
import type { Ticket } from '../../domain/ticket.ts'
import { toPageWindow } from './page-window.ts'

/** One page as the vendor gave it: null stands where a record could not be understood, so that positions stay true. */
export interface VendorPage {
  readonly records: readonly (Ticket | null)[]
  /** How many match in all; null when the vendor does not say. */
  readonly total: number | null
}

/** Reads one page, counted from 0. */
export type PageReader = (page: number, pageSize: number) => Promise<VendorPage>

/** A slice of a list that its vendor gives in numbered pages: one call where a page size covers it, else two. */
export async function readSlice(request: ListRequest, maxPageSize: number, readPage: PageReader): Promise<ListSlice> {
  const limit = Math.max(1, Math.min(request.limit, maxPageSize))
  const offset = toOffset(request.position)
  const { pageSize, pages, skip } = toPageWindow(offset, limit, maxPageSize)
  const read = await Promise.all(pages.map((page) => readPage(page, pageSize)))
  const all = read.flatMap((page) => page.records)
  const last = read.at(-1)!
  const records = all.slice(skip, skip + limit)
  const behind = offset + records.length
  // A full page may be the last one: a vendor that gives a total says so, else the next page comes out empty.
  const nothingFollows = last.records.length < pageSize || (last.total !== null && behind >= last.total)
  return { ...toTickets(records, offset), end: nothingFollows && skip + limit >= all.length, totalCount: last.total }
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
