import { z } from 'zod'
import { isNetwork } from '../../delivery/ssrf-guard.ts'

const positive = (fallback: number, description: string) => z.int().min(1).default(fallback).describe(description)
const notNegative = (fallback: number, description: string) => z.int().min(0).default(fallback).describe(description)

/** The block `upstream` of a source's configuration: the limits of the HTTP client in front of the source. */
export const upstreamConfig = z
  .strictObject({
    connections: positive(8, 'Connections to this source for reads; as many again at most for writes.'),
    pipelining: positive(8, 'Reads that may wait on one connection once all are busy; 1 switches pipelining off.'),
    failures: positive(5, 'Failures in a row after which the source is left alone for openMs.'),
    openMs: positive(30_000, 'How long a failing source is left alone before one call tries it again, in milliseconds.'),
    concurrentReads: positive(64, 'Reads at once, at most: fewer run while the source shows that it is overloaded.'),
    waitingReads: notNegative(256, 'Reads that may wait for their turn; more are refused at once.'),
    concurrentWrites: positive(32, 'Writes at once.'),
    waitingWrites: notNegative(64, 'Writes that may wait for their turn.'),
    maxBytes: positive(4 * 1024 * 1024, 'The largest answer that is read, in bytes.'),
    fileBytes: positive(100 * 1024 * 1024, 'The largest file that is passed on from this source, in bytes.'),
    fileTimeoutMs: positive(120_000, 'How long one file may take to or from this source, in milliseconds.'),
    fileNetworks: z
      .array(z.string().refine(isNetwork, 'must be a network, such as 10.1.0.0/16'))
      .default([])
      .describe('Private networks to which this source may redirect for a file. Public addresses need no entry.'),
    tryTimeoutMs: z
      .int()
      .min(1)
      .optional()
      .describe('How long one try of a read may take within `timeoutMs`, in milliseconds. Absent: as long as the call.'),
    retries: z.int().min(0).max(5).default(1).describe('How often a failed read is tried again within its deadline.'),
    shareReads: z.boolean().default(true).describe('Equal reads of one person at the same time are sent once.'),
  })
  .describe('The HTTP client in front of this source.')

type Parallel = 'connections' | 'pipelining' | 'concurrentReads' | 'concurrentWrites'

/** The same block with other defaults, for systems that often run on one small server. */
export function upstreamOfSmallServer(defaults: Readonly<Record<Parallel, number>>) {
  const limit = (name: Parallel) =>
    upstreamConfig.shape[name]
      .unwrap()
      .default(defaults[name])
      .describe(upstreamConfig.shape[name].description ?? name)
  return upstreamConfig.extend({
    connections: limit('connections'),
    pipelining: limit('pipelining'),
    concurrentReads: limit('concurrentReads'),
    concurrentWrites: limit('concurrentWrites'),
  })
}

export type HttpClientLimits = Readonly<z.infer<typeof upstreamConfig>>

export const defaultLimits: HttpClientLimits = upstreamConfig.parse({})
