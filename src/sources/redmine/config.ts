import { z } from 'zod'
import { bearerToken, sourceUrl } from '../../domain/config-values.ts'
import { ownBudgetConfig } from '../budget/limits.ts'
import { deskCapabilities, fieldsOfModel, fieldTypeTable, priorityTable, statusTable } from '../dialect.ts'
import { upstreamOfSmallServer } from '../http-client/config.ts'

const usualStatuses = {
  New: 'NEW',
  'In Progress': 'IN_PROGRESS',
  Resolved: 'RESOLVED',
  Feedback: 'PENDING',
  Closed: 'CLOSED',
  Rejected: 'CANCELLED',
} as const
const usualPriorities = { Low: 'LOW', Normal: 'MEDIUM', High: 'HIGH', Urgent: 'URGENT', Immediate: 'URGENT' } as const

/** The words of one installation. Administrators of Redmine choose them all. */
const dialect = z.strictObject({
  statuses: statusTable(usualStatuses, 'Another status is CLOSED where Redmine counts it as closed, else OPEN.'),
  priorities: priorityTable(usualPriorities),
  ...fieldsOfModel,
  customFieldTypes: fieldTypeTable(
    'The types of custom fields by their names. Redmine shows them to administrators only. Default: TEXT, and CHOICES for lists.',
  ),
  groups: z
    .array(z.string().min(1))
    .default([])
    .describe('The names of groups that have tickets. Redmine does not tell a group from a user.'),
  textFormat: z
    .enum(['textile', 'markdown'])
    .default('textile')
    .describe('How notes are written ("Text formatting" of the settings).'),
})

// One Redmine process answers one request at a time: with more at once the slowest wait longer, and none is answered sooner.
const upstream = upstreamOfSmallServer({ connections: 4, pipelining: 1, concurrentReads: 4, concurrentWrites: 2 })

/** The configuration of one Redmine, without the keys that every source has (`system`, `cache`). */
export const redmineConfig = z.strictObject({
  url: sourceUrl('use the key `token`').describe('The base URL, with the path under which Redmine runs.'),
  token: bearerToken.describe('The API key of the account of the gateway.'),
  actAsViewer: z
    .boolean()
    .default(false)
    .describe(
      'Acts as the viewer, by the login of `identity.map` (X-Redmine-Switch-User). The key has to be an administrator’s.',
    ),
  timeoutMs: z.int().min(1).default(5000).describe('How long one call may take, retries included, in milliseconds.'),
  label: z.string().min(1).default('Redmine').describe('The name of this source for people.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z.int().min(1).max(100).default(100).describe('The largest page that is requested. Redmine returns 100 at most.'),
  concurrency: z.int().min(1).default(2).describe('How many tickets are read at once for one request: lists omit details.'),
  capabilities: deskCapabilities.prefault({}).describe('Switches off what this deployment does not have.'),
  dialect: dialect.prefault({}).describe('The words of this installation.'),
  upstream: upstream.prefault({}).describe('The HTTP client in front of this source. Raise it with the processes of Redmine.'),
  budget: ownBudgetConfig(),
})
export type RedmineConfig = z.infer<typeof redmineConfig>
export type RedmineDialect = RedmineConfig['dialect']
