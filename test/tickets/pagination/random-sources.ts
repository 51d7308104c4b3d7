import fc from 'fast-check'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import type { TicketOrder } from '../../../src/sources/source.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../../support/memory-source.ts'
import { latestFirst } from '../ticket-service-fixture.ts'

const day = Date.UTC(2024, 0, 1)

/** A source, and the second at which each of its tickets was updated: few values, so that many are equal. null: unknown. */
const sourceArb = fc.record({
  paginationStyle: fc.constantFrom('keyset' as const, 'cursor' as const, 'offset' as const),
  maxPageSize: fc.constantFrom(3, 7, 100),
  sorts: fc.boolean(),
  shortSlices: fc.constantFrom(undefined, 2, 5),
  times: fc.array(fc.option(fc.integer({ min: 0, max: 12 }), { freq: 12 }), { maxLength: 40 }),
})
export const offsetPlan = {
  paginationStyle: fc.constant('offset' as const),
  maxPageSize: fc.constantFrom(3, 7, 100),
  sorts: fc.boolean(),
  shortSlices: fc.constant(undefined),
}
export const sourcesArb = fc.array(sourceArb, { minLength: 1, maxLength: 5 })
export const pageSizesArb = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })
export const ordersArb = fc.constantFrom<TicketOrder>(
  latestFirst,
  { field: 'UPDATED_AT', direction: 'ASC' },
  { field: 'CREATED_AT', direction: 'DESC' },
  { field: 'CREATED_AT', direction: 'ASC' },
  { field: 'PRIORITY', direction: 'DESC' },
)

type SourcePlan = typeof sourceArb extends fc.Arbitrary<infer T> ? T : never

export function build(plans: readonly SourcePlan[], differences: MemorySourceOptions = {}): MemorySource[] {
  return plans.map(({ times, shortSlices, ...plan }, index) => {
    const source = createMemorySource(`s${index}`, {
      ...plan,
      ...(shortSlices === undefined ? {} : { shortSlices }),
      startAt: day + 3_600_000,
      ...differences,
    })
    times.forEach((second, i) => {
      const at = second === null ? null : new Date(day + second * 1000).toISOString()
      const priority = second === null ? null : (['LOW', 'MEDIUM', 'HIGH', 'URGENT', 'UNKNOWN'] as const)[second % 5]!
      source.put(`s${index}-${i}`, { updatedAt: at, createdAt: at, priority })
    })
    return source
  })
}

export const failure = () => new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.')

export function allIds(sources: readonly MemorySource[]): string[] {
  return sources.flatMap((source) => source.tickets().map((ticket) => ticket.externalId)).sort()
}
