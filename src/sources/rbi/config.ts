import { z } from 'zod'
import { signingSecret } from '../../domain/config-values.ts'

const ability = (description: string) => z.boolean().default(true).describe(description)

/** The configuration of one RBI guest-ticketing middleware, without the keys that every source has (`system`, `cache`). */
export const rbiConfig = z.strictObject({
  secret: signingSecret.describe(
    'Signs what partners send us (`x-signature`). After whsec_ it is base64, else its UTF-8 bytes are the key: at least 16 bytes.',
  ),
  routing: z.string().min(1).describe('The routing file: markets, categories and partners.'),
  label: z.string().min(1).default('RBI guest tickets').describe('How people see this source named.'),
  capabilities: z
    .strictObject({
      create: ability('Raise tickets here.'),
      route: ability('Send an unrouted ticket out.'),
    })
    .prefault({})
    .describe('Switches off what this deployment does not do.'),
})
export type RbiConfig = z.infer<typeof rbiConfig>
