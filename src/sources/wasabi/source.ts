import type { SourceInfo, TicketSource } from '../../domain/source.ts'
import type { TicketStore } from '../../domain/ticket-store.ts'
import { createStoredSource, isPrintableId, toEventFedInfo } from '../stored-source.ts'
import type { WasabiConfig } from './config.ts'

export function toWasabiInfo(key: string, config: WasabiConfig): SourceInfo {
  return toEventFedInfo({ key, system: 'wasabi', label: config.label })
}

/** The tickets that Wasabi events brought. */
export function createWasabiSource(deps: { readonly info: SourceInfo; readonly tickets: TicketStore }): TicketSource {
  return createStoredSource({ info: deps.info, tenant: '', tickets: deps.tickets, isExternalId: isPrintableId })
}
