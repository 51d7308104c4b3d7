import { z } from 'zod'
import { inboundToken } from '../../domain/config-values.ts'

/** The configuration of one stream of Wasabi customer-care events, without the keys that every source has (`system`, `cache`). */
export const wasabiConfig = z.strictObject({
  token: inboundToken.describe('The bearer token that senders of events show: at least 16 bytes.'),
  label: z.string().min(1).default('Wasabi').describe('How people see this source named.'),
  capabilities: z.strictObject({}).prefault({}).describe('Events are only received: there is nothing to switch off.'),
})
export type WasabiConfig = z.infer<typeof wasabiConfig>
