import { bulkhead } from 'cockatiel'
import { type TicketPriority, type TicketStatus, ticketPriorities, ticketStatuses } from '../domain/ticket.ts'
import type { CountRequest, TicketFilter, TicketTally } from './source.ts'

/** How a vendor counts that tells how many tickets a list has. */
export interface TotalsOptions {
  /** The total of the list with this filter; null: the vendor does not say. */
  readonly count: (filter: TicketFilter) => Promise<number | null>
  /** The values that a ticket of the source may have. Absent: each that the model has. */
  readonly valuesOf?: (by: 'STATUS' | 'PRIORITY') => Promise<readonly (TicketStatus | TicketPriority)[]>
  /** How many lists are asked for at once. */
  readonly concurrency: number
}

/** Counts by the totals of lists: one list for each status or priority. Without one of them nothing is told. */
export async function countByTotals({ filter, by }: CountRequest, options: TotalsOptions): Promise<TicketTally> {
  const { count, valuesOf, concurrency } = options
  if (by !== 'STATUS' && by !== 'PRIORITY') return { total: await count(filter), groups: [], complete: true }
  const field = by === 'STATUS' ? 'status' : 'priority'
  const all = valuesOf ? await valuesOf(by) : by === 'STATUS' ? ticketStatuses : ticketPriorities
  const limited = bulkhead(concurrency, Number.POSITIVE_INFINITY)
  const keys: readonly string[] = [...new Set(filter[field] ?? all)]
  const counts = await Promise.all(keys.map((key) => limited.execute(() => count({ ...filter, [field]: [key] }))))
  const groups = counts.flatMap((found, index) =>
    found === null ? [] : [{ key: keys[index]!, label: null, count: found, exact: true }],
  )
  if (groups.length < keys.length) return { total: null, groups: [], complete: false }
  return { total: groups.reduce((sum, group) => sum + group.count, 0), groups, complete: true }
}
