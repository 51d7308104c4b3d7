import { encodeId, isExternalId } from '../../domain/ids.ts'
import type { TicketAction } from '../../domain/ticket.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { type VerifikConfig, verifikConfig } from './config.ts'
import type { VerifikTicket } from './decode.ts'
import { filters, findUnknownFields, lazyFields, toPushdownParameters, toTicket } from './mapping.ts'
import { createTicket, replyToTicket, updateTicket } from './mutations.ts'
import { listTickets, loadTickets } from './queries.ts'

/** Verifik: its REST API for support tickets ("The Support Ticket Object" in the vendor's documents). */
export const verifikPlugin = definePlugin({
  system: 'verifik',
  config: verifikConfig,
  toInfo,
  create: (config, deps) => ({ source: createVerifikSource(config, deps), webhook: null }),
})

/** What every operation of one Verifik works with. */
export type Verifik = VendorApi<VerifikConfig, VerifikTicket>

export function createVerifikSource(config: VerifikConfig, deps: VendorDeps): TicketSource {
  const { capabilities } = config
  const mapping = { toTicket, findUnknownFields }
  const verifik: Verifik = createVendorApi({ info: toInfo(deps.key, config), config, mapping, deps })
  return {
    info: verifik.info,
    paginationStyle: 'offset',
    lazyFields,
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId,
    pushdownFilters: (filter) => toPushdownParameters(filter).map(([field]) => field),
    loadTickets: (refs, call) => loadTickets(verifik, refs, call),
    listTickets: (request, call) => listTickets(verifik, request, call),
    ...(capabilities.create && { createTicket: (input, call) => createTicket(verifik, input, call) }),
    ...(capabilities.update && { updateTicket: (ref, input, call) => updateTicket(verifik, ref, input, call) }),
    ...(capabilities.reply && { replyToTicket: (ref, input, call) => replyToTicket(verifik, ref, input, call) }),
    health: () => verifik.upstream.health(),
    close: () => verifik.upstream.close(),
  }
}

function toInfo(key: string, { label, capabilities }: VerifikConfig): SourceInfo {
  const actions: TicketAction[] = []
  if (capabilities.update) actions.push('UPDATE')
  if (capabilities.reply) actions.push('REPLY')
  const id = encodeId('source', key, '', key)
  return { id, key, system: 'verifik', label, mode: 'PULL', actions, canCreate: capabilities.create, filters }
}
