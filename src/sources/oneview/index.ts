import type { Dispatcher } from 'undici'
import type { Clock } from '../../domain/clock.ts'
import { encodeId } from '../../domain/ids.ts'
import type { Logger, Metrics } from '../../domain/telemetry.ts'
import type { TicketAction } from '../../domain/ticket.ts'
import { createHttpClient } from '../http-client/http-client.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { type OneViewConfig, oneViewConfig } from './config.ts'
import { createOneView, type OneView } from './context.ts'
import { isExternalId } from './external-id.ts'
import { contactReasons, escalationDepartments, resolutionStatuses, transferQueues } from './lookups.ts'
import { closeTicket, escalateTicket, reassignTicket, transferTicket } from './mutations.ts'
import { listTickets, loadTickets } from './queries.ts'
import { updateTicket } from './update.ts'

/** Delivery Hero OneView: its ticket-detail API is asked for tickets. */
export const oneViewPlugin = definePlugin({
  system: 'oneview',
  config: oneViewConfig,
  create: (config, deps) => ({ source: createOneViewSource({ ...deps, config }), webhook: null }),
})

export interface OneViewDeps {
  readonly key: string
  readonly config: OneViewConfig
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** In place of connections of its own, for tests. */
  readonly dispatcher?: Dispatcher | undefined
}

/** Delivery Hero OneView ticket-detail as a source of tickets. */
export function createOneViewSource(deps: OneViewDeps): TicketSource {
  const { key, config, metrics, logger, clock, dispatcher } = deps
  const upstream = createHttpClient({
    sourceKey: key,
    label: config.label,
    baseUrl: config.url,
    timeoutMs: config.timeoutMs,
    headers: { authorization: `Bearer ${config.token}` },
    identityHeader: 'x-agent-user-id',
    limits: config.upstream,
    metrics,
    logger,
    clock,
    dispatcher,
  })
  const info = toInfo(key, config)
  const oneView = createOneView({ info, config, upstream, metrics, clock })
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
    health: () => upstream.health(),
    close: () => upstream.close(),
  }
}

function toInfo(key: string, config: OneViewConfig): SourceInfo {
  const { update, close, reassign, transfer } = config.capabilities
  const able: [boolean, TicketAction][] = [
    [update, 'UPDATE'],
    [canEscalate(config), 'ESCALATE'],
    [close, 'CLOSE'],
    [reassign, 'REASSIGN'],
    [transfer, 'TRANSFER'],
  ]
  const actions = able.filter(([is]) => is).map(([, action]) => action)
  return {
    id: encodeId('source', key, '', key),
    key,
    system: 'oneview',
    label: config.label,
    mode: 'PULL',
    actions,
    canCreate: false,
    filters: [],
  }
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
