import type { Dispatcher } from 'undici'
import type { Clock } from '../../domain/clock.ts'
import { encodeId } from '../../domain/ids.ts'
import type { Logger, Metrics } from '../../domain/telemetry.ts'
import type { TicketAction } from '../../domain/ticket.ts'
import { createHttpClient } from '../http-client/http-client.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { type VerifikConfig, verifikConfig } from './config.ts'
import { createVerifik } from './context.ts'
import { isExternalId } from './external-id.ts'
import { filters, toAppliedFilters } from './filter.ts'
import { lazyFields } from './mapping.ts'
import { createTicket, replyToTicket, updateTicket } from './mutations.ts'
import { listTickets, loadTickets } from './queries.ts'

/** Verifik: its support-ticket API is asked for tickets. */
export const verifikPlugin = definePlugin({
  system: 'verifik',
  config: verifikConfig,
  create: (config, deps) => ({ source: createVerifikSource({ ...deps, config }), webhook: null }),
})

export interface VerifikDeps {
  readonly key: string
  readonly config: VerifikConfig
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** In place of connections of its own, for tests. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Verifik's support tickets as a source of tickets. */
export function createVerifikSource(deps: VerifikDeps): TicketSource {
  const { key, config, metrics, logger, clock, dispatcher } = deps
  const { capabilities } = config
  const upstream = createHttpClient({
    sourceKey: key,
    label: config.label,
    baseUrl: config.url,
    timeoutMs: config.timeoutMs,
    headers: { authorization: `Bearer ${config.token}` },
    limits: config.upstream,
    metrics,
    logger,
    clock,
    dispatcher,
  })
  const info = toInfo(key, config)
  const verifik = createVerifik({ info, config, upstream, metrics, clock })
  return {
    info,
    paginationStyle: 'offset',
    lazyFields,
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId,
    pushdownFilters: toAppliedFilters,
    loadTickets: (refs, call) => loadTickets(verifik, refs, call),
    listTickets: (request, call) => listTickets(verifik, request, call),
    ...(capabilities.create && { createTicket: (input, call) => createTicket(verifik, input, call) }),
    ...(capabilities.update && { updateTicket: (ref, input, call) => updateTicket(verifik, ref, input, call) }),
    ...(capabilities.reply && { replyToTicket: (ref, input, call) => replyToTicket(verifik, ref, input, call) }),
    health: () => upstream.health(),
    close: () => upstream.close(),
  }
}

function toInfo(key: string, { label, capabilities }: VerifikConfig): SourceInfo {
  const actions: TicketAction[] = []
  if (capabilities.update) actions.push('UPDATE')
  if (capabilities.reply) actions.push('REPLY')
  const id = encodeId('source', key, '', key)
  return { id, key, system: 'verifik', label, mode: 'PULL', actions, canCreate: capabilities.create, filters }
}
