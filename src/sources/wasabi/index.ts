import type { SourceInfo, TicketSource } from '../source.ts'
import { createStoredSource, isPrintableId, toEventFedInfo } from '../stored-source.ts'
import type { TicketStore } from '../ticket-store.ts'
import type { WasabiConfig } from './config.ts'

export function toWasabiInfo(key: string, config: WasabiConfig): SourceInfo {
  return toEventFedInfo({ key, system: 'wasabi', label: config.label })
}

/** The tickets that Wasabi events brought. */
export function createWasabiSource(deps: { readonly info: SourceInfo; readonly tickets: TicketStore }): TicketSource {
  return createStoredSource({ info: deps.info, tenant: '', tickets: deps.tickets, isExternalId: isPrintableId })
}
