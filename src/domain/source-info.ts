import type { TicketAction } from './vocabulary.ts'

export type SourceMode = 'PULL' | 'EVENT_FED'

/** What the graph says of a source that does not change while the process runs. One object per source, shared by all its tickets. */
export interface SourceInfo {
  readonly id: string
  readonly key: string
  readonly system: string
  readonly label: string
  readonly mode: SourceMode
  /** What this deployment of the source can do to a ticket. */
  readonly actions: readonly TicketAction[]
  readonly canCreate: boolean
  /** The filter fields that the source itself applies. */
  readonly filters: readonly FilterField[]
}

/** The graph's own names of the filter's fields. */
export const filterFields = [
  'status',
  'priority',
  'channel',
  'category',
  'assignee',
  'customerId',
  'customerEmail',
  'vendorId',
  'orderId',
  'tags',
  'text',
  'createdAfter',
  'createdBefore',
  'updatedAfter',
  'updatedBefore',
] as const
export type FilterField = (typeof filterFields)[number]
