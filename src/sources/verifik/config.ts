import { z } from 'zod'
import { upstreamConfig } from '../http-client/config.ts'

const ability = (description: string) => z.boolean().default(true).describe(description)
const path = (fallback: string, description: string) =>
  z
    .string()
    .regex(/^\/[A-Za-z0-9._~/{}-]*$/, 'must begin with "/" and may hold {id}')
    .default(fallback)
    .describe(description)

const capabilities = z.strictObject({
  ticket: ability('Read one ticket.'),
  list: ability('List tickets.'),
  create: ability('Open tickets.'),
  update: ability('Change tickets (from an older revision of the documents).'),
  reply: ability('Write to a ticket (from the legacy documents).'),
})

const paths = z.strictObject({
  ticket: path('/v2/support-tickets/{id}', 'One ticket.'),
  list: path('/v2/support-tickets', 'The list of tickets.'),
  create: path('/v2/support-tickets', 'Opening a ticket.'),
  update: path('/v2/support-tickets/{id}', 'Changing a ticket (PUT).'),
  reply: path('/support-tickets/{id}/thread', 'Writing to a ticket; a legacy path without a version.'),
})

/** The configuration of one Verifik, without the keys that every source has (`system`). */
export const verifikConfig = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .default('https://api.verifik.co')
    .describe('The base URL.'),
  token: z.string().min(1).describe('The bearer token of the gateway.'),
  timeoutMs: z.int().min(1).default(3000).describe('How long one call may take, repeats included, in milliseconds.'),
  label: z.string().min(1).default('Verifik').describe('How people see this source named.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z.int().min(1).max(100).default(100).describe('The largest page that is asked for.'),
  concurrency: z.int().min(1).default(8).describe('How many tickets are read at once for one request: lists leave details out.'),
  capabilities: capabilities.prefault({}).describe('Switches off what this deployment does not have.'),
  paths: paths.prefault({}).describe('Where this deployment keeps each operation, below the base URL.'),
  upstream: upstreamConfig.prefault({}),
})
export type VerifikConfig = z.infer<typeof verifikConfig>
