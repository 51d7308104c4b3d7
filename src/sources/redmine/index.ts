import { toSwitches } from '../dialect.ts'
import { toFilterMethods } from '../filter-table.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { bindMethods, deskOperations, deskUpdate, offeredMethods, type SourceTable, toSourceInfo } from '../source-table.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { type RedmineConfig, redmineConfig } from './config.ts'
import { isIssueId, type RedmineIssue } from './decode.ts'
import { agents, createForm, customFieldDefinitions, groups, transferQueues } from './lookups.ts'
import { createMapping, lazyFields } from './mapping.ts'
import * as mutations from './mutations.ts'
import { countTickets, createFilters, listTickets, loadSummaries, loadTickets, openFile, sorts, uploadFile } from './queries.ts'

/** What Redmine can do, as measured with Redmine 5.0. */
export const redmineTable = {
  fields: [
    ...(['number', 'url', 'title', 'description', 'sourceStatus', 'statusOptions', 'priority', 'sourcePriority'] as const),
    ...(['category', 'type', 'channel', 'queue', 'queueKey', 'tags', 'assignee', 'group', 'followers', 'customer'] as const),
    ...(['links', 'threads', 'attachments', 'customFields', 'dueAt', 'createdAt', 'updatedAt', 'resolvedAt'] as const),
  ],
  operations: [
    ...deskOperations,
    ...(['TRANSFER', 'transferQueues', 'agents', 'groups', 'createForm', 'customFieldDefinitions'] as const),
  ],
  takes: {
    CREATE: ['queue', 'type', 'title', 'description', 'priority', 'category', 'customFields', 'attachments'],
    // Not NOTE: Redmine shows the files of a private note to all who see the issue (REDMINE-13).
    REPLY: ['attachments'],
    UPDATE: [...deskUpdate, 'description', 'category'],
    REASSIGN: ['assignee', 'group', 'unassign'],
  },
  filters: ['STATUS', 'PRIORITY', 'CUSTOMER'],
  takesIdentityClaim: false,
  // The right is read before, and the note after: `replyToTicket`.
  notes: 'VERIFIED',
  attachments: 'UPLOAD',
  // One page for each of ten values at most, and the lists of statuses and priorities.
  counts: { by: ['SOURCE', 'STATUS', 'PRIORITY'], callsPerCount: 12 },
  live: 'POLLING',
} as const satisfies SourceTable

/** Redmine: its REST API. A ticket is an issue, and a queue is a project. */
export const redminePlugin = definePlugin({
  system: 'redmine',
  table: redmineTable,
  config: redmineConfig,
  toInfo,
  create: (config, deps) => ({ source: createRedmineSource(config, deps), webhook: null }),
})

/** What every operation of one Redmine works with. */
export type Redmine = VendorApi<RedmineConfig, RedmineIssue>

export function createRedmineSource(config: RedmineConfig, deps: VendorDeps): TicketSource {
  const info = toInfo(deps.key, config)
  const redmine: Redmine = createVendorApi({
    ...{ info, config, deps, mapping: createMapping(config) },
    credentials: { 'x-redmine-api-key': config.token },
    ...(config.actAsViewer && { identityHeader: 'x-redmine-switch-user' }),
  })
  return {
    info,
    paginationStyle: 'offset',
    lazyFields,
    lazyLinkKinds: ['CHILD'],
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId: isIssueId,
    ...toFilterMethods(createFilters(config.dialect)),
    sorts,
    ...bindMethods(redmine, { loadTickets, loadSummaries, listTickets, countTickets, openFile, uploadFile }),
    ...offeredMethods(
      info,
      bindMethods(redmine, { ...mutations, transferQueues, agents, groups, createForm, customFieldDefinitions }),
    ),
    health: () => redmine.upstream.health(),
    close: () => redmine.upstream.close(),
  }
}

function toInfo(key: string, { label, capabilities }: RedmineConfig): SourceInfo {
  return toSourceInfo({ key, system: 'redmine', label, mode: 'PULL', switches: toSwitches(capabilities) }, redmineTable)
}
