import { encodeId, isExternalId } from '../../domain/ids.ts'
import type { TicketAction } from '../../domain/ticket.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { type OneViewConfig, oneViewConfig } from './config.ts'
import type { OneViewTicket } from './decode.ts'
import { contactReasons, escalationDepartments, resolutionStatuses, transferQueues } from './lookups.ts'
import { findUnknownFields, toTicket } from './mapping.ts'
import { closeTicket, escalateTicket, reassignTicket, transferTicket, updateTicket } from './mutations.ts'
import { listTickets, loadTickets } from './queries.ts'

/** Delivery Hero OneView: its ticket-detail API ("pd-oneview-ticket-detail 1.0.0"). */
export const oneViewPlugin = definePlugin({
  system: 'oneview',
  config: oneViewConfig,
  toInfo,
  create: (config, deps) => ({ source: createOneViewSource(config, deps), webhook: null }),
})

/** What every operation of one OneView works with. */
export type OneView = VendorApi<OneViewConfig, OneViewTicket>

export function createOneViewSource(config: OneViewConfig, deps: VendorDeps): TicketSource {
  const mapping = { toTicket, findUnknownFields }
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
    ...toWrites(oneView),
    ...toLookups(oneView),
    health: () => oneView.upstream.health(),
    close: () => oneView.upstream.close(),
  }
}

function toInfo(key: string, config: OneViewConfig): SourceInfo {
  const { update, close, reassign, transfer } = config.capabilities
  const offered: [boolean, TicketAction][] = [
    [update, 'UPDATE'],
    [canEscalate(config), 'ESCALATE'],
    [close, 'CLOSE'],
    [reassign, 'REASSIGN'],
    [transfer, 'TRANSFER'],
  ]
  const actions = offered.flatMap(([isOffered, action]) => (isOffered ? [action] : []))
  const id = encodeId('source', key, '', key)
  return { id, key, system: 'oneview', label: config.label, mode: 'PULL', actions, canCreate: false, filters: [] }
}

function canEscalate({ capabilities }: OneViewConfig): boolean {
  return capabilities.escalate && (capabilities.escalateV1 || capabilities.escalateV2)
}

function toWrites(oneView: OneView): Partial<TicketSource> {
  const { capabilities } = oneView.config
  return {
    ...(capabilities.update && { updateTicket: (ref, input, call) => updateTicket(oneView, ref, input, call) }),
    ...(canEscalate(oneView.config) && { escalateTicket: (ref, input, call) => escalateTicket(oneView, ref, input, call) }),
    ...(capabilities.close && { closeTicket: (ref, input, call) => closeTicket(oneView, ref, input, call) }),
    ...(capabilities.reassign && { reassignTicket: (ref, input, call) => reassignTicket(oneView, ref, input, call) }),
    ...(capabilities.transfer && { transferTicket: (ref, input, call) => transferTicket(oneView, ref, input, call) }),
  }
}

function toLookups(oneView: OneView): Partial<TicketSource> {
  const { capabilities } = oneView.config
  return {
    ...(capabilities.escalationDepartments && { escalationDepartments: (call) => escalationDepartments(oneView, call) }),
    ...(capabilities.transferQueues && { transferQueues: (call) => transferQueues(oneView, call) }),
    ...(capabilities.resolutionStatuses && { resolutionStatuses: (call) => resolutionStatuses(oneView, call) }),
    ...(capabilities.contactReasons && { contactReasons: (request, call) => contactReasons(oneView, request, call) }),
  }
}
