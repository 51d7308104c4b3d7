import type { EntityRef } from '../domain/ids.ts'
import type { Ticket } from '../domain/ticket.ts'
import type { ListRequest, ListSlice } from './source.ts'

/** The kept tickets of event-fed sources, as the sources in front of them read them. `src/store` writes them with the journal. */
export interface TicketStore {
  /** In the same order; null where there is none. Deleted ones are found, with `deletedAt`. */
  find(refs: readonly EntityRef[]): Promise<readonly (Ticket | null)[]>
  /** One source's tickets in exactly the order asked for; every filter field is applied; deleted ones are left out. */
  list(sourceKey: string, request: ListRequest): Promise<ListSlice>
}
