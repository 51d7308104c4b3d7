import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ListTickets, TicketPage } from '../../../src/tickets/pagination/list-tickets.ts'
import type { MemorySource } from '../../support/memory-source.ts'
import { createService, latestFirst, toCall, toRequest } from '../ticket-service-fixture.ts'
import { allIds, build, failure, ordersArb, pageSizesArb, sourcesArb } from './random-sources.ts'

const isEdgeCursor = (cursor: string) => cursor.length < 80 && cursor[6] === '1'
const idsOf = (page: TicketPage) => page.edges.map(({ node }) => node.externalId)

function readerOf(sources: readonly MemorySource[], list: Partial<ListTickets> = {}, scanLimit = 1000) {
  const { service } = createService(sources, { scanLimit })
  return (after: string | null, first: number): Promise<TicketPage> =>
    service.begin(toCall()).reads.list(toRequest({ ...list, after, first }))
}

/** Pages that each begin behind a picked edge of the page before, or behind its end. The tickets up to there. */
async function readAcross(
  read: ReturnType<typeof readerOf>,
  pageSizes: readonly number[],
  picks: readonly (number | null)[],
  between: (turn: number) => void = () => {},
) {
  const given: string[] = []
  let after: string | null = null
  let picked = 0
  let edgeCursors = 0
  for (let turn = 0; turn < 2000; turn++) {
    const page: TicketPage = await read(after, pageSizes[turn % pageSizes.length]!)
    const pick = picks[turn] ?? null
    const index = pick === null || page.edges.length === 0 ? -1 : pick % page.edges.length
    const edge = page.edges[index]
    given.push(...idsOf(page).slice(0, edge ? index + 1 : undefined))
    after = edge?.cursor ?? page.endCursor
    if (edge) picked += 1
    if (edge && isEdgeCursor(edge.cursor)) edgeCursors += 1
    if (!edge && !page.hasNextPage && page.sources.every(({ outcome }) => outcome === 'OK' || outcome === 'SKIPPED')) {
      return { given, picked, edgeCursors }
    }
    between(turn)
  }
  throw new Error('the pages do not end')
}

const picksArb = fc.array(fc.option(fc.nat({ max: 11 }), { freq: 4 }), { maxLength: 12 })

const failuresArb = fc.oneof(fc.constant([]), fc.array(fc.boolean(), { maxLength: 8 }))

function failNextCalls(sources: readonly MemorySource[], failures: readonly boolean[]): void {
  for (const [i, fails] of failures.entries()) sources[i % sources.length]!.nextFailures.push(fails ? failure() : null)
}

describe('pages that begin behind any edge of the page before', () => {
  it('give every ticket once, also where sources fail and come back (DECISION-11, GRAPH-09)', async () => {
    let edgeCursors = 0
    let picked = 0
    await fc.assert(
      fc.asyncProperty(
        sourcesArb,
        pageSizesArb,
        ordersArb,
        failuresArb,
        picksArb,
        async (plans, sizes, order, failures, picks) => {
          const sources = build(plans)
          failNextCalls(sources, failures)
          const result = await readAcross(readerOf(sources, { order }), sizes, picks)
          expect([...result.given].sort()).toEqual(allIds(sources))
          edgeCursors += result.edgeCursors
          picked += result.picked
        },
      ),
      { numRuns: 600 },
    )
    // The other picked edges had page cursors: behind a failure, or where too many tickets share one time.
    expect(edgeCursors).toBeGreaterThan(picked / 3)
  })

  it('give no ticket twice and miss none that stays unchanged, while others change, go and come (DECISION-11, GRAPH-09)', async () => {
    const changeArb = fc.record({ kind: fc.constantFrom('touch', 'touch', 'remove', 'add'), source: fc.nat(), ticket: fc.nat() })
    const changesArb = fc.array(fc.array(changeArb, { maxLength: 6 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(
        sourcesArb,
        pageSizesArb,
        changesArb,
        failuresArb,
        picksArb,
        async (plans, sizes, changes, failures, picks) => {
          const sources = build(plans)
          failNextCalls(sources, failures)
          const before = allIds(sources)
          const changed = new Set<string>()
          const change = (turn: number) => {
            for (const [i, { kind, source: s, ticket: t }] of (changes[turn] ?? []).entries()) {
              const source = sources[s % sources.length]!
              const ids = source.tickets().map(({ externalId }) => externalId)
              const id = kind === 'add' ? `added-${turn}-${i}` : ids[t % Math.max(1, ids.length)]
              if (id === undefined) continue
              changed.add(id)
              if (kind === 'add') source.put(id)
              else if (kind === 'touch') source.touch(id)
              else source.remove(id)
            }
          }
          const { given } = await readAcross(readerOf(sources, { order: latestFirst }), sizes, picks, change)
          expect(given.length).toBe(new Set(given).size)
          expect(before.filter((id) => !changed.has(id) && !given.includes(id))).toEqual([])
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('give every match of a filter that the gateway applies, for any scan limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        sourcesArb,
        pageSizesArb,
        fc.integer({ min: 4, max: 30 }),
        picksArb,
        async (plans, sizes, scanLimit, picks) => {
          const sources = build(plans, { info: { filters: [] } })
          const wanted = sources.flatMap((source) => source.tickets().filter(({ priority }) => priority === 'HIGH'))
          const read = readerOf(sources, { filter: { priority: ['HIGH'] } }, scanLimit)
          const { given } = await readAcross(read, sizes, picks)
          expect(given.sort()).toEqual(wanted.map(({ externalId }) => externalId).sort())
        },
      ),
      { numRuns: 500 },
    )
  })

  it('cost no more calls than pages behind a page cursor at the same place, and give the same', async () => {
    let edgeCursors = 0
    await fc.assert(
      fc.asyncProperty(sourcesArb, ordersArb, fc.integer({ min: 1, max: 40 }), fc.nat(), async (plans, order, first, pick) => {
        const sources = build(plans)
        const read = readerOf(sources, { order })
        const page = await read(null, first)
        if (page.edges.length === 0) return
        const index = pick % page.edges.length
        const { cursor } = page.edges[index]!
        if (isEdgeCursor(cursor)) edgeCursors += 1
        const pageCursor = (await read(null, index + 1)).endCursor!
        const costOf = async (after: string) => {
          const before = sources.map(({ calls }) => calls.list.length)
          const { edges, totalCount, sources: reports } = await read(after, 10)
          const calls = sources.map(({ calls }, i) => calls.list.length - before[i]!)
          return {
            calls,
            ids: edges.map(({ node }) => node.externalId),
            totalCount,
            outcomes: reports.map(({ outcome }) => outcome),
          }
        }
        const [afterPage, afterEdge] = [await costOf(pageCursor), await costOf(cursor)]
        expect(afterEdge).toMatchObject({ ids: afterPage.ids, totalCount: afterPage.totalCount })
        for (const [i, calls] of afterEdge.calls.entries()) {
          // The page behind the edge had not yet read that the source has no more tickets. Inside a page of a vendor with cursors, the rest of
          // that page is a call of its own.
          const rest = sources[i]!.paginationStyle === 'cursor' ? 1 : 0
          expect(calls).toBeLessThanOrEqual(Math.max(1, afterPage.calls[i]!) + rest)
        }
      }),
      { numRuns: 500 },
    )
    expect(edgeCursors).toBeGreaterThan(250)
  })
})
