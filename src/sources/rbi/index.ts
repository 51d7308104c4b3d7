import type { TicketRouter } from '../../domain/delivery.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { createStoredSource, isPrintableId, toEventFedInfo } from '../stored-source.ts'
import type { TicketStore } from '../ticket-store.ts'
import type { RbiConfig } from './config.ts'

export function toRbiInfo(key: string, { label, capabilities }: RbiConfig): SourceInfo {
  return toEventFedInfo({
    key,
    system: 'rbi',
    label,
    actions: capabilities.route ? ['ROUTE'] : [],
    canCreate: capabilities.create,
  })
}

export interface RbiSourceDeps {
  readonly info: SourceInfo
  readonly config: RbiConfig
  readonly tickets: TicketStore
  /** Asked at the first write: the router needs the source's store too. */
  readonly router: () => TicketRouter
}

/** Guests' tickets: those that partners raised, as their webhooks brought them, and our own, as they were routed. */
export function createRbiSource({ info, config, tickets, router }: RbiSourceDeps): TicketSource {
  // Tickets of our own belong to a market, those of partners to none.
  const stored = createStoredSource({ info, tenant: null, tickets, isExternalId: isPrintableId })
  return {
    ...stored,
    tenants: () => ['', ...router().markets()],
    ...(config.capabilities.create && { createTicket: (input, call) => router().create(input, call) }),
    ...(config.capabilities.route && { routeTicket: (ref, call) => router().route(ref, call) }),
  }
}
