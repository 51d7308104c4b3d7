import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toPageReads } from '../../../src/sources/pagination/paged-list.ts'

describe('the pages that hold a slice', () => {
  it('are one page where a page size up to the limit covers the slice, else two, and hold exactly the slice', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 100 }), (offset, limit) => {
        const reads = toPageReads(offset, limit, 100)
        expect(reads.length).toBeLessThanOrEqual(2)
        const offsets = reads.flatMap(({ page, pageSize, skip, take }) => {
          expect(pageSize).toBeLessThanOrEqual(100)
          expect(skip + take).toBeLessThanOrEqual(pageSize)
          return Array.from({ length: take }, (_, index) => page * pageSize + skip + index)
        })
        expect(offsets).toEqual(Array.from({ length: limit }, (_, index) => offset + index))
      }),
    )
    expect(toPageReads(25, 25, 100)).toEqual([{ page: 1, pageSize: 25, skip: 0, take: 25 }])
    expect(toPageReads(24, 26, 100)).toEqual([{ page: 0, pageSize: 50, skip: 24, take: 26 }])
  })

  it('start with the smallest possible page where there are two', () => {
    expect(toPageReads(50, 100, 100)).toEqual([
      { page: 1, pageSize: 50, skip: 0, take: 50 },
      { page: 1, pageSize: 100, skip: 0, take: 50 },
    ])
    expect(toPageReads(99, 100, 100)).toEqual([
      { page: 99, pageSize: 1, skip: 0, take: 1 },
      { page: 1, pageSize: 100, skip: 0, take: 99 },
    ])
  })
})
