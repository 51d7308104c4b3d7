import * as z from 'zod'
import { type CacheKind, cacheKinds } from './cache-store.ts'

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
const maxMs = 24 * 3_600_000

const age = (subject: string) =>
  z
    .string()
    .regex(/^\d{1,6}(ms|s|m|h)$/, 'an age is a number and ms, s, m or h, e.g. 60s')
    .refine((text) => toMs(text) > 0 && toMs(text) <= maxMs, 'an age is more than 0 and at most 24h')
    .optional()
    .describe(`How long ${subject} may be given again without asking the source, e.g. 60s. Absent: never.`)

function toMs(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? []
  return Number(amount) * unitsMs[unit as keyof typeof unitsMs]
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
        'Kinds that are the same for every viewer: cached once for all. Every other kind is cached for each viewer alone.',
      ),
  })
  .describe('Caches answers of this source for a short time.')
export type CacheConfig = z.output<typeof cacheConfig>

/** Milliseconds by kind. A kind that is absent is not cached. */
export function toTtls(config: CacheConfig): Partial<Record<CacheKind, number>> {
  const configured = cacheKinds.filter((kind) => config[kind] !== undefined)
  return Object.fromEntries(configured.map((kind) => [kind, toMs(config[kind]!)]))
}
