import { toSwitches } from '../dialect.ts'
import { toFilterMethods } from '../filter-table.ts'
import type { SourceInfo, TicketSource } from '../source.ts'
import { definePlugin } from '../source-plugin.ts'
import { bindMethods, deskOperations, deskUpdate, offeredMethods, type SourceTable, toSourceInfo } from '../source-table.ts'
import { createVendorApi, type VendorApi, type VendorDeps } from '../vendor-api.ts'
import { type JiraConfig, jiraConfig } from './config.ts'
import { isIssueId, type JiraIssue } from './decode.ts'
import { createHintHandler } from './hints.ts'
import { createFilters, toPositionAt, writePosition } from './jql.ts'
import { plans, readLimits } from './limits.ts'
import { agents, createForm, customFieldDefinitions, resolutionStatuses, transferQueues } from './lookups.ts'
import { createMapping, lazyFields } from './mapping.ts'
import { createTicket, reassignTicket, replyToTicket, updateTicket } from './mutations.ts'
import { countTickets, listTickets, loadSummaries } from './queries.ts'
import { externalIdsOf, loadTickets, openFile, uploadFile } from './requests.ts'
import { checkAccount, logAccount } from './site.ts'
import { closeTicket, reopenTicket } from './transitions.ts'

/** What Jira Service Management Cloud can do, by its documents. */
export const jiraTable = {
  fields: [
    ...(['number', 'url', 'title', 'description', 'sourceStatus', 'statusChangedAt', 'statusOptions', 'priority'] as const),
    ...(['sourcePriority', 'category', 'type', 'channel', 'queue', 'queueKey', 'tags', 'assignee', 'followers'] as const),
    ...(['organization', 'customer', 'links', 'threads', 'attachments', 'customFields', 'resolution', 'satisfaction'] as const),
    ...(['slaTargets', 'dueAt', 'createdAt', 'updatedAt', 'resolvedAt'] as const),
  ],
  operations: [
    ...deskOperations,
    ...(['transferQueues', 'resolutionStatuses', 'agents', 'createForm', 'customFieldDefinitions'] as const),
  ],
  takes: {
    CREATE: ['queue', 'type', 'title', 'description', 'priority', 'customer', 'customFields'],
    UPDATE: [...deskUpdate, 'description', 'ifUpdatedAt'],
    REPLY: ['attachments'],
    NOTE: ['attachments'],
    CLOSE: ['resolutionStatus'],
    REASSIGN: ['assignee', 'unassign'],
  },
  filters: ['STATUS', 'PRIORITY', 'CUSTOMER', 'ASSIGNEE'],
  // Its people are account ids.
  takesIdentityClaim: false,
  // The account is proven to be an agent before, and the comment is read after: `replyToTicket`.
  notes: 'VERIFIED',
  attachments: 'UPLOAD',
  // One estimate for each of ten statuses, and three lists of the site.
  counts: { by: ['SOURCE', 'STATUS', 'PRIORITY'], callsPerCount: 14 },
  live: 'POLLING',
} as const satisfies SourceTable

/** Jira Service Management Cloud: its platform and service desk APIs. A ticket is an issue of a service project. */
export const jiraPlugin = definePlugin({
  system: 'jira',
  table: jiraTable,
  config: jiraConfig,
  toInfo,
  create(config, deps) {
    const { source, jira } = createJira(config, deps)
    logAccount(jira, deps.logger)
    const { webhookSecret: secrets = [], oauth } = config
    const clientSecrets = oauth ? [oauth.clientSecret] : []
    const isHinted = secrets.length + clientSecrets.length > 0
    const hints = isHinted ? createHintHandler(source.info, { secrets, clientSecrets, clock: deps.clock }) : null
    return { source, webhook: null, hints }
  },
})

/** What every operation of one Jira works with. */
export interface Jira extends VendorApi<JiraConfig, JiraIssue> {
  /** Remembers that the gateway has changed an issue. */
  noteWritten(id: string): void
  /** The issues that it changed last, as numbers: a search that names them sees these changes (JIRA-05). */
  writtenIds(): readonly number[]
}

export function createJiraSource(config: JiraConfig, deps: VendorDeps): TicketSource {
  return createJira(config, deps).source
}

function createJira(config: JiraConfig, deps: VendorDeps): { readonly source: TicketSource; readonly jira: Jira } {
  const info = toInfo(deps.key, config)
  const { email, token } = config
  const api = createVendorApi({
    ...{ info, config, deps, mapping: createMapping(config), budget: { plans, readLimits } },
    ...(email !== undefined && {
      credentials: { authorization: `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}` },
    }),
  })
  const jira: Jira = { ...api, ...createWrittenIds(deps) }
  return { jira, source: toSource(jira) }
}

function toSource(jira: Jira): TicketSource {
  const { info, config } = jira
  return {
    info,
    paginationStyle: 'keyset',
    lazyFields,
    costlyFields: lazyFields,
    // A search sees a change late (JIRA-05).
    listLagMs: 5 * 60_000,
    maxPageSize: config.pageSize - 1,
    tenant: config.tenant,
    isExternalId: isIssueId,
    ...toFilterMethods(createFilters(config.dialect)),
    toPosition: (point, order) => writePosition(toPositionAt(point, order)),
    ...bindMethods(jira, { externalIdsOf, loadTickets, loadSummaries, listTickets, countTickets, openFile, uploadFile }),
    ...offeredMethods(
      info,
      bindMethods(jira, {
        ...{ createTicket, updateTicket, replyToTicket, closeTicket, reopenTicket, reassignTicket },
        ...{ transferQueues, resolutionStatuses, agents, createForm, customFieldDefinitions },
      }),
    ),
    checkAccount: () => checkAccount(jira),
    health: () => jira.upstream.health(),
    close: () => jira.upstream.close(),
  }
}

/** Jira takes 50 issues at most. A search sees a change after some minutes at the latest. */
const [maxReconciled, reconciledMs] = [50, 10 * 60_000]

function createWrittenIds({ clock }: Pick<VendorDeps, 'clock'>): Pick<Jira, 'noteWritten' | 'writtenIds'> {
  const times = new Map<string, number>()
  return {
    noteWritten(id) {
      times.delete(id)
      times.set(id, clock())
      for (const oldest of [...times.keys()].slice(0, -maxReconciled)) times.delete(oldest)
    },
    writtenIds: () => [...times].filter(([, at]) => clock() - at < reconciledMs).map(([id]) => Number(id)),
  }
}

function toInfo(key: string, { label, capabilities }: JiraConfig): SourceInfo {
  const { create, update, close } = capabilities
  const switches = {
    ...toSwitches({ ...capabilities, transfer: create }),
    ...{ resolutionStatuses: close, customFieldDefinitions: create || update },
  }
  return toSourceInfo({ key, system: 'jira', label, mode: 'PULL', switches }, jiraTable)
}
