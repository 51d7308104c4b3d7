import { z } from 'zod'

const daySeconds = 86_400

/** The documented schedule: at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h. Each is the wait before that attempt. */
export const defaultSchedule: readonly number[] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]

/** How deliveries to partners are made. */
export const deliveriesConfig = z
  .strictObject({
    scheduleSeconds: z
      .array(
        z
          .number()
          .min(0)
          .max(30 * daySeconds),
      )
      .min(1)
      .max(50)
      .default([...defaultSchedule])
      .describe(
        'How long to wait before each attempt, in seconds, varied by up to 20 %; after the last one the delivery is DEAD',
      ),
    timeoutMs: z.number().int().min(100).max(120_000).default(15_000).describe('How long one attempt may take, in milliseconds'),
    concurrencyPerPartner: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe('How many attempts may run at once to one partner, per replica'),
  })
  .describe('How deliveries to partners are made')
export type DeliveriesConfig = z.output<typeof deliveriesConfig>
