/** Which pages of a paged list hold a slice of it. */
export interface PageWindow {
  readonly pageSize: number
  /** Pages counted from 0, in order: one where possible, else two. */
  readonly pages: readonly number[]
  /** Where the slice begins within the first of these pages. */
  readonly skip: number
}

/**
 * The smallest page size, up to `maxPageSize`, with which one page covers `limit` records from `offset` on;
 * when there is none, two neighbouring pages.
 */
export function toPageWindow(offset: number, limit: number, maxPageSize: number): PageWindow {
  for (let pageSize = limit; pageSize <= maxPageSize; pageSize++) {
    const page = Math.floor(offset / pageSize)
    if (offset + limit <= (page + 1) * pageSize) return { pageSize, pages: [page], skip: offset - page * pageSize }
  }
  const page = Math.floor(offset / limit)
  return { pageSize: limit, pages: [page, page + 1], skip: offset - page * limit }
}
