import type { SourceInfo, TicketSource } from '../source.ts'
import { createStoredSource, toEventFedInfo } from '../stored-source.ts'
import type { TicketStore } from '../ticket-store.ts'
import type { VccConfig } from './config.ts'

export function toVccInfo(key: string, config: VccConfig): SourceInfo {
  return toEventFedInfo({ key, system: 'vcc', label: config.label })
}

/** VCC Live's tickets as its webhooks brought them. */
export function createVccSource(deps: {
  readonly info: SourceInfo
  readonly config: VccConfig
  readonly tickets: TicketStore
}): TicketSource {
  const { info, config, tickets } = deps
  return createStoredSource({ info, tenant: config.account, tickets, isExternalId: (id) => /^\d{1,30}-\d{1,30}$/.test(id) })
}
