import type { Clock } from '../../domain/clock.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Logger, Metrics } from '../../domain/telemetry.ts'
import type { FilterField, TicketFilter, TicketOrder, TicketSource } from '../../sources/source.ts'
import type { Deadline } from '../deadline.ts'
import { concernsSource, splitFilter, toTest } from '../filter.ts'
import type { SourceReport } from '../types.ts'
import { createKeysetIterator } from './keyset-iterator.ts'
import { assumedOrder } from './offset-iterator.ts'
import { createOffsetStream } from './offset-stream.ts'
import { type SourceState, toEntry } from './page-cursor.ts'
import { toDroppedText, toFault, toOutcome, toRetryAt } from './report.ts'
import { createSortedIterator } from './sorted-iterator.ts'
import type { ReadPlan, TicketIterator } from './ticket-iterator.ts'

export interface SourceCursorDeps {
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  readonly scanLimit: number
}

/** One source's part in one page: its stream, how much of it the page took, and what became of it. */
export interface SourceCursor {
  readonly source: TicketSource
  /** null when the source is not asked: it has ended, or nothing of it can match. */
  readonly stream: TicketIterator | null
  /** How many of the stream's tickets the page has taken. */
  taken: number
  /** It may be asked for more: it works, has more, and this page may still read. */
  readonly mayRead: boolean
  readonly fault: DeskgraphError | null
  /** Something of this source is left for later pages, as far as it has said. */
  readonly hasMore: boolean
  readonly totalCount: number | null
  /** Asks the source, inside the deadline. Never rejects for what a source did: that is the lane's fault then. */
  read(want: number, deadline: Deadline): Promise<void>
  report(): SourceReport
  /** This source's entry in a cursor behind its first `taken` tickets; null: none is needed. */
  entryAfter(taken: number): string | null
}

/** A lane that goes on where `start` says; undefined: at the beginning. */
export function createSourceCursor(
  source: TicketSource,
  conditions: TicketFilter,
  order: TicketOrder,
  start: SourceState | undefined,
  deps: SourceCursorDeps,
): SourceCursor {
  const split = splitFilter(conditions, source.pushdownFilters?.(conditions) ?? source.info.filters)
  const ended = start !== undefined && 'e' in start ? start : null
  const asked = ended === null && concernsSource(conditions, source.info.key)
  const test = split.hereFields.length > 0 ? toTest(split.here) : null
  const plan: ReadPlan = { source, order, filter: split.there, test, scanLimit: deps.scanLimit, metrics: deps.metrics }
  const stream = asked ? openStream(plan, start) : null
  return stream ? new AskedLane(stream, source, split.hereFields, deps) : idleLane(source, split.hereFields, ended)
}

function openStream(plan: ReadPlan, start: SourceState | undefined): TicketIterator {
  if (plan.source.paginationStyle === 'keyset') return createKeysetIterator(plan, start && 'p' in start ? start.p : null)
  const { field, direction } = plan.order
  if (field === assumedOrder.field && direction === assumedOrder.direction) {
    return createOffsetStream(plan, start && 'w' in start ? start.w : null)
  }
  return start && 'b' in start ? createSortedIterator(plan, start.b, start.k) : createSortedIterator(plan, null, null)
}

/** A class for the same reason as `toStream`: no getters in an object literal that is made for every page. */
class AskedLane implements SourceCursor {
  readonly source: TicketSource
  readonly stream: TicketIterator
  taken = 0
  fault: DeskgraphError | null = null
  readonly #hereFields: readonly FilterField[]
  readonly #deps: SourceCursorDeps
  readonly #startedAt: number
  readonly #entries = new Map<number, string | null>()
  #answeredAt: number

  constructor(stream: TicketIterator, source: TicketSource, hereFields: readonly FilterField[], deps: SourceCursorDeps) {
    this.source = source
    this.stream = stream
    this.#hereFields = hereFields
    this.#deps = deps
    this.#startedAt = deps.clock()
    this.#answeredAt = this.#startedAt
  }

  get mayRead(): boolean {
    return this.fault === null && !this.stream.ended && !this.stream.spent
  }

  get hasMore(): boolean {
    return this.taken < this.stream.found.length || (this.fault === null && !this.stream.ended)
  }

  get totalCount(): number | null {
    return this.fault ? null : this.stream.totalCount
  }

  async read(want: number, deadline: Deadline): Promise<void> {
    try {
      await this.stream.read(want, deadline)
    } catch (error) {
      this.fault = this.#toFault(error, deadline)
    }
    this.#answeredAt = this.#deps.clock()
  }

  /** Throws what is the client's own fault. */
  #toFault(error: unknown, deadline: Deadline): DeskgraphError {
    const { info } = this.source
    const fault = toFault(error, info, deadline.call.signal.aborted)
    if (fault.code === 'BAD_USER_INPUT') throw fault
    if (fault.code === 'INTERNAL_SERVER_ERROR') {
      this.#deps.logger.error({ source: info.key, err: error }, 'a source broke while it was listed')
    }
    return fault
  }

  report(): SourceReport {
    const { fault, stream } = this
    return {
      source: this.source.info,
      outcome: fault ? toOutcome(fault) : 'OK',
      returned: this.taken,
      exhausted: fault === null && !this.hasMore,
      ordering: stream.ordering,
      filtersApplied: this.#hereFields,
      latencyMs: this.#answeredAt - this.#startedAt,
      error: fault?.message ?? toDroppedText(stream.dropped),
      retryAt: fault && toRetryAt(fault, this.#deps.clock),
      fault,
    }
  }

  entryAfter(taken: number): string | null {
    let entry = this.#entries.get(taken)
    if (entry === undefined) {
      const state = this.stream.stateAfter(taken)
      entry = state && toEntry(this.source.info.key, state)
      this.#entries.set(taken, entry)
    }
    return entry
  }
}

function idleLane(
  source: TicketSource,
  hereFields: readonly FilterField[],
  ended: { readonly n: number | null } | null,
): SourceCursor {
  return {
    source,
    stream: null,
    taken: 0,
    mayRead: false,
    fault: null,
    hasMore: false,
    totalCount: ended ? ended.n : 0,
    read: async () => {},
    report: () => ({
      source: source.info,
      outcome: 'SKIPPED',
      returned: 0,
      exhausted: true,
      ordering: 'EXACT',
      filtersApplied: ended ? hereFields : [],
      latencyMs: 0,
      error: null,
      retryAt: null,
      fault: null,
    }),
    entryAfter: () => toEntry(source.info.key, { e: 1, n: ended ? ended.n : 0 }),
  }
}
