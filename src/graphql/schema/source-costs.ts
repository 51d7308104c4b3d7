import type { GraphQLSchema } from 'graphql'
import type { TicketSource } from '../../sources/source.ts'
import { extensionsOf, type FieldCost, listFields } from './fields.ts'

/** Replaces the costs that depend on the number of configured sources by numbers. */
export function applySourceCosts(schema: GraphQLSchema, sources: readonly TicketSource[]): void {
  const pullSources = sources.filter((source) => source.info.mode === 'PULL').length
  const callsPerCount = sources.reduce((calls, { info }) => calls + info.capabilities.callsPerCount, 0)
  const numbers = { PER_PULL_SOURCE: pullSources, PER_COUNT: callsPerCount }
  for (const { field } of listFields(schema)) {
    const { cost } = extensionsOf(field)
    if (!cost) continue
    const toCalls = (calls: FieldCost['calls']) => (typeof calls === 'string' ? numbers[calls] : calls)
    const calls = toCalls(cost.calls)
    const callsOfEmptyPage = toCalls(cost.callsOfEmptyPage)
    const items = cost.items === 'PER_SOURCE' ? sources.length : cost.items
    field.extensions = { ...field.extensions, cost: { ...cost, calls, callsOfEmptyPage, items } }
  }
}
