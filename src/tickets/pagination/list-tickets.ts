import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type { FilterField, SourceInfo, TicketOrder, TicketSource } from '../../sources/source.ts'
import { allowedConditionsOf, type DeadlineDeps, type SourcesRequest, selectSources, withDeadlines } from '../asked-sources.ts'
import type { SourceCount } from '../counts/count-source.ts'
import { countSources } from '../counts/count-tickets.ts'
import type { ReportedFailure } from '../source-failure.ts'
import type { Sources } from '../ticket-service.ts'
import { CursorWriter, type WrittenPage } from './cursor-writer.ts'
import { mergeSources } from './merge-sources.ts'
import { toListHash } from './page-cursor.ts'
import { toPageStart } from './page-start.ts'
import { createSourceCursor, type SourceCursor, type SourceCursorDeps } from './source-cursor.ts'

export interface ListTickets extends SourcesRequest {
  readonly order: TicketOrder
  /** How many tickets the page has at most: 0 to `maxPageSize`, else BAD_USER_INPUT. 0 asks for the counts alone. */
  readonly first: number
  /** A cursor from an earlier page with the same filter, order and sources, else BAD_USER_INPUT. null: the first page. */
  readonly after: string | null
  /** false: the caller reads neither `totalCount` nor `matching`, which then may be null. */
  readonly counted: boolean
}

/** What one source did for a page. SKIPPED: it was not read, because it is exhausted or cannot match. */
export type SourceOutcome =
  | 'OK'
  | 'TIMEOUT'
  | 'RATE_LIMITED'
  | 'BUDGET_HELD'
  | 'CIRCUIT_OPEN'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'ERROR'
  | 'SKIPPED'

/** One source's part in a page, for the client to read. */
export interface SourceReport extends ReportedFailure {
  readonly source: SourceInfo
  /** How many tickets of the page are from this source. */
  readonly returned: number
  /** How many tickets of the source match in all; null when it failed or does not say. */
  readonly matching: number | null
  /** True when later pages have no ticket of this source. */
  readonly exhausted: boolean
  readonly ordering: 'EXACT' | 'BEST_EFFORT'
  /** The filter fields that the gateway applied, because the source cannot. */
  readonly filtersApplied: readonly FilterField[]
  readonly latencyMs: number
  /** A text for people: the failure, or how many records were left out. null when all went well. */
  readonly error: string | null
}

export interface TicketPage {
  /** In the asked order. Each cursor resumes after its ticket. */
  readonly edges: readonly { readonly cursor: string; readonly node: Ticket }[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** Resumes after the last ticket, also when the page is empty. `after` again when no source was asked. */
  readonly endCursor: string | null
  /** How many tickets match in all sources; null when one of them failed or does not say. */
  readonly totalCount: number | null
  /** One report per asked source, in the configured order. */
  readonly sources: readonly SourceReport[]
}

export interface ListDeps extends SourceCursorDeps, DeadlineDeps {
  /** The largest `first`. */
  readonly maxPageSize: number
}

/**
 * One page over the sources that the viewer may see. A source's failure is in its report and leaves the others' tickets.
 * Throws BAD_USER_INPUT, and FORBIDDEN for a filter by e-mail without `customers:pii`.
 */
export async function listTickets(request: ListTickets, sources: Sources, call: Call, deps: ListDeps): Promise<TicketPage> {
  const { first, after, order } = request
  if (!Number.isInteger(first) || first < 0 || first > deps.maxPageSize) {
    throw new DeskgraphError('BAD_USER_INPUT', `\`first\` must be from 0 to ${deps.maxPageSize}.`)
  }
  const conditions = allowedConditionsOf(request.filter, call)
  const selected = selectSources(sources, request.sources)
  const listHash = lazy(() => toListHash(conditions, order, request.sources))
  const start = toPageStart(after, { conditions, order, sources: selected, listHash })
  const toCursor = (source: TicketSource) =>
    createSourceCursor(source, conditions, request, start.positions.get(source.info.key), deps)
  if (first === 0) return toCountPage(await countSources({ ...request, by: 'SOURCE' }, sources, call, deps), after)
  const cursors = selected.map(toCursor)
  const emitted = await withDeadlines(call, deps, (callOf) => mergeSources(cursors, order, first, ({ source }) => callOf(source)))
  return new Page({ cursors, emitted, order, start, listHash }, after)
}

function lazy<T>(create: () => T): () => T {
  let created: { readonly value: T } | undefined
  return () => {
    created ??= { value: create() }
    return created.value
  }
}

/** The page of `first: 0` (DECISION-37): no ticket, and how many match. It leads to no other page. */
function toCountPage(counts: readonly SourceCount[], after: string | null): TicketPage {
  return {
    edges: [],
    hasNextPage: false,
    hasPreviousPage: after !== null,
    endCursor: after,
    totalCount: sumOf(counts.map(({ tally }) => tally.total)),
    sources: counts.map(({ source, tally, ...rest }) => ({
      ...rest,
      source: source.info,
      returned: 0,
      matching: tally.total,
      exhausted: tally.total === 0,
      ordering: 'EXACT',
      filtersApplied: [],
    })),
  }
}

class Page implements TicketPage {
  readonly edges: TicketPage['edges']
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly totalCount: number | null
  readonly sources: TicketPage['sources']
  readonly #writer: () => CursorWriter
  readonly #after: string | null
  readonly #asked: boolean

  constructor(page: WrittenPage, after: string | null) {
    const { cursors, emitted } = page
    this.#writer = lazy(() => new CursorWriter(page))
    this.#after = after
    this.#asked = cursors.length > 0
    const counts = cursors.map(() => 0)
    this.edges = emitted.map((index, i) => {
      const node = cursors[index]!.iterator!.buffer[counts[index]!++]!
      return new Edge(node, i + 1, this.#writer)
    })
    // A failed source may come back, so it promises a next page while pages still bring tickets. One that the budget held does come back.
    const maySupply = ({ error }: SourceCursor) => error !== null && (emitted.length > 0 || error.code === 'BUDGET_HELD')
    this.hasNextPage = cursors.some((cursor) => cursor.hasMore || maySupply(cursor))
    this.hasPreviousPage = after !== null
    this.totalCount = sumOf(cursors.map(({ totalCount }) => totalCount))
    this.sources = cursors.map((cursor) => cursor.report())
  }

  get endCursor(): string | null {
    return this.#asked ? this.#writer().endCursor() : this.#after
  }
}

/** Encodes its cursor when it is read: most cursors of a page never are. */
class Edge {
  readonly node: Ticket
  readonly #count: number
  readonly #writer: () => CursorWriter

  constructor(node: Ticket, count: number, writer: () => CursorWriter) {
    this.node = node
    this.#count = count
    this.#writer = writer
  }

  get cursor(): string {
    return this.#writer().edgeCursor(this.#count)
  }
}

/** null when there is no source, or one does not say. */
function sumOf(counts: readonly (number | null)[]): number | null {
  if (counts.length === 0) return null
  return counts.reduce((total, count) => (total === null || count === null ? null : total + count), 0)
}
