import { z } from 'zod'
import { sharedSecret } from '../../domain/config-values.ts'

/** The configuration of one VCC Live account, without the keys that every source has (`system`, `cache`). */
export const vccConfig = z.strictObject({
  account: z.string().min(1).describe('The VCC Live account: ticket ids are unique only within an account and a project.'),
  secret: sharedSecret.describe('What VCC Live sends as `secret-key` in the query of its webhook: at least 16 bytes.'),
  label: z.string().min(1).default('VCC Live').describe('How people see this source named.'),
  capabilities: z.strictObject({}).prefault({}).describe('VCC Live only pushes: there is nothing to switch off.'),
})
export type VccConfig = z.infer<typeof vccConfig>
