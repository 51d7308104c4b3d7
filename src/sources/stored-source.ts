import { encodeId } from '../domain/ids.ts'
import type { TicketAction } from '../domain/ticket.ts'
import { filterFields, type SourceInfo, type SourceMode, type TicketSource } from './source.ts'
import type { TicketStore } from './ticket-store.ts'

export interface EventFedInfo {
  readonly key: string
  readonly system: string
  readonly label: string
  readonly actions?: readonly TicketAction[]
  readonly canCreate?: boolean
}

/** What the graph says of an event-fed source: the store applies every filter. */
export function toEventFedInfo({ key, system, label, actions = [], canCreate = false }: EventFedInfo): SourceInfo {
  const mode: SourceMode = 'EVENT_FED'
  return { id: encodeId('source', key, '', key), key, system, label, mode, actions, canCreate, filters: filterFields }
}

export interface StoredSourceDeps {
  readonly info: SourceInfo
  /** null: tickets of several tenants. */
  readonly tenant: string | null
  readonly tickets: TicketStore
  readonly isExternalId: (externalId: string) => boolean
}

const printable = /^[^\p{Cc}]{1,256}$/u

/** An external id that no vendor's alphabet restricts: any text without control characters. */
export function isPrintableId(externalId: string): boolean {
  return printable.test(externalId)
}

/** A source whose tickets were brought by events and are kept: reads go to the store, in exactly the asked order. */
export function createStoredSource({ info, tenant, tickets, isExternalId }: StoredSourceDeps): TicketSource {
  return {
    info,
    tenant,
    isExternalId,
    paginationStyle: 'keyset',
    lazyFields: [],
    maxPageSize: 100,
    loadTickets: (refs) => tickets.find(refs),
    listTickets: (request) => tickets.list(info.key, request),
    // Nothing is called: that events came, or did not, says nothing of the system's health.
    health: () => ({
      state: 'UNKNOWN',
      checkedAt: null,
      latencyP50Ms: null,
      latencyP99Ms: null,
      errorRate: null,
      lastError: null,
    }),
  }
}
