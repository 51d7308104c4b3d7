import { randomUUID } from 'node:crypto'
import type { Clock } from '../../domain/clock.ts'
import { anonymous } from '../../domain/permissions.ts'
import { toSwitches } from '../dialect.ts'
import { toFilterMethods } from '../filter-table.ts'
import type { LoginOf } from '../identity-map.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { bindMethods, deskOperations, offeredMethods, type SourceTable, toSourceInfo } from '../source-table.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { type IntercomConfig, intercomConfig } from './config.ts'
import { type IntercomTicket, isIntercomId } from './decode.ts'
import { createHintHandler } from './hints.ts'
import { plans, readLimits } from './limits.ts'
import { agents, checkAccount, createForm, customFieldDefinitions, groups, transferQueues } from './lookups.ts'
import { costlyFields, createMapping, lazyFields } from './mapping.ts'
import * as mutations from './mutations.ts'
import { countTickets, listTickets, loadTickets, openFile } from './queries.ts'
import { replyToTicket } from './replies.ts'
import { createFilters, sorts } from './search.ts'

/** What Intercom tickets can do, by the document of version 2.14. */
export const intercomTable = {
  fields: [
    ...(['number', 'title', 'description', 'sourceStatus', 'statusOptions', 'priority', 'sourcePriority', 'category'] as const),
    ...(['type', 'queue', 'queueKey', 'assignee', 'group', 'followers', 'organization', 'customer', 'links', 'threads'] as const),
    ...(['attachments', 'customFields', 'createdAt', 'updatedAt'] as const),
  ],
  operations: [
    ...deskOperations,
    ...(['TRANSFER', 'transferQueues', 'agents', 'groups', 'createForm', 'customFieldDefinitions'] as const),
  ],
  takes: {
    CREATE: ['queue', 'type', 'title', 'description', 'priority', 'customer', 'customFields'],
    UPDATE: [
      ...(['title', 'description', 'priority', 'status', 'statusOption', 'addTags', 'removeTags'] as const),
      ...(['customFields', 'ifUpdatedAt'] as const),
    ],
    REPLY: ['attachments'],
    NOTE: ['format', 'attachments'],
    REASSIGN: ['assignee', 'group', 'unassign'],
  },
  filters: ['ASSIGNEE', 'CATEGORY'],
  // A note is a kind of message of its own, and it is read back: `replyToTicket`.
  notes: 'VERIFIED',
  // Addresses of images alone.
  attachments: 'URL',
  // A list of ticket types, of teammates and of teams, and the search.
  counts: { by: ['SOURCE'], callsPerCount: 4 },
  live: 'POLLING',
} as const satisfies SourceTable

/** Intercom: its REST API, version 2.14. A queue is a team. */
export const intercomPlugin = definePlugin({
  system: 'intercom',
  table: intercomTable,
  config: intercomConfig,
  toInfo,
  create(config, deps) {
    const source = createIntercomSource(config, deps)
    const { webhookSecret } = config
    return { source, webhook: null, hints: webhookSecret === undefined ? null : createHintHandler(source.info, webhookSecret) }
  },
})

/** What every operation of one workspace works with. */
export interface Intercom extends VendorApi<IntercomConfig, IntercomTicket> {
  readonly clock: Clock
  readonly loginOf: LoginOf
}

export function createIntercomSource(config: IntercomConfig, deps: VendorDeps): TicketSource {
  const info = toInfo(deps.key, config)
  const api = createVendorApi({
    ...{ info, config, deps, mapping: createMapping(config), budget: { plans, readLimits } },
    // Another version has other fields: the app's own is not relied on.
    credentials: { authorization: `Bearer ${config.token}`, 'intercom-version': '2.14' },
  })
  const intercom: Intercom = { ...api, clock: deps.clock, loginOf: deps.loginOf }
  return {
    info,
    paginationStyle: 'cursor',
    lazyFields,
    costlyFields,
    // A search sees a change late.
    listLagMs: 2 * 60_000,
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId: isIntercomId,
    ...toFilterMethods(createFilters(config)),
    sorts,
    ...bindMethods(intercom, { loadTickets, listTickets, countTickets, openFile }),
    ...offeredMethods(
      info,
      bindMethods(intercom, { ...mutations, replyToTicket, agents, groups, transferQueues, createForm, customFieldDefinitions }),
    ),
    checkAccount: () =>
      checkAccount(intercom, { viewer: anonymous, requestId: randomUUID(), signal: new AbortController().signal }),
    health: () => api.upstream.health(),
    close: () => api.upstream.close(),
  }
}

function toInfo(key: string, { label, capabilities }: IntercomConfig): SourceInfo {
  return toSourceInfo({ key, system: 'intercom', label, mode: 'PULL', switches: toSwitches(capabilities) }, intercomTable)
}
