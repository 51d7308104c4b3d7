import { z } from 'zod'
import { bearerToken, sourceUrl } from '../../domain/config-values.ts'
import { budgetConfig } from '../budget/limits.ts'
import { oauthConfig } from '../credentials/config.ts'
import { deskCapabilities, statusTable } from '../dialect.ts'
import { upstreamConfig } from '../http-client/config.ts'
import { webhookSecrets } from '../webhook-signature.ts'
import { plans } from './limits.ts'

/** The configuration of one Zendesk, without the keys that every source has (`system`, `cache`). */
export const zendeskConfig = z
  .strictObject({
    url: sourceUrl('use the key `oauth`').describe('The address of the account: https://SUBDOMAIN.zendesk.com.'),
    token: bearerToken
      .optional()
      .describe(
        'In place of `oauth`: an API token where `email` is set, else an access token that does not expire. API tokens end on 2027-04-30.',
      ),
    oauth: oauthConfig.optional(),
    email: z
      .email()
      .optional()
      .describe('The e-mail address of the account of the gateway. With it, `token` is one of the older API tokens.'),
    actAsViewer: z
      .boolean()
      .default(false)
      .describe(
        'Acts as the viewer, by the login of `identity.map` or by e-mail address (X-On-Behalf-Of). The account has to be an administrator’s.',
      ),
    timeoutMs: z.int().min(1).default(5000).describe('How long one call may take, retries included, in milliseconds.'),
    label: z.string().min(1).default('Zendesk').describe('The name of this source for people.'),
    tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
    pageSize: z.int().min(1).max(100).default(100).describe('The largest page that is requested. Zendesk returns 100 at most.'),
    concurrency: z.int().min(1).default(8).describe('How many threads are read at once for one request.'),
    capabilities: deskCapabilities.prefault({}).describe('Switches off what this deployment does not have.'),
    statuses: statusTable(
      {},
      'Another status has the meaning of its category. Only for custom statuses, by their names for agents.',
    ),
    webhookSecret: webhookSecrets
      .optional()
      .describe('The signing secret of the webhook that sends to /webhooks/KEY. Absent: changes are found by polling alone.'),
    upstream: upstreamConfig.prefault({}),
    budget: budgetConfig(plans, 'team'),
  })
  .refine(({ token, oauth }) => (token === undefined) !== (oauth === undefined), {
    path: ['oauth'],
    message: 'write one of `oauth` and `token`',
  })
  .refine(({ token, email }) => email === undefined || token !== undefined, {
    path: ['email'],
    message: 'an e-mail address goes with an API token: write it in `token`',
  })
export type ZendeskConfig = z.infer<typeof zendeskConfig>
