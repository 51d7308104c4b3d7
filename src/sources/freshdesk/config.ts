import { z } from 'zod'
import { bearerToken, sourceUrl } from '../../domain/config-values.ts'
import { budgetConfig } from '../budget/limits.ts'
import { deskCapabilities, statusTable } from '../dialect.ts'
import { upstreamConfig } from '../http-client/config.ts'
import { webhookSecrets } from '../webhook-signature.ts'
import { plans } from './limits.ts'

/** The statuses that an account has beside the four of the system, until an administrator changes them. */
const usualStatuses = { 'Waiting on Customer': 'PENDING', 'Waiting on Third Party': 'ON_HOLD' } as const

/** The configuration of one Freshdesk, without the keys that every source has (`system`, `cache`). */
export const freshdeskConfig = z.strictObject({
  url: sourceUrl('use the key `token`').describe('The address of the account: https://COMPANY.freshdesk.com.'),
  token: bearerToken.describe('The API key of the agent who acts for the gateway. It never ends by itself.'),
  timeoutMs: z.int().min(1).default(5000).describe('How long one call may take, retries included, in milliseconds.'),
  label: z.string().min(1).default('Freshdesk').describe('The name of this source for people.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z.int().min(1).max(100).default(100).describe('The largest page that is requested. Freshdesk returns 100 at most.'),
  concurrency: z.int().min(1).default(4).describe('How many tickets are read at once for one request.'),
  capabilities: deskCapabilities.prefault({}).describe('Switches off what this deployment does not have.'),
  statuses: statusTable(
    usualStatuses,
    'Open, Pending, Resolved and Closed need no entry. Another status is UNKNOWN until it has one, by its name for agents.',
  ),
  webhookSecret: webhookSecrets
    .optional()
    .describe(
      'What an automation rule shows that sends to /webhooks/KEY: in the header `x-deskgraph-secret`, or as the password of `deskgraph` (Basic). Absent: changes are found by polling alone.',
    ),
  upstream: upstreamConfig.prefault({}),
  budget: budgetConfig(plans, 'growth'),
})
export type FreshdeskConfig = z.infer<typeof freshdeskConfig>
