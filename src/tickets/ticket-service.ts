import type { Call, Viewer } from '../domain/call.ts'
import type { Clock } from '../domain/clock.ts'
import type { ChangeRecorder } from '../domain/events.ts'
import type { Logger, Metrics } from '../domain/telemetry.ts'
import type { TicketSource } from '../sources/source.ts'
import type { IdempotencyStore } from './idempotency-store.ts'
import { createIdempotentWrite } from './idempotent-write.ts'
import type { ListDeps } from './pagination/list-tickets.ts'
import { createTicketReads } from './reads.ts'
import { createRecordWrite } from './record-write.ts'
import { visibleSources } from './sources.ts'
import { createTicketLoaders } from './ticket-loader.ts'
import type { Sources, TicketService } from './types.ts'
import { createTicketWrites } from './writes.ts'

export interface TicketServiceDeps {
  /** In the order in which reports name them. */
  readonly sources: readonly TicketSource[]
  readonly idempotency: IdempotencyStore
  readonly recorder: ChangeRecorder
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly limits: TicketLimits
}

export interface TicketLimits {
  /** How many records of one source are looked through for one page, where a filter or an order is applied here. */
  readonly scanLimit: number
  /** The most that `first` may be. */
  readonly maxPageSize: number
  /** How long a page waits for a source, all its calls together. */
  readonly sourceDeadlineMs: number
  /** The same for single sources, by key. */
  readonly sourceDeadlinesMs?: Readonly<Record<string, number>>
}

/** Reads and writes across all sources. Reads and writes of one call share what they have read. */
export function createTicketService(deps: TicketServiceDeps): TicketService {
  const { clock, limits, logger, metrics, recorder, idempotency } = deps
  const sourcesOf = rememberFor((viewer: Viewer): Sources => visibleSources(deps.sources, viewer))
  const deadlines = new Map(Object.entries(limits.sourceDeadlinesMs ?? {}))
  const listDeps: ListDeps = {
    metrics,
    logger,
    clock,
    scanLimit: limits.scanLimit,
    maxPageSize: limits.maxPageSize,
    deadlineMsOf: (sourceKey) => deadlines.get(sourceKey) ?? limits.sourceDeadlineMs,
  }
  const operationOf = keepWith((call: Call) => {
    const sources = sourcesOf(call.viewer)
    const loaders = createTicketLoaders(call, metrics)
    return { sources, loaders, reads: createTicketReads(sources, loaders, call, listDeps) }
  })
  return {
    reads: (call) => operationOf(call).reads,
    writes(call) {
      const { sources, loaders } = operationOf(call)
      const record = createRecordWrite(call, { recorder, metrics, logger, clock })
      const perform = createIdempotentWrite(call, { sources, loaders, idempotency, record, logger })
      return createTicketWrites(sources, perform)
    },
  }
}

/** One value per object, for as long as the object lives. */
function rememberFor<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>()
  return (key) => {
    let value = made.get(key)
    if (value === undefined) {
      value = make(key)
      made.set(key, value)
    }
    return value
  }
}

/**
 * One value per object, kept in the object itself. For what holds whole pages: a WeakMap lets go of its values only when
 * the old generation is collected, so that every page of every operation would get there.
 */
function keepWith<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const kept = Symbol('kept')
  return (key) => {
    const holder = key as { [kept]?: V }
    holder[kept] ??= make(key)
    return holder[kept]
  }
}
