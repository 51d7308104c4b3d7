import { z } from 'zod'
import { bearerToken, sourceUrl } from '../../domain/config-values.ts'
import { ownBudgetConfig } from '../budget/limits.ts'
import { upstreamConfig } from '../http-client/config.ts'
import { capability, pathTemplate } from '../vendor-api.ts'

/** Only escalate v2 and the departments are documented. The rest is inferred from documented data structures. */
const capabilities = z.strictObject({
  ticket: capability('Read one ticket (inferred).'),
  list: capability('List tickets (inferred).'),
  update: capability('Change contact reason, order, or send a parameterless event (inferred).'),
  escalate: capability('Escalate at all, in either form.'),
  escalateV1: capability('Escalate without a department (inferred).'),
  escalateV2: capability('Escalate to a department (documented).'),
  close: capability('Close (inferred).'),
  reassign: capability('Reassign to another agent (inferred).'),
  transfer: capability('Transfer to another queue (inferred).'),
  escalationDepartments: capability('List the departments that take escalations (documented).'),
  transferQueues: capability('List the queues that tickets can be transferred to (inferred).'),
  resolutionStatuses: capability('List the resolution statuses for closing (inferred).'),
  contactReasons: capability('List and search contact reasons (inferred).'),
})

const paths = z.strictObject({
  ticket: pathTemplate('/v1/tickets/{id}', 'One ticket.'),
  list: pathTemplate('/v1/tickets', 'The list of tickets.'),
  update: pathTemplate('/v1/tickets/{id}', 'Changing a ticket (PATCH).'),
  escalateV1: pathTemplate('/v1/tickets/{id}/escalate', 'Escalating without a department.'),
  escalateV2: pathTemplate('/v2/tickets/{id}/escalate', 'Escalating to a department.'),
  close: pathTemplate('/v1/tickets/{id}/close', 'Closing.'),
  reassign: pathTemplate('/v1/tickets/{id}/reassign', 'Reassigning.'),
  transfer: pathTemplate('/v1/tickets/{id}/transfer', 'Transferring.'),
  escalationDepartments: pathTemplate('/v2/escalation/departments', 'Departments.'),
  transferQueues: pathTemplate('/v1/queues', 'Queues.'),
  resolutionStatuses: pathTemplate('/v1/resolution-statuses', 'Resolution statuses.'),
  contactReasons: pathTemplate('/v1/ccr', 'The tree of contact reasons.'),
  contactReasonSearch: pathTemplate('/v1/ccr/search', 'Searching contact reasons.'),
})

/** The configuration of one OneView, without the keys that every source has (`system`, `cache`). */
export const oneViewConfig = z.strictObject({
  url: sourceUrl('use the key `token`').describe('The base URL; it ends in /ticket-detail.'),
  token: bearerToken.describe('The bearer token of the gateway.'),
  timeoutMs: z.int().min(1).default(3000).describe('How long one call may take, retries included, in milliseconds.'),
  label: z.string().min(1).default('OneView').describe('The name of this source for people.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z.int().min(1).max(100).default(100).describe('The largest page that this deployment returns.'),
  concurrency: z.int().min(1).default(64).describe('How many tickets are read at once for one request.'),
  capabilities: capabilities.prefault({}).describe('Switches off what this deployment does not have.'),
  paths: paths.prefault({}).describe('The path of each operation in this deployment, below the base URL.'),
  budget: ownBudgetConfig(),
  upstream: upstreamConfig.prefault({}),
})
export type OneViewConfig = z.infer<typeof oneViewConfig>
