import { isExternalId } from '../../domain/ids.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { offeredMethods, toSourceInfo } from '../source-table.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { oneViewTable } from './capabilities.ts'
import { type OneViewConfig, oneViewConfig } from './config.ts'
import type { OneViewTicket } from './decode.ts'
import { contactReasons, escalationDepartments, resolutionStatuses, transferQueues } from './lookups.ts'
import { mapping } from './mapping.ts'
import { closeTicket, escalateTicket, reassignTicket, transferTicket, updateTicket } from './mutations.ts'
import { listTickets, loadTickets } from './queries.ts'

/** Delivery Hero OneView: its ticket-detail API ("pd-oneview-ticket-detail 1.0.0"). */
export const oneViewPlugin = definePlugin({
  system: 'oneview',
  table: oneViewTable,
  config: oneViewConfig,
  toInfo,
  create: (config, deps) => ({ source: createOneViewSource(config, deps), webhook: null }),
})

/** What every operation of one OneView works with. */
export type OneView = VendorApi<OneViewConfig, OneViewTicket>

export function createOneViewSource(config: OneViewConfig, deps: VendorDeps): TicketSource {
  const info = toInfo(deps.key, config)
  const oneView: OneView = createVendorApi({ info, config, mapping, deps, identityHeader: 'x-agent-user-id' })
  return {
    info,
    paginationStyle: 'offset',
    lazyFields: [],
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId,
    loadTickets: (refs, call) => loadTickets(oneView, refs, call),
    listTickets: (request, call) => listTickets(oneView, request, call),
    ...offeredMethods(info, {
      updateTicket: (ref, input, call) => updateTicket(oneView, ref, input, call),
      escalateTicket: (ref, input, call) => escalateTicket(oneView, ref, input, call),
      closeTicket: (ref, input, call) => closeTicket(oneView, ref, input, call),
      reassignTicket: (ref, input, call) => reassignTicket(oneView, ref, input, call),
      transferTicket: (ref, input, call) => transferTicket(oneView, ref, input, call),
      escalationDepartments: (call) => escalationDepartments(oneView, call),
      transferQueues: (call) => transferQueues(oneView, call),
      resolutionStatuses: (call) => resolutionStatuses(oneView, call),
      contactReasons: (request, call) => contactReasons(oneView, request, call),
    }),
    health: () => oneView.upstream.health(),
    close: () => oneView.upstream.close(),
  }
}

function toInfo(key: string, { label, capabilities }: OneViewConfig): SourceInfo {
  const { update, escalate, escalateV1, escalateV2, close, reassign, transfer, ...lookups } = capabilities
  const switches = {
    ...lookups,
    UPDATE: update,
    ESCALATE: escalate && (escalateV1 || escalateV2),
    CLOSE: close,
    REASSIGN: reassign,
    TRANSFER: transfer,
  }
  return toSourceInfo({ key, system: 'oneview', label, mode: 'PULL', switches }, oneViewTable)
}
