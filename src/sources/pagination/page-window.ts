/** One page of a paged list that holds a part of the slice that is wanted. */
export interface PageRead {
  /** Counted from 0. */
  readonly page: number
  readonly pageSize: number
  /** Where the part begins within the page, and how many records it has at most. */
  readonly skip: number
  readonly take: number
}

/**
 * The pages that hold `limit` records from `offset` on, in order: the smallest page up to `maxPageSize` that covers them. Where there
 * is none, two, the first as small as may be: a walk that begins one record early needs no more than that record of it.
 */
export function toPageReads(offset: number, limit: number, maxPageSize: number): readonly PageRead[] {
  const whole = toOnePage(offset, limit, maxPageSize)
  if (whole) return [whole]
  const [first, second] = toFixedReads(offset, limit, limit) as readonly [PageRead, PageRead]
  return [toOnePage(offset, first.take, limit) ?? first, second]
}

function toOnePage(offset: number, limit: number, maxPageSize: number): PageRead | null {
  for (let pageSize = limit; pageSize <= maxPageSize; pageSize++) {
    const page = Math.floor(offset / pageSize)
    const skip = offset - page * pageSize
    if (skip + limit <= pageSize) return { page, pageSize, skip, take: limit }
  }
  return null
}

/** The one or two pages of this size that cover `limit` records from `offset` on. `limit` is at most `pageSize`. */
export function toFixedReads(offset: number, limit: number, pageSize: number): readonly PageRead[] {
  const page = Math.floor(offset / pageSize)
  const skip = offset - page * pageSize
  if (skip + limit <= pageSize) return [{ page, pageSize, skip, take: limit }]
  const take = pageSize - skip
  return [
    { page, pageSize, skip, take },
    { page: page + 1, pageSize, skip: 0, take: limit - take },
  ]
}
