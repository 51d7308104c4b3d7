import { toSwitches } from '../dialect.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { bindMethods, deskOperations, deskUpdate, offeredMethods, type SourceTable, toSourceInfo } from '../source-table.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { type Account, createAccount } from './account.ts'
import { type ZendeskConfig, zendeskConfig } from './config.ts'
import { isZendeskId, type ZendeskTicket } from './decode.ts'
import { changesSince } from './export.ts'
import { createHintHandler } from './hints.ts'
import { plans, readLimits } from './limits.ts'
import { agents, createForm, customFieldDefinitions, groups, transferQueues } from './lookups.ts'
import { costlyFields, createMapping, isMerged, lazyFields, lazyLinkKinds } from './mapping.ts'
import * as mutations from './mutations.ts'
import { listTickets, loadSummaries, loadTickets, openFile, toPushdownFilters, uploadFile } from './queries.ts'

const lookups = { transferQueues, agents, groups, createForm, customFieldDefinitions }

/** What Zendesk Support can do, by its documents. */
export const zendeskTable = {
  fields: [
    ...([
      'number',
      'url',
      'title',
      'description',
      'sourceStatus',
      'statusOptions',
      'priority',
      'sourcePriority',
      'type',
    ] as const),
    ...([
      'channel',
      'origin',
      'queue',
      'queueKey',
      'tags',
      'assignee',
      'group',
      'followers',
      'organization',
      'createdBy',
    ] as const),
    ...(['customer', 'links', 'threads', 'attachments', 'customFields', 'slaTargets', 'satisfaction', 'dueAt'] as const),
    ...(['createdAt', 'updatedAt', 'deletedAt'] as const),
  ],
  operations: [
    ...deskOperations,
    ...(['TRANSFER', 'transferQueues', 'agents', 'groups', 'createForm', 'customFieldDefinitions'] as const),
  ],
  takes: {
    CREATE: ['queue', 'type', 'title', 'description', 'priority', 'tags', 'customer', 'customFields', 'attachments'],
    UPDATE: [...deskUpdate, 'ifUpdatedAt'],
    REPLY: ['format', 'attachments'],
    NOTE: ['format', 'attachments'],
    REASSIGN: ['assignee', 'group', 'unassign'],
  },
  filters: ['UPDATED'],
  // `public: false` is always sent, and the comment is read back: `replyToTicket`.
  notes: 'VERIFIED',
  attachments: 'UPLOAD',
  // `/tickets/count` is approximate.
  counts: null,
  live: 'POLLING',
} as const satisfies SourceTable

/** Zendesk Support: its REST API. A queue is a group. */
export const zendeskPlugin = definePlugin({
  system: 'zendesk',
  table: zendeskTable,
  config: zendeskConfig,
  toInfo,
  create(config, deps) {
    const source = createZendeskSource(config, deps)
    const { webhookSecret } = config
    return { source, webhook: null, hints: webhookSecret === undefined ? null : createHintHandler(source.info, webhookSecret) }
  },
})

/** What every operation of one Zendesk works with. */
export interface Zendesk extends VendorApi<ZendeskConfig, ZendeskTicket> {
  readonly account: Account
}

export function createZendeskSource(config: ZendeskConfig, deps: VendorDeps): TicketSource {
  const info = toInfo(deps.key, config)
  const api = createVendorApi({
    ...{ info, config, deps, mapping: createMapping(config) },
    ...(config.email !== undefined && { credentials: toApiToken(config.email, config.token) }),
    budget: { plans, readLimits },
    ...(config.actAsViewer && { identityHeader: 'x-on-behalf-of' }),
  })
  const account = createAccount({
    ...{ info, upstream: api.upstream, usesApiToken: config.email !== undefined },
    needsAdmin: config.actAsViewer ? '`actAsViewer`' : 'the export that tells of deleted tickets',
  })
  const zendesk: Zendesk = { ...api, account }
  return {
    info,
    paginationStyle: 'cursor',
    lazyFields,
    costlyFields,
    lazyLinkKinds,
    maxPageSize: config.pageSize,
    tenant: config.tenant,
    isExternalId: isZendeskId,
    pushdownFilters: toPushdownFilters,
    ...bindMethods(zendesk, { loadSummaries, loadTickets, listTickets, changesSince, openFile, uploadFile }),
    ...offeredMethods(info, bindMethods(zendesk, { ...mutations, ...lookups })),
    // A closed ticket stays as it is, and of a merge the other ticket is the one to act on (ZENDESK-09).
    suitsState: (_, { status, tags }) => (status === 'CLOSED' || isMerged({ tags: tags ?? [] }) ? false : undefined),
    checkAccount: () => account.warnings(),
    health: () => account.health(),
    close: () => api.upstream.close(),
  }
}

/** An older API token goes with the address of its account. */
function toApiToken(email: string, token = '') {
  return { authorization: `Basic ${Buffer.from(`${email}/token:${token}`).toString('base64')}` }
}

function toInfo(key: string, { label, capabilities }: ZendeskConfig): SourceInfo {
  return toSourceInfo({ key, system: 'zendesk', label, mode: 'PULL', switches: toSwitches(capabilities) }, zendeskTable)
}
