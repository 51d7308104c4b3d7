import * as z from 'zod'
import { cacheKinds } from './cache-store.ts'

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const mostMs = 24 * 3_600_000

const age = (of: string) =>
  z
    .string()
    .regex(/^\d{1,6}(ms|s|m|h)$/, 'an age is a number and ms, s, m or h, e.g. 60s')
    .refine((text) => toMs(text) > 0 && toMs(text) <= mostMs, 'an age is more than 0 and at most 24h')
    .optional()
    .describe(`How long ${of} may be given again without asking, e.g. 60s. Absent: never.`)

/** "60s" in milliseconds. */
export function toMs(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? []
  return Number(amount) * units[unit as keyof typeof units]
}

/** A source's `cache` block. */
export const cacheConfig = z
  .strictObject({
    ticket: age('a single ticket'),
    list: age('a page of tickets'),
    lookup: age('a list of departments, queues, resolution statuses or contact reasons'),
    customer: age('a customer or vendor'),
    shared: z
      .array(z.enum(cacheKinds))
      .default([])
      .describe(
        'Kinds that look the same to everybody: kept once for all. Every other kind is kept for each signed-in person alone.',
      ),
  })
  .describe('Keeps answers of this source for a short time.')
export type CacheConfig = z.output<typeof cacheConfig>

/** Milliseconds per kind; a kind that is absent is not kept. */
export function toTtls(config: CacheConfig): Partial<Record<(typeof cacheKinds)[number], number>> {
  const named = cacheKinds.filter((kind) => config[kind] !== undefined)
  return Object.fromEntries(named.map((kind) => [kind, toMs(config[kind]!)]))
}
