import { toSwitches } from '../dialect.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { bindMethods, offeredMethods, type SourceTable, toSourceInfo } from '../source-table.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { type FreshdeskConfig, freshdeskConfig } from './config.ts'
import { type FreshdeskTicket, isFreshdeskId } from './decode.ts'
import { createHintHandler } from './hints.ts'
import { plans, readLimits } from './limits.ts'
import { changesSince, listTickets, sorts, toNarrowingFilters, toPushdownFilters } from './listing.ts'
import { agents, checkAccount, createForm, customFieldDefinitions, groups, transferQueues } from './lookups.ts'
import { costlyFields, createMapping, lazyFields, lazyLinkKinds, listedFields } from './mapping.ts'
import * as mutations from './mutations.ts'
import { loadTickets, openFile } from './queries.ts'

const lookups = { transferQueues, agents, groups, createForm, customFieldDefinitions }

/** What Freshdesk can do, by its documents. */
export const freshdeskTable = {
  fields: [
    ...(['number', 'url', 'title', 'description', 'sourceStatus', 'statusChangedAt', 'statusOptions', 'priority'] as const),
    ...(['sourcePriority', 'type', 'channel', 'origin', 'queue', 'queueKey', 'tags', 'assignee', 'group'] as const),
    ...(['followers', 'organization', 'customer', 'links', 'threads', 'attachments', 'customFields'] as const),
    ...(['slaTargets', 'satisfaction', 'dueAt', 'createdAt', 'updatedAt', 'resolvedAt', 'deletedAt'] as const),
  ],
  operations: [
    ...(['CREATE', 'UPDATE', 'REPLY', 'NOTE', 'CLOSE', 'REOPEN', 'REASSIGN', 'TRANSFER'] as const),
    ...(['transferQueues', 'agents', 'groups', 'createForm', 'customFieldDefinitions'] as const),
  ],
  takes: {
    CREATE: ['queue', 'type', 'title', 'description', 'priority', 'tags', 'customer', 'customFields', 'attachments'],
    UPDATE: [
      ...(['title', 'description', 'priority', 'status', 'statusOption'] as const),
      ...(['tags', 'addTags', 'removeTags', 'customFields', 'ifUpdatedAt'] as const),
    ],
    REPLY: ['format', 'attachments'],
    NOTE: ['format', 'attachments'],
    REASSIGN: ['assignee', 'group', 'unassign'],
  },
  filters: ['UPDATED', 'CUSTOMER', 'CUSTOMER_EMAIL', 'CREATED'],
  // `private: true` is always sent, and the note is read back: `replyToTicket`.
  notes: 'VERIFIED',
  attachments: 'UPLOAD',
  // The search tells totals, minutes late (FRESHDESK-11).
  counts: null,
  live: 'POLLING',
} as const satisfies SourceTable

/** Freshdesk: its REST API, version 2. A queue is a group. */
export const freshdeskPlugin = definePlugin({
  system: 'freshdesk',
  table: freshdeskTable,
  config: freshdeskConfig,
  toInfo,
  create(config, deps) {
    const source = createFreshdeskSource(config, deps)
    const { webhookSecret } = config
    return { source, webhook: null, hints: webhookSecret === undefined ? null : createHintHandler(source.info, webhookSecret) }
  },
})

/** What every operation of one Freshdesk works with. */
export type Freshdesk = VendorApi<FreshdeskConfig, FreshdeskTicket>

export function createFreshdeskSource(config: FreshdeskConfig, deps: VendorDeps): TicketSource {
  const info = toInfo(deps.key, config)
  const freshdesk: Freshdesk = createVendorApi({
    ...{ info, config, deps, mapping: createMapping(config), budget: { plans, readLimits } },
    // The key is the name, and any text the password.
    credentials: { authorization: `Basic ${Buffer.from(`${config.token}:X`).toString('base64')}` },
  })
  return {
    info,
    paginationStyle: 'cursor',
    lazyFields,
    costlyFields,
    listedFields,
    lazyLinkKinds,
    // Rules of the account may change a ticket late, and lists may show it later still.
    listLagMs: 2 * 60_000,
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId: isFreshdeskId,
    pushdownFilters: toPushdownFilters,
    narrowingFilters: toNarrowingFilters,
    sorts,
    attachesFiles: true,
    ...bindMethods(freshdesk, { loadTickets, listTickets, changesSince, openFile }),
    ...offeredMethods(info, bindMethods(freshdesk, { ...mutations, ...lookups })),
    // An archived ticket stays as it is (FRESHDESK-07). `statusOptions` of such a ticket are empty.
    suitsState: (_, { statusOptions }) => (statusOptions?.length === 0 ? false : undefined),
    checkAccount: () => checkAccount(freshdesk),
    health: () => freshdesk.upstream.health(),
    close: () => freshdesk.upstream.close(),
  }
}

function toInfo(key: string, { label, capabilities }: FreshdeskConfig): SourceInfo {
  return toSourceInfo({ key, system: 'freshdesk', label, mode: 'PULL', switches: toSwitches(capabilities) }, freshdeskTable)
}
