import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TicketOrder } from '../../../src/sources/source.ts'
import type { TicketPage } from '../../../src/tickets/pagination/list-tickets.ts'
import type { MemorySource } from '../../support/memory-source.ts'
import { createService, latestFirst, listAllIds, toCall, toRequest } from '../ticket-service-fixture.ts'
import { allIds, build, failure, offsetPlan, ordersArb, pageSizesArb, sourcesArb } from './random-sources.ts'

/** Reads on while there is a next page, or while a failed source may still come back. */
async function listAll(
  sources: readonly MemorySource[],
  order: TicketOrder,
  pageSizes: readonly number[],
  between: (turn: number) => void = () => {},
  scanLimit = 1000,
): Promise<{ ids: string[]; pages: TicketPage[] }> {
  const { service } = createService(sources, { scanLimit })
  const pages: TicketPage[] = []
  let after: string | null = null
  for (let turn = 0; turn < 2000; turn++) {
    const page: TicketPage = await service
      .begin(toCall())
      .reads.list(toRequest({ order, after, first: pageSizes[turn % pageSizes.length]! }))
    pages.push(page)
    after = page.endCursor
    if (!page.hasNextPage && page.sources.every((report) => report.outcome === 'OK' || report.outcome === 'SKIPPED')) {
      return { ids: pages.flatMap((each) => each.edges.map((edge) => edge.node.externalId)), pages }
    }
    between(turn)
  }
  throw new Error('the pages do not end')
}

describe('the pages of a list', () => {
  it('give every ticket once, in the asked order, for any number and size of sources', async () => {
    await fc.assert(
      fc.asyncProperty(sourcesArb, pageSizesArb, ordersArb, async (plans, pageSizes, order) => {
        const sources = build(plans)
        const { ids, pages } = await listAll(sources, order, pageSizes)
        expect([...ids].sort()).toEqual(allIds(sources))
        const values = pages.flatMap((page) =>
          page.edges.map(({ node }) => (order.field === 'CREATED_AT' ? node.createdAt : node.updatedAt)),
        )
        if (order.field !== 'PRIORITY') expect(values).toEqual(sortedNullsLast(values, order.direction))
      }),
      { numRuns: 300 },
    )
  })

  it('continue after the cursor of any edge as after the end cursor', async () => {
    await fc.assert(
      fc.asyncProperty(sourcesArb, ordersArb, fc.integer({ min: 1, max: 12 }), fc.nat(), async (plans, order, first, pick) => {
        const sources = build(plans)
        const all = await listAll(sources, order, [100])
        const { service } = createService(sources)
        const page = await service.begin(toCall()).reads.list(toRequest({ order, first }))
        if (page.edges.length === 0) return
        const index = pick % page.edges.length
        const next = await service.begin(toCall()).reads.list(toRequest({ order, first: 100, after: page.edges[index]!.cursor }))
        expect(next.edges.map((edge) => edge.node.externalId)).toEqual(all.ids.slice(index + 1, index + 101))
      }),
      { numRuns: 200 },
    )
  })

  it('give exactly the rest after the cursor of any edge, on any page and where sources failed before', async () => {
    const failuresArb = fc.array(fc.boolean(), { maxLength: 20 })
    const pickArb = fc.record({ pages: fc.nat({ max: 4 }), edge: fc.nat() })
    await fc.assert(
      fc.asyncProperty(
        sourcesArb,
        pageSizesArb,
        ordersArb,
        failuresArb,
        pickArb,
        async (plans, pageSizes, order, failures, pick) => {
          const sources = build(plans)
          for (const [i, fails] of failures.entries()) sources[i % sources.length]!.nextFailures.push(fails ? failure() : null)
          const { service } = createService(sources)
          const read = (after: string | null, first: number): Promise<TicketPage> =>
            service.begin(toCall()).reads.list(toRequest({ order, after, first }))
          const given: string[] = []
          let after: string | null = null
          for (let turn = 0; ; turn++) {
            const page: TicketPage = await read(after, pageSizes[turn % pageSizes.length]!)
            const picked = turn === pick.pages ? page.edges.at(pick.edge % Math.max(1, page.edges.length)) : undefined
            const before = picked ? page.edges.slice(0, page.edges.indexOf(picked) + 1) : page.edges
            given.push(...before.map(({ node }) => node.externalId))
            after = picked?.cursor ?? page.endCursor
            if (turn >= pick.pages) break
          }
          for (const source of sources) source.nextFailures.length = 0
          const rest: string[] = []
          for (let more = true; more; ) {
            const page: TicketPage = await read(after, 100)
            rest.push(...page.edges.map(({ node }) => node.externalId))
            after = page.endCursor
            more = page.hasNextPage
          }
          expect([...given, ...rest].sort()).toEqual(allIds(sources))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('give every ticket once while sources fail and come back', async () => {
    await fc.assert(
      fc.asyncProperty(
        sourcesArb,
        pageSizesArb,
        ordersArb,
        fc.array(fc.boolean(), { maxLength: 40 }),
        async (plans, pageSizes, order, failures) => {
          const sources = build(plans)
          sources.forEach((source, index) => {
            source.nextFailures.push(
              ...failures.filter((_, i) => i % sources.length === index).map((fails) => (fails ? failure() : null)),
            )
          })
          const { ids } = await listAll(sources, order, pageSizes)
          expect([...ids].sort()).toEqual(allIds(sources))
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each([
    ['by their last update', latestFirst],
    ['by their creation, where the source sorts so', { field: 'CREATED_AT', direction: 'DESC' }],
    ['by their creation, the oldest first', { field: 'CREATED_AT', direction: 'ASC' }],
  ] as const)(
    'give no ticket twice and miss none that stays unchanged, while others change, go and come (DECISION-11), %s',
    async (_, order) => {
      const changeArb = fc.record({
        kind: fc.constantFrom('touch', 'touch', 'remove', 'add'),
        source: fc.nat(),
        ticket: fc.nat(),
      })
      const changesArb = fc.array(fc.array(changeArb, { maxLength: 6 }), { minLength: 1, maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(sourcesArb, pageSizesArb, changesArb, fc.boolean(), async (plans, pageSizes, changes, within) => {
          const sources = build(plans.map((plan) => ({ ...plan, sorts: true })))
          const changed = new Set<string>()
          let added = 0
          let batch = 0
          const change = () => {
            for (const { kind, source: s, ticket: t } of changes[batch++] ?? []) {
              const source = sources[s % sources.length]!
              const ids = source.tickets().map((ticket) => ticket.externalId)
              if (kind === 'add') {
                const id = `added-${added++}`
                changed.add(id)
                source.put(id)
              } else if (ids.length > 0) {
                const id = ids[t % ids.length]!
                changed.add(id)
                if (kind === 'touch') source.touch(id)
                else source.remove(id)
              }
            }
          }
          const before = allIds(sources)
          if (within) for (const source of sources) source.beforeList = change
          const { ids } = await listAll(sources, order, pageSizes, within ? () => {} : change)
          expect(ids.length).toBe(new Set(ids).size)
          const missed = before.filter((id) => !changed.has(id) && !ids.includes(id))
          expect(missed).toEqual([])
        }),
        { numRuns: 500 },
      )
    },
  )

  it('miss no ticket of a list that contradicts the assumed order', async () => {
    await fc.assert(
      fc.asyncProperty(
        sourcesArb,
        pageSizesArb,
        fc.array(fc.boolean(), { maxLength: 20 }),
        async (plans, pageSizes, failures) => {
          const sources = build(plans, { listOrder: 'scrambled' })
          sources[0]!.nextFailures.push(...failures.map((fails) => (fails ? failure() : null)))
          const { ids } = await listAll(sources, latestFirst, pageSizes)
          expect([...ids].sort()).toEqual(allIds(sources))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('resume from the anchors in a list that has contradicted the assumed order, while records change or go', async () => {
    const changeArb = fc.record({ removes: fc.boolean(), ticket: fc.nat() })
    const changesArb = fc.array(fc.array(changeArb, { maxLength: 2 }), { maxLength: 12 })
    const planArb = fc.record({
      ...offsetPlan,
      times: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 12, maxLength: 40 }),
    })
    await fc.assert(
      // Pages of at least three: at most two of the anchored records change at a time, so one anchor stays.
      fc.asyncProperty(
        planArb,
        fc.array(fc.integer({ min: 3, max: 12 }), { minLength: 1, maxLength: 5 }),
        changesArb,
        async (plan, pageSizes, changes) => {
          const [source] = build([plan], { listOrder: 'scrambled' })
          const changed = new Set<string>()
          const before = allIds([source!])
          const change = (turn: number) => {
            for (const { removes, ticket } of changes[turn] ?? []) {
              const ids = source!.tickets().map(({ externalId }) => externalId)
              const id = ids[ticket % ids.length]!
              changed.add(id)
              if (removes) source!.remove(id)
              else source!.touch(id)
            }
          }
          const { ids, pages } = await listAll([source!], latestFirst, pageSizes, change)
          // Before the order is known to be broken, a record newer than the cursor counts as changed.
          if (pages[0]!.sources[0]!.ordering !== 'BEST_EFFORT') return
          expect(ids.length).toBe(new Set(ids).size)
          expect(before.filter((id) => !changed.has(id) && !ids.includes(id))).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('give every match of a filter that the gateway applies, for any scan limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        sourcesArb,
        pageSizesArb,
        ordersArb,
        fc.integer({ min: 4, max: 30 }),
        async (plans, pageSizes, order, scanLimit) => {
          const sources = build(plans, { info: { filters: [] } })
          const wanted = sources.flatMap((source) => source.tickets().filter((ticket) => ticket.priority === 'HIGH'))
          const { service } = createService(sources, { scanLimit })
          const reads = () => service.begin(toCall()).reads
          const ids = await listAllIds(reads, { order, filter: { priority: ['HIGH'] } }, pageSizes)
          expect(ids.sort()).toEqual(wanted.map((ticket) => ticket.externalId).sort())
        },
      ),
      { numRuns: 300 },
    )
  })

  it('miss no ticket of a list that is sorted in blocks because it is longer than the scan limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        sourcesArb,
        pageSizesArb,
        ordersArb,
        fc.integer({ min: 8, max: 20 }),
        async (plans, pageSizes, order, scanLimit) => {
          const sources = build(plans)
          const { ids } = await listAll(sources, order, pageSizes, () => {}, scanLimit)
          expect([...ids].sort()).toEqual(allIds(sources))
        },
      ),
      { numRuns: 300 },
    )
  })
})

function sortedNullsLast(values: readonly (string | null)[], direction: 'ASC' | 'DESC'): (string | null)[] {
  const known = values.filter((value) => value !== null).sort()
  if (direction === 'DESC') known.reverse()
  return [...known, ...values.filter((value) => value === null)]
}
