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
    const window = toFixedWindow(offset, limit, pageSize)
    if (window.pages.length === 1) return window
  }
  return toFixedWindow(offset, limit, limit)
}

/** The one or two pages of this size that cover `limit` records from `offset` on. `limit` is at most `pageSize`. */
export function toFixedWindow(offset: number, limit: number, pageSize: number): PageWindow {
  const page = Math.floor(offset / pageSize)
  const skip = offset - page * pageSize
  return { pageSize, pages: skip + limit <= pageSize ? [page] : [page, page + 1], skip }
}
