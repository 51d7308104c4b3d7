import { isExternalId } from '../../domain/ids.ts'
import { toFilterMethods } from '../filter-table.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { offeredMethods, toSourceInfo } from '../source-table.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { verifikTable } from './capabilities.ts'
import { type VerifikConfig, verifikConfig } from './config.ts'
import { countTickets } from './counts.ts'
import { createForm } from './create-form.ts'
import type { VerifikTicket } from './decode.ts'
import { filters, lazyFields, mapping } from './mapping.ts'
import { createTicket, replyToTicket, updateTicket } from './mutations.ts'
import { listTickets, loadTickets } from './queries.ts'

/** Verifik: its REST API for support tickets ("The Support Ticket Object" in the vendor's documents). */
export const verifikPlugin = definePlugin({
  system: 'verifik',
  table: verifikTable,
  config: verifikConfig,
  toInfo,
  create: (config, deps) => ({ source: createVerifikSource(config, deps), webhook: null }),
})

/** What every operation of one Verifik works with. */
export type Verifik = VendorApi<VerifikConfig, VerifikTicket>

export function createVerifikSource(config: VerifikConfig, deps: VendorDeps): TicketSource {
  const verifik: Verifik = createVendorApi({ info: toInfo(deps.key, config), config, mapping, deps })
  return {
    info: verifik.info,
    paginationStyle: 'offset',
    lazyFields,
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId,
    ...toFilterMethods(filters),
    loadTickets: (refs, call) => loadTickets(verifik, refs, call),
    listTickets: (request, call) => listTickets(verifik, request, call),
    countTickets: (request, call) => countTickets(verifik, request, call),
    ...offeredMethods(verifik.info, {
      createTicket: (input, call) => createTicket(verifik, input, call),
      updateTicket: (ref, input, call) => updateTicket(verifik, ref, input, call),
      replyToTicket: (ref, input, call) => replyToTicket(verifik, ref, input, call),
      createForm: async () => createForm,
    }),
    health: () => verifik.upstream.health(),
    close: () => verifik.upstream.close(),
  }
}

function toInfo(key: string, { label, capabilities }: VerifikConfig): SourceInfo {
  const { create, update, reply } = capabilities
  const switches = { CREATE: create, UPDATE: update, REPLY: reply, createForm: create }
  return toSourceInfo({ key, system: 'verifik', label, mode: 'PULL', switches }, verifikTable)
}
