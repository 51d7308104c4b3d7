import { z } from 'zod'
import { bearerToken, sourceUrl } from '../../domain/config-values.ts'
import { ownBudgetConfig } from '../budget/limits.ts'
import { upstreamConfig } from '../http-client/config.ts'
import { capability, pathTemplate } from '../vendor-api.ts'

const capabilities = z.strictObject({
  ticket: capability('Read one ticket.'),
  list: capability('List tickets.'),
  create: capability('Open tickets.'),
  update: capability('Change tickets (from an older revision of the documents).'),
  reply: capability('Write to a ticket (from the legacy documents).'),
})

const paths = z.strictObject({
  ticket: pathTemplate('/v2/support-tickets/{id}', 'One ticket.'),
  list: pathTemplate('/v2/support-tickets', 'The list of tickets.'),
  create: pathTemplate('/v2/support-tickets', 'Opening a ticket.'),
  update: pathTemplate('/v2/support-tickets/{id}', 'Changing a ticket (PUT).'),
  reply: pathTemplate('/support-tickets/{id}/thread', 'Writing to a ticket; a legacy path without a version.'),
})

/** The configuration of one Verifik, without the keys that every source has (`system`, `cache`). */
export const verifikConfig = z.strictObject({
  url: sourceUrl('use the key `token`').default('https://api.verifik.co').describe('The base URL.'),
  token: bearerToken.describe('The bearer token of the gateway.'),
  timeoutMs: z.int().min(1).default(3000).describe('How long one call may take, retries included, in milliseconds.'),
  label: z.string().min(1).default('Verifik').describe('The name of this source for people.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z.int().min(1).max(100).default(100).describe('The largest page that is requested.'),
  concurrency: z.int().min(1).default(8).describe('How many tickets are read at once for one request: lists omit details.'),
  capabilities: capabilities.prefault({}).describe('Switches off what this deployment does not have.'),
  paths: paths.prefault({}).describe('The path of each operation in this deployment, below the base URL.'),
  budget: ownBudgetConfig(),
  upstream: upstreamConfig.prefault({}),
})
export type VerifikConfig = z.infer<typeof verifikConfig>
