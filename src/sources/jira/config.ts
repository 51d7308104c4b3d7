import { z } from 'zod'
import { bearerToken, headerValue, sourceUrl } from '../../domain/config-values.ts'
import { budgetConfig } from '../budget/limits.ts'
import { oauthConfig } from '../credentials/config.ts'
import { deskCapabilities, fieldsOfModel, priorityTable, statusTable } from '../dialect.ts'
import { upstreamConfig } from '../http-client/config.ts'
import { webhookSecrets } from '../webhook-signature.ts'
import { plans } from './limits.ts'

const usualStatuses = {
  ...({ Open: 'OPEN', Reopened: 'OPEN', 'Waiting for support': 'OPEN', 'In Progress': 'IN_PROGRESS' } as const),
  ...({ 'Waiting for customer': 'PENDING', Pending: 'PENDING', Escalated: 'ESCALATED', 'On Hold': 'ON_HOLD' } as const),
  ...({ Resolved: 'RESOLVED', Closed: 'CLOSED', Canceled: 'CANCELLED', Cancelled: 'CANCELLED', Declined: 'CANCELLED' } as const),
}
const usualPriorities = {
  ...({ Lowest: 'LOW', Low: 'LOW', Medium: 'MEDIUM', High: 'HIGH', Highest: 'URGENT' } as const),
  ...({ Minor: 'LOW', Major: 'HIGH', Critical: 'URGENT', Blocker: 'URGENT' } as const),
}

/** The words of one site. Administrators of Jira choose them all, and each language has others. */
const dialect = z.strictObject({
  statuses: statusTable(
    usualStatuses,
    'Another status is judged by its category: NEW for "to do", IN_PROGRESS for "in progress", and for "done" RESOLVED, or CLOSED without a resolution.',
  ),
  priorities: priorityTable(usualPriorities),
  channelField: fieldsOfModel.channelField,
})

const { close: _, transfer: __, ...switches } = deskCapabilities.shape

const block = z.strictObject({
  url: sourceUrl('use the keys `email` and `token`').describe(
    'The site, https://SITE.atlassian.net, for a classic API token; https://api.atlassian.com/ex/jira/CLOUD-ID for a token with scopes or OAuth.',
  ),
  siteUrl: sourceUrl('remove them')
    .optional()
    .describe('The site, for links that people follow. Only needed where `url` is api.atlassian.com.'),
  email: headerValue
    .optional()
    .describe('The e-mail address of the account that the API token belongs to. Absent: the token is sent as a bearer token.'),
  token: bearerToken
    .optional()
    .describe('In place of `oauth`: the API token of the account of the gateway. Atlassian ends it after a year at most.'),
  oauth: oauthConfig.optional(),
  webhookSecret: webhookSecrets
    .optional()
    .describe(
      'The secret of the webhook that an administrator made in Jira. Webhooks of an app are verified by `oauth.clientSecret`.',
    ),
  projects: z
    .array(z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'this is not the key of a project, such as DESK'))
    .default([])
    .describe('The keys of the service projects that are read. Default: all that the account sees.'),
  timeoutMs: z.int().min(1).default(10_000).describe('How long one call may take, retries included, in milliseconds.'),
  label: z.string().min(1).default('Jira').describe('The name of this source for people.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z.int().min(2).max(100).default(100).describe('The largest page that is requested.'),
  concurrency: z.int().min(1).default(8).describe('How many tickets are read at once for one request: lists omit details.'),
  capabilities: z
    .strictObject({ ...switches, close: deskCapabilities.shape.close })
    .prefault({})
    .describe('Switches off what this deployment does not have.'),
  dialect: dialect.prefault({}).describe('The words of this site.'),
  upstream: upstreamConfig.prefault({}),
  budget: budgetConfig(plans, 'cloud'),
})

/** The configuration of one Jira Service Management site, without the keys that every source has (`system`, `cache`). */
export const jiraConfig = block
  .refine(({ token, oauth }) => (token === undefined) !== (oauth === undefined), {
    path: ['oauth'],
    message: 'write one of `oauth` and `token`',
  })
  .refine(({ token, email }) => email === undefined || token !== undefined, {
    path: ['email'],
    message: 'an e-mail address goes with an API token: write it in `token`',
  })
export type JiraConfig = z.infer<typeof jiraConfig>
export type JiraDialect = JiraConfig['dialect']
