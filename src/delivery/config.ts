import { z } from 'zod'

const day = 86_400

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
          .max(30 * day),
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

const units = { s: 1, m: 60, h: 3_600, d: day } as const

const age = (fallback: string, what: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,4}[smhd]$/, 'a time is a whole number and a unit: s, m, h or d')
    .default(fallback)
    .describe(`How long ${what} are kept, e.g. ${fallback}`)

/** How long each table keeps what is done with. What is still to be done is never removed. */
export const retentionConfig = z
  .strictObject({
    inbox: age('30d', 'applied inbound events'),
    journal: age('90d', "changes of tickets (`Ticket.events`, and how far back a subscription's `after` reaches)"),
    quarantine: age('90d', 'quarantined events'),
    idempotency: age('7d', 'answers to writes that carried an idempotency key'),
    deliveries: age('90d', 'deliveries that were made or given up'),
  })
  .describe('How long each table keeps what is done with')
export type RetentionConfig = z.output<typeof retentionConfig>

/** "30d" in milliseconds. The text is one that `retentionConfig` accepts. */
export function toAgeMs(text: string): number {
  const unit = text.at(-1) as keyof typeof units
  return Number(text.slice(0, -1)) * units[unit] * 1_000
}
