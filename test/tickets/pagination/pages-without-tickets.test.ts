import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { createService, listOnce, toCall, toRequest, viewerWith } from '../ticket-service-fixture.ts'

/** A source with three tickets. */
function filled(key: string, options: Parameters<typeof createMemorySource>[1] = {}) {
  const source = createMemorySource(key, options)
  for (const id of ['1', '2', '3']) source.put(id)
  return source
}

describe('the size of a page', () => {
  it.each([-1, 1.5, Number.NaN, 101])('is refused as %s', async (first) => {
    await expect(listOnce([filled('a')], { first })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: '`first` must be from 0 to 100.',
    })
  })

  it.each([1, 100])('may be %i', async (first) => {
    expect((await listOnce([filled('a')], { first })).edges).toHaveLength(Math.min(first, 3))
  })
})

describe('a page of no tickets', () => {
  it('after a cursor leads back to it, and reports how many tickets there are', async () => {
    const source = filled('a')
    const { endCursor } = await listOnce([source], { first: 2 })
    const page = await listOnce([source], { first: 0, after: endCursor })
    expect(page).toMatchObject({ edges: [], hasNextPage: false, hasPreviousPage: true, endCursor, totalCount: 3 })
    expect(page.sources).toMatchObject([
      { outcome: 'OK', returned: 0, matching: 3, exhausted: false, ordering: 'EXACT', filtersApplied: [] },
    ])
  })

  it('reports a source without tickets as exhausted', async () => {
    const page = await listOnce([createMemorySource('a')], { first: 0 })
    expect(page.sources).toMatchObject([{ outcome: 'OK', matching: 0, exhausted: true }])
  })
})

describe('a page whose sources give no ticket', () => {
  it.each([
    ['BUDGET_HELD', true],
    ['UPSTREAM_UNAVAILABLE', false],
  ] as const)('because of %s promises a next page: %s', async (code, hasNextPage) => {
    const source = filled('a')
    source.broken = new DeskgraphError(code, 'Not now.', { source: 'a' })
    expect(await listOnce([source])).toMatchObject({ edges: [], hasNextPage })
  })
})

describe('a viewer who sees no source', () => {
  it.each([0, 5])('gets an empty page that leads nowhere, for `first: %i`', async (first) => {
    const { service } = createService([filled('a')])
    const { reads } = service.begin(toCall(viewerWith('tickets:read', 'source:b')))
    const page = await reads.list(toRequest({ first }))
    const { edges, sources, hasNextPage, hasPreviousPage, endCursor, totalCount } = page
    expect({ edges, sources, hasNextPage, hasPreviousPage, endCursor, totalCount }).toEqual({
      edges: [],
      sources: [],
      hasNextPage: false,
      hasPreviousPage: false,
      endCursor: null,
      totalCount: null,
    })
  })
})

describe('the total of a list', () => {
  const silent = () => filled('b', { paginationStyle: 'offset', saysTotal: false })

  it('is the sum of the sources', async () => {
    expect((await listOnce([filled('a'), filled('b')], { first: 1 })).totalCount).toBe(6)
  })

  it('is not known where one source does not say, in whichever place', async () => {
    expect((await listOnce([filled('a'), silent()], { first: 1 })).totalCount).toBeNull()
    expect((await listOnce([silent(), filled('c')], { first: 1 })).totalCount).toBeNull()
  })
})
