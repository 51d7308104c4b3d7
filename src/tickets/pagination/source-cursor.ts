import type { Call } from '../../domain/call.ts'
import type { Clock } from '../../domain/clock.ts'
import type { DeskgraphError } from '../../domain/errors.ts'
import type { Logger, Metrics } from '../../domain/telemetry.ts'
import { assumedOrder } from '../../sources/pagination/ticket-order.ts'
import type { FilterField, TicketFilter, TicketOrder, TicketSource } from '../../sources/source.ts'
import { toWanted, type WantedFields } from '../../sources/wanted-fields.ts'
import { noFailure, toReportedFailure, toSourceFailure } from '../source-failure.ts'
import { concernsSource, refsOfSource, splitFilter, testedFields, toTest } from '../ticket-filter.ts'
import { KeysetIterator } from './keyset-iterator.ts'
import type { SourceReport } from './list-tickets.ts'
import { OffsetIterator } from './offset-iterator.ts'
import { encodeEntry, type SourcePosition } from './page-cursor.ts'
import { NamedIterator, SortedIterator } from './sorted-iterator.ts'
import type { IsPassed, PositionHint, ReadPlan, TicketIterator } from './ticket-iterator.ts'

export interface SourceCursorDeps {
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
  /** How many records of one source may be read for one page. */
  readonly scanLimit: number
  /** The fields of tickets that the operation reads; null, as where it is absent: all. */
  readonly selected?: () => WantedFields | null
}

/** One source's part in one page: its iterator, how many of its tickets the page emits, and its error. */
export interface SourceCursor {
  readonly source: TicketSource
  /** null when the source is not read: its list is exhausted, or none of its tickets can match. */
  readonly iterator: TicketIterator | null
  /** How many tickets of the iterator's buffer the page emits. The merge counts it up. */
  emitted: number
  /** True when this page may read more of the source: it has not failed, has more, and is within the scan limit. */
  readonly canRead: boolean
  readonly error: DeskgraphError | null
  /** True when the source has tickets for later pages, as far as it has said. */
  readonly hasMore: boolean
  /** null when the source failed or did not say. */
  readonly totalCount: number | null
  /**
   * Reads more tickets. A failure of the source becomes `error` and does not reject; BAD_USER_INPUT rejects,
   * because the client has to correct its request.
   */
  read(want: number, call: Call): Promise<void>
  report(): SourceReport
  /** This source's entry in a page cursor after its first `emitted` tickets; null when the source resumes at its beginning. */
  entryAfter(emitted: number): string | null
  /** True when the source gave its tickets completely and in exactly the order of the list, so that an edge's key is its position. */
  readonly isExact: boolean
  /** False when `hintAfter` depends on `emitted` alone. */
  readonly filters: boolean
  /** As in `TicketIterator`. */
  hintAfter(emitted: number, isPassed: IsPassed): PositionHint | null
}

/** A cursor that resumes at `start`; undefined: at the beginning of the source's list. */
export function createSourceCursor(
  source: TicketSource,
  conditions: TicketFilter,
  { order, counted }: { readonly order: TicketOrder; readonly counted: boolean },
  start: SourcePosition | undefined,
  deps: SourceCursorDeps,
): SourceCursor {
  const split = splitFilter(conditions, fieldsAppliedBy(source, conditions))
  if (start?.kind === 'exhausted') return createIdleCursor(source, split.clientSideFilters, start.totalCount)
  if (!concernsSource(conditions, source.info.key)) return createIdleCursor(source, [], 0)
  const matches = split.clientSideFilters.length > 0 ? toTest(split.clientSide) : null
  const { scanLimit, metrics } = deps
  const narrowing = splitFilter(split.clientSide, source.narrowingFilters?.(split.clientSide) ?? [])
  const pushedDown = { ...split.pushedDown, ...narrowing.pushedDown }
  const listOrder = start?.kind === 'sorted' || sortsInGateway(source, order) ? assumedOrder : order
  // Where the gateway filters, many records are read for few tickets: their fields are read afterwards.
  const fields = (!matches && source.listedFields && deps.selected?.()) || null
  const wanted = source.listedFields?.filter((field) => fields?.has(field)) ?? []
  const plan: ReadPlan = { source, order, listOrder, pushedDown, matches, wanted, counted, scanLimit, metrics }
  const iterator = conditions.ids ? createNamedIterator(plan, conditions.ids, start, deps) : createIterator(plan, start)
  return new ActiveCursor(iterator, source, split.clientSideFilters, deps)
}

/** Tickets that are read by their ids come without a list that could apply other conditions. */
function fieldsAppliedBy(source: TicketSource, conditions: TicketFilter): readonly FilterField[] {
  return conditions.ids ? ['IDS'] : (source.pushdownFilters?.(conditions) ?? source.info.filters)
}

function createNamedIterator(
  plan: ReadPlan,
  ids: readonly string[],
  start: SourcePosition | undefined,
  { selected }: SourceCursorDeps,
): TicketIterator {
  const { source, matches } = plan
  const fields = (source.costlyFields && selected?.()) || null
  const wanted = toWanted(source, fields && new Set([...fields, ...(matches ? testedFields : [])]))
  const refs = refsOfSource(ids, source.info.key)
  return new NamedIterator(plan, refs, start?.kind === 'sorted' ? start.after : null, wanted)
}

function createIterator(plan: ReadPlan, start: SourcePosition | undefined): TicketIterator {
  if (plan.source.paginationStyle === 'keyset') {
    return new KeysetIterator(plan, start?.kind === 'keyset' ? start.position : null)
  }
  // A cursor of a version in which the gateway sorted this list leads on as it began.
  if (start?.kind === 'sorted') return new SortedIterator(plan, start.block, start.after)
  if (sortsInGateway(plan.source, plan.order)) return new SortedIterator(plan, null, null)
  if (plan.source.paginationStyle === 'cursor') return new KeysetIterator(plan, start?.kind === 'keyset' ? start.position : null)
  return new OffsetIterator(plan, start?.kind === 'offset' ? start.cursor : null)
}

/** True for a list that its source cannot sort in this order. */
export function sortsInGateway(source: TicketSource, order: TicketOrder): boolean {
  if (source.paginationStyle === 'keyset') return false
  const isAssumed = order.field === assumedOrder.field && order.direction === assumedOrder.direction
  return !isAssumed && source.sorts?.(order) !== true
}

class ActiveCursor implements SourceCursor {
  readonly iterator: TicketIterator
  readonly source: TicketSource
  emitted = 0
  error: DeskgraphError | null = null
  readonly #clientSideFilters: readonly FilterField[]
  readonly #deps: SourceCursorDeps
  readonly #startedAt: number
  #answeredAt: number
  readonly #entries = new Map<number, string | null>()

  constructor(iterator: TicketIterator, source: TicketSource, clientSideFilters: readonly FilterField[], deps: SourceCursorDeps) {
    this.iterator = iterator
    this.source = source
    this.#clientSideFilters = clientSideFilters
    this.#deps = deps
    this.#startedAt = deps.clock()
    this.#answeredAt = this.#startedAt
  }

  get canRead(): boolean {
    return this.error === null && !this.iterator.exhausted && !this.iterator.scanLimitReached
  }

  get isExact(): boolean {
    const { ordering, exhausted, scanLimitReached } = this.iterator
    return this.error === null && ordering === 'EXACT' && (exhausted || !scanLimitReached)
  }

  get filters(): boolean {
    return this.#clientSideFilters.length > 0
  }

  hintAfter(emitted: number, isPassed: IsPassed): PositionHint | null {
    return this.iterator.hintAfter(emitted, isPassed)
  }

  get hasMore(): boolean {
    return this.emitted < this.iterator.buffer.length || (this.error === null && !this.iterator.exhausted)
  }

  get totalCount(): number | null {
    return this.error ? null : this.iterator.totalCount
  }

  async read(want: number, call: Call): Promise<void> {
    try {
      await this.iterator.read(want, call)
    } catch (cause) {
      this.error = toSourceFailure(cause, this.source.info, call.signal.aborted, this.#deps.logger)
    }
    this.#answeredAt = this.#deps.clock()
  }

  report(): SourceReport {
    const { error, iterator } = this
    return {
      source: this.source.info,
      ...(error ? toReportedFailure(error, this.#deps.clock) : { ...noFailure, error: toDroppedText(iterator.dropped) }),
      returned: this.emitted,
      matching: this.totalCount,
      exhausted: error === null && !this.hasMore,
      ordering: iterator.ordering,
      filtersApplied: this.#clientSideFilters,
      latencyMs: this.#answeredAt - this.#startedAt,
    }
  }

  entryAfter(emitted: number): string | null {
    let entry = this.#entries.get(emitted)
    if (entry === undefined) {
      const position = this.iterator.positionAfter(emitted)
      entry = position && encodeEntry(this.source.info.key, position)
      this.#entries.set(emitted, entry)
    }
    return entry
  }
}

/** The cursor of a source that this page does not read. `totalCount`: how many tickets it gave on earlier pages. */
function createIdleCursor(
  source: TicketSource,
  clientSideFilters: readonly FilterField[],
  totalCount: number | null,
): SourceCursor {
  return {
    source,
    iterator: null,
    emitted: 0,
    canRead: false,
    error: null,
    hasMore: false,
    totalCount,
    read: async () => {},
    report: () => ({
      ...noFailure,
      source: source.info,
      outcome: 'SKIPPED',
      returned: 0,
      matching: totalCount,
      exhausted: true,
      ordering: 'EXACT',
      filtersApplied: clientSideFilters,
      latencyMs: 0,
    }),
    entryAfter: () => encodeEntry(source.info.key, { kind: 'exhausted', totalCount }),
    isExact: true,
    filters: false,
    hintAfter: () => ({ kind: 'exhausted', totalCount }),
  }
}

function toDroppedText(dropped: number): string | null {
  if (dropped === 0) return null
  return `${dropped} ${dropped === 1 ? 'record' : 'records'} of this source could not be understood and ${dropped === 1 ? 'was' : 'were'} left out.`
}
