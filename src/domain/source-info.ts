import type { TicketAction } from './ticket.ts'

/** `PULL`: the gateway reads the vendor's API. `EVENT_FED`: the vendor's events bring the tickets, and reads go to the store. */
export type SourceMode = 'PULL' | 'EVENT_FED'

/** The public description of a source, fixed while the process runs. */
export interface SourceInfo {
  /** The global id. */
  readonly id: string
  /** The key in the configuration. */
  readonly key: string
  /** The vendor's system, which several sources may share. */
  readonly system: string
  /** The name for people. */
  readonly label: string
  readonly mode: SourceMode
  /** The actions on tickets that this source has, as configured. */
  readonly actions: readonly TicketAction[]
  readonly canCreate: boolean
  /** The filter fields that the source applies itself. The gateway applies the others. */
  readonly filters: readonly FilterField[]
}

/** The fields of `TicketFilter` by their names in the graph. */
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
