import type { Viewer } from '../../domain/call.ts'
import { toSwitches } from '../dialect.ts'
import { type FilterTable, toFilterMethods } from '../filter-table.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { bindMethods, deskOperations, deskUpdate, offeredMethods, type SourceTable, toSourceInfo } from '../source-table.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { type RtConfig, rtConfig } from './config.ts'
import { isTicketId, type RtTicket } from './decode.ts'
import { agents, createForm, customFieldDefinitions, transferQueues } from './lookups.ts'
import { costlyFields, createMapping, lazyFields, listedFields } from './mapping.ts'
import * as mutations from './mutations.ts'
import { countTickets, listTickets, loadSummaries, loadTickets, openFile } from './queries.ts'
import { createFilters, type RtSearch, toPositionAt, writePosition } from './ticket-sql.ts'

const lookups = ['transferQueues', 'agents', 'createForm', 'customFieldDefinitions'] as const

/** What RT can do, as measured with RT 5.0. */
export const rtTable = {
  fields: [
    ...(['number', 'url', 'title', 'description', 'sourceStatus', 'statusOptions', 'priority', 'sourcePriority'] as const),
    ...(['category', 'channel', 'queue', 'queueKey', 'tags', 'assignee', 'followers', 'customer', 'links', 'threads'] as const),
    ...(['attachments', 'customFields', 'dueAt', 'createdAt', 'updatedAt', 'resolvedAt', 'deletedAt'] as const),
  ],
  operations: [...deskOperations, 'TRANSFER', ...lookups],
  takes: {
    CREATE: ['queue', 'title', 'description', 'priority', 'customer', 'customFields', 'attachments'],
    UPDATE: [...deskUpdate, 'ifUpdatedAt'],
    REPLY: ['format', 'attachments'],
    NOTE: ['format', 'attachments'],
    REASSIGN: ['assignee', 'unassign'],
  },
  filters: ['STATUS', 'PRIORITY', 'CATEGORY', 'ASSIGNEE', 'CREATED', 'UPDATED'],
  // A comment is never shown to customers, and is read back: `replyToTicket`.
  notes: 'VERIFIED',
  attachments: 'UPLOAD',
  // A page for each status, of which the graph has ten.
  counts: { by: ['SOURCE', 'STATUS', 'PRIORITY'], callsPerCount: 10 },
  live: 'POLLING',
} as const satisfies SourceTable

/** Request Tracker: its REST 2.0 and TicketSQL. */
export const rtPlugin = definePlugin({
  system: 'rt',
  table: rtTable,
  config: rtConfig,
  toInfo,
  create: (config, deps) => ({ source: createRtSource(config, deps), webhook: null }),
})

/** What every operation of one RT works with. */
export interface Rt extends VendorApi<RtConfig, RtTicket> {
  /** The token as whose account the viewer acts. */
  tokenOf(viewer: Viewer): string
  readonly filters: FilterTable<RtSearch>
}

export function createRtSource(config: RtConfig, deps: VendorDeps): TicketSource {
  const info = toInfo(deps.key, config)
  const viewerTokens = new Map(Object.entries(config.viewerTokens))
  const tokenOf = (viewer: Viewer) => viewerTokens.get(deps.loginOf(viewer) ?? '') ?? config.token
  const api = createVendorApi({
    ...{ info, config, mapping: createMapping(config) },
    // The token says who acts, so that it is the identity that the client sends.
    deps: { ...deps, loginOf: (viewer) => `token ${tokenOf(viewer)}` },
    identityHeader: 'authorization',
    credentials: {},
  })
  const rt: Rt = { ...api, tokenOf, filters: createFilters(config.dialect) }
  return {
    info,
    paginationStyle: 'keyset',
    lazyFields,
    costlyFields,
    listedFields,
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId: isTicketId,
    attachesFiles: true,
    ...toFilterMethods(rt.filters),
    ...bindMethods(rt, { loadTickets, loadSummaries, listTickets, countTickets, openFile }),
    toPosition: (point, order) => writePosition(toPositionAt(point, order, config.dialect)),
    ...offeredMethods(info, bindMethods(rt, { ...mutations, transferQueues, agents, createForm, customFieldDefinitions })),
    // The other ticket of a merge is the one to act on.
    suitsState: (_, ticket) => (ticket.links?.some(({ kind }) => kind === 'MERGED_INTO') ? false : undefined),
    health: () => rt.upstream.health(),
    close: () => rt.upstream.close(),
  }
}

function toInfo(key: string, { label, capabilities, agentGroups }: RtConfig): SourceInfo {
  const { create, update, reassign, transfer } = capabilities
  const switches = {
    ...toSwitches(capabilities),
    ...{
      agents: reassign && agentGroups.length > 0,
      transferQueues: transfer || create,
      customFieldDefinitions: create || update,
    },
  }
  return toSourceInfo({ key, system: 'rt', label, mode: 'PULL', switches }, rtTable)
}
