import { z } from 'zod'
import { defaultUpstreamLimits as defaults } from './options.ts'

const count = (fallback: number, description: string) => z.int().min(1).default(fallback).describe(description)

/** What a source's configuration may say of the HTTP client in front of it. */
export const upstreamConfig = z
  .strictObject({
    connections: count(defaults.connections, 'Connections to this source for reads; as many again at most for writes.'),
    pipelining: count(defaults.pipelining, 'Reads that may wait on one connection once all are busy; 1 switches pipelining off.'),
    failures: count(defaults.failures, 'Failures in a row after which the source is left alone for openMs.'),
    openMs: count(defaults.openMs, 'How long a failing source is left alone before one call tries it again, in milliseconds.'),
    concurrentReads: count(defaults.concurrentReads, 'Reads at once.'),
    waitingReads: z
      .int()
      .min(0)
      .default(defaults.waitingReads)
      .describe('Reads that may wait for their turn; more are refused at once.'),
    concurrentWrites: count(defaults.concurrentWrites, 'Writes at once.'),
    waitingWrites: z.int().min(0).default(defaults.waitingWrites).describe('Writes that may wait for their turn.'),
    maxBytes: count(defaults.maxBytes, 'The largest answer that is read, in bytes.'),
    retries: z
      .int()
      .min(0)
      .max(5)
      .default(defaults.retries)
      .describe('How often a failed read is tried again within its deadline.'),
    shareReads: z.boolean().default(defaults.shareReads).describe('Equal reads of one person at the same time are sent once.'),
  })
  .describe('The HTTP client in front of this source.')
