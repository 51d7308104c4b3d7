import { z } from 'zod'
import { upstreamConfig } from '../http-client/config.ts'

const ability = (description: string) => z.boolean().default(true).describe(description)
const path = (fallback: string, description: string) =>
  z
    .string()
    .regex(/^\/[A-Za-z0-9._~/{}-]*$/, 'must begin with "/" and may hold {id}')
    .default(fallback)
    .describe(description)

/** What this deployment of OneView offers. Only escalate v2 and the departments are documented; the rest is inferred. */
const capabilities = z.strictObject({
  ticket: ability('Read one ticket (inferred).'),
  list: ability('List tickets (inferred).'),
  update: ability('Change contact reason, order, or send a parameterless event (inferred).'),
  escalate: ability('Escalate at all, in either form.'),
  escalateV1: ability('Escalate without a department (inferred).'),
  escalateV2: ability('Escalate to a department (documented).'),
  close: ability('Close (inferred).'),
  reassign: ability('Reassign to another agent (inferred).'),
  transfer: ability('Transfer to another queue (inferred).'),
  escalationDepartments: ability('List the departments that take escalations (documented).'),
  transferQueues: ability('List the queues that tickets can be transferred to (inferred).'),
  resolutionStatuses: ability('List the resolution statuses for closing (inferred).'),
  contactReasons: ability('List and search contact reasons (inferred).'),
})

const paths = z.strictObject({
  ticket: path('/v1/tickets/{id}', 'One ticket.'),
  list: path('/v1/tickets', 'The list of tickets.'),
  update: path('/v1/tickets/{id}', 'Changing a ticket (PATCH).'),
  escalateV1: path('/v1/tickets/{id}/escalate', 'Escalating without a department.'),
  escalateV2: path('/v2/tickets/{id}/escalate', 'Escalating to a department.'),
  close: path('/v1/tickets/{id}/close', 'Closing.'),
  reassign: path('/v1/tickets/{id}/reassign', 'Reassigning.'),
  transfer: path('/v1/tickets/{id}/transfer', 'Transferring.'),
  escalationDepartments: path('/v2/escalation/departments', 'Departments.'),
  transferQueues: path('/v1/queues', 'Queues.'),
  resolutionStatuses: path('/v1/resolution-statuses', 'Resolution statuses.'),
  contactReasons: path('/v1/ccr', 'The tree of contact reasons.'),
  contactReasonSearch: path('/v1/ccr/search', 'Searching contact reasons.'),
})

/** The configuration of one OneView, without the keys that every source has (`system`). */
export const oneViewConfig = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('The base URL; it ends in /ticket-detail.'),
  token: z.string().min(1).describe('The bearer token of the gateway.'),
  timeoutMs: z.int().min(1).default(3000).describe('How long one call may take, repeats included, in milliseconds.'),
  label: z.string().min(1).default('OneView').describe('How people see this source named.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z.int().min(1).max(100).default(100).describe('The largest page that this deployment gives.'),
  concurrency: z.int().min(1).default(64).describe('How many tickets are read at once for one request.'),
  capabilities: capabilities.prefault({}).describe('Switches off what this deployment does not have.'),
  paths: paths.prefault({}).describe('Where this deployment keeps each operation, below the base URL.'),
  upstream: upstreamConfig.prefault({}),
})
export type OneViewConfig = z.infer<typeof oneViewConfig>
