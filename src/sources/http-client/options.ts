import type { Dispatcher } from 'undici'
import type { Clock } from '../../domain/clock.ts'
import type { Logger, Metrics } from '../../domain/telemetry.ts'
import type { CircuitBreakerLimits } from './circuit-breaker.ts'
import type { ConnectionLimits } from './connection-pool.ts'

export interface UpstreamLimits extends ConnectionLimits, CircuitBreakerLimits {
  /** The largest answer that is read, in bytes. */
  readonly maxBytes: number
  /** How often a read may be tried again. */
  readonly retries: number
  /** Callers with the same identity who ask the same at the same time share one read. */
  readonly shareReads: boolean
}

export const defaultUpstreamLimits: UpstreamLimits = {
  connections: 8,
  pipelining: 8,
  failures: 5,
  openMs: 30_000,
  concurrentReads: 64,
  waitingReads: 256,
  concurrentWrites: 32,
  waitingWrites: 64,
  maxBytes: 4 * 1024 * 1024,
  retries: 1,
  shareReads: true,
}

export interface UpstreamOptions {
  readonly sourceKey: string
  /** How messages name the source. */
  readonly label: string
  /** May hold a path; a query is ignored. */
  readonly baseUrl: string
  /** From the first byte sent to the last one read, repeats included, in milliseconds. */
  readonly timeoutMs: number
  /** Sent with every call, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The header that carries the viewer's e-mail; absent: the source does not want to know. */
  readonly identityHeader?: string | undefined
  readonly limits?: Partial<UpstreamLimits> | undefined
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** In place of connections of its own, for tests. */
  readonly dispatcher?: Dispatcher | undefined
}
