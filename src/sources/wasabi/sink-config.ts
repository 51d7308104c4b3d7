import { z } from 'zod'

/** Where changes go in the Wasabi schema: `sinks` of the configuration. */
export const wasabiSinkConfig = z
  .strictObject({
    type: z.literal('wasabi').describe('Every change as a CUSTOMER_CARE_TICKET event.'),
    name: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/)
      .default('wasabi')
      .describe('Under this name the sink remembers how far it has come.'),
    file: z.string().min(1).describe('The NDJSON file that events are appended to.'),
  })
  .describe('A sink that emits the tickets of every source in the Wasabi schema.')
