import { z } from 'zod'
import { bearerToken, sourceUrl } from '../../domain/config-values.ts'
import type { CustomFieldType } from '../../domain/ticket.ts'
import { ownBudgetConfig } from '../budget/limits.ts'
import { deskCapabilities, statusTable } from '../dialect.ts'
import { upstreamOfSmallServer } from '../http-client/config.ts'

const fieldTypes = ['TEXT', 'NUMBER', 'DATE', 'DATETIME', 'CHOICE', 'CHOICES', 'OTHER'] as const
/** TicketSQL writes it as CF.{name}. */
const fieldName = z.string().regex(/^[^{}\p{Cc}]+$/u, 'a custom field whose name has braces cannot be searched for')
const lowest = (priority: string) =>
  z.int().optional().describe(`The lowest number of the priority ${priority}. Absent: no ticket has it.`)

function isAscending({ MEDIUM, HIGH, URGENT }: { readonly [K in 'MEDIUM' | 'HIGH' | 'URGENT']?: number | undefined }): boolean {
  const numbers = [MEDIUM, HIGH, URGENT].filter((number) => number !== undefined)
  return numbers.every((number, index) => index === 0 || number > numbers[index - 1]!)
}

/** The words of one installation. Administrators of RT choose them all. */
const dialect = z.strictObject({
  statuses: statusTable(
    { new: 'NEW', open: 'OPEN', stalled: 'PENDING', resolved: 'RESOLVED', rejected: 'CANCELLED' },
    'Those of all lifecycles, in lower case. Another status is UNKNOWN. `deleted` is always CANCELLED.',
  ),
  priorities: z
    .strictObject({ MEDIUM: lowest('MEDIUM'), HIGH: lowest('HIGH'), URGENT: lowest('URGENT') })
    .refine(isAscending, 'these numbers have to rise from MEDIUM to URGENT')
    .default({ MEDIUM: 50, HIGH: 100 })
    .describe('The lowest number of each priority, as in `%PriorityAsString` of RT. Below the first it is LOW.'),
  channelField: fieldName.optional().describe('The name of the custom field that has the channel.'),
  tagsField: fieldName.optional().describe('The name of the custom field that has the tags.'),
  customFieldTypes: z
    .record(z.string(), z.enum(fieldTypes))
    .default({} as Record<string, Exclude<CustomFieldType, 'BOOLEAN' | 'USER'>>)
    .describe('The types of custom fields by their names. Default: TEXT, and CHOICES for a field with several values.'),
})

// Starlet gives each connection a worker until it closes: more connections than workers would wait for each other.
const upstream = upstreamOfSmallServer({ connections: 3, pipelining: 1, concurrentReads: 3, concurrentWrites: 1 })

/** The configuration of one Request Tracker, without the keys that every source has (`system`, `cache`). */
export const rtConfig = z.strictObject({
  url: sourceUrl('use the key `token`').describe('The base URL of the web interface, without /REST/2.0.'),
  token: bearerToken.describe('The authentication token of the account of the gateway, which begins with "1-".'),
  viewerTokens: z
    .record(z.string(), bearerToken)
    .default({})
    .describe('The tokens of viewers, by their logins (`identity.map`): RT has no other way to act as another user.'),
  agentGroups: z.array(z.string().min(1)).default([]).describe('The names of the groups whose members are offered as assignees.'),
  timeZone: z
    .string()
    .refine((name) => name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name), 'this is not the name of a time zone')
    .default('UTC')
    .describe('`$Timezone` of RT: the time zone of accounts that have none of their own.'),
  timeoutMs: z.int().min(1).default(10_000).describe('How long one call may take, retries included, in milliseconds.'),
  label: z.string().min(1).default('Request Tracker').describe('The name of this source for people.'),
  tenant: z.string().default('').describe('Becomes part of global ids; only needed where two sources share tickets.'),
  pageSize: z.int().min(1).max(100).default(100).describe('The largest page that is requested. RT returns 100 at most.'),
  capabilities: deskCapabilities.prefault({}).describe('Switches off what this deployment does not have.'),
  dialect: dialect.prefault({}).describe('The words of this installation.'),
  budget: ownBudgetConfig(),
  upstream: upstream.prefault({}).describe('The HTTP client in front of this source. Keep it below the workers of RT.'),
})
export type RtConfig = z.infer<typeof rtConfig>
export type RtDialect = RtConfig['dialect']
