import { z } from 'zod'
import { bearerToken, sourceUrl } from '../../domain/config-values.ts'
import { budgetConfig } from '../budget/limits.ts'
import { deskCapabilities, priorityTable, statusTable } from '../dialect.ts'
import { upstreamConfig } from '../http-client/config.ts'
import { webhookSecrets } from '../webhook-signature.ts'
import { plans } from './limits.ts'

/** The configuration of one Intercom workspace, without the keys that every source has (`system`, `cache`). */
export const intercomConfig = z.strictObject({
  url: sourceUrl('use the key `token`').describe(
    'The API of the workspace’s region: https://api.intercom.io, https://api.eu.intercom.io or https://api.au.intercom.io.',
  ),
  token: bearerToken.describe('The access token of the app, which does not expire.'),
  actAsViewer: z
    .boolean()
    .default(true)
    .describe(
      'Writes as the viewer, where a teammate has the login of `identity.map` or the e-mail address. Others write as the account of the token.',
    ),
  timeoutMs: z.int().min(1).default(10_000).describe('How long one call may take, retries included, in milliseconds.'),
  label: z.string().min(1).default('Intercom').describe('The name of this source for people.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z
    .int()
    .min(1)
    .max(150)
    .default(50)
    .describe('The largest page that is requested. Intercom returns 150 tickets at most, each with its thread.'),
  concurrency: z.int().min(1).default(8).describe('How many tickets are read at once for one request.'),
  capabilities: deskCapabilities.prefault({}).describe('Switches off what this deployment does not have.'),
  statuses: statusTable(
    {},
    'Another state has the meaning of its category. Only for custom states, by their labels for teammates.',
  ),
  priorityField: z.string().min(1).optional().describe('The name of the list attribute of ticket types that has the priority.'),
  priorities: priorityTable({ Low: 'LOW', Medium: 'MEDIUM', Normal: 'MEDIUM', High: 'HIGH', Urgent: 'URGENT' }),
  snoozeHours: z.number().min(0.1).max(8760).default(24).describe('For how long a ticket is snoozed when it is set to ON_HOLD.'),
  webhookSecret: webhookSecrets
    .optional()
    .describe('The client secret of the app that sends to /webhooks/KEY. Absent: changes are found by polling alone.'),
  upstream: upstreamConfig.prefault({}),
  budget: budgetConfig(plans, 'app'),
})
export type IntercomConfig = z.infer<typeof intercomConfig>
