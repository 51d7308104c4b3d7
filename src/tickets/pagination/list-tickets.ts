import type { Call } from '../../domain/call.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import { may } from '../../domain/permissions.ts'
import { type Deadline, startDeadline } from '../deadline.ts'
import { conditionsOf } from '../filter.ts'
import { chooseSources } from '../sources.ts'
import type { ListTickets, Sources, TicketPage } from '../types.ts'
import { merge } from './merge-sources.ts'
import { toPage } from './page.ts'
import { readCursor, toListHash } from './page-cursor.ts'
import { createSourceCursor, type SourceCursor, type SourceCursorDeps } from './source-cursor.ts'

export interface ListDeps extends SourceCursorDeps {
  /** The most that `first` may be. */
  readonly maxPageSize: number
  /** How long a page waits for a source, in milliseconds. */
  deadlineMsOf(sourceKey: string): number
}

/** One page over the sources that this viewer may see. Throws BAD_USER_INPUT; a source's fault is in its report. */
export async function listTickets(request: ListTickets, sources: Sources, call: Call, deps: ListDeps): Promise<TicketPage> {
  const { first, after, order } = request
  if (!Number.isInteger(first) || first < 0 || first > deps.maxPageSize) {
    throw new DeskgraphError('BAD_USER_INPUT', `\`first\` must be from 0 to ${deps.maxPageSize}.`)
  }
  const conditions = conditionsOf(request.filter)
  if (conditions.customerEmail && !may(call.viewer, 'customers:pii')) {
    throw new DeskgraphError('FORBIDDEN', 'A filter by customerEmail needs the scope customers:pii.')
  }
  const chosen = chooseSources(sources, request.sources)
  const listHash = once(() => toListHash(conditions, order, request.sources))
  const states = after === null ? null : readCursor(after, listHash())
  const lanes =
    first === 0 ? [] : chosen.map((source) => createSourceCursor(source, conditions, order, states?.get(source.info.key), deps))
  const deadlines = createDeadlines(call, deps)
  try {
    const taken = await merge(lanes, order, first, deadlines.of)
    return toPage(lanes, taken, listHash, after)
  } finally {
    deadlines.end()
  }
}

/** Made when it is first wanted: a page whose cursors nobody reads does without. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** All deadlines of a page begin together; sources with the same patience share one. */
function createDeadlines(call: Call, deps: ListDeps) {
  const byMs = new Map<number, Deadline>()
  return {
    of(lane: SourceCursor): Deadline {
      const timeoutMs = deps.deadlineMsOf(lane.source.info.key)
      const deadline = byMs.get(timeoutMs) ?? startDeadline(call, timeoutMs)
      byMs.set(timeoutMs, deadline)
      return deadline
    },
    end() {
      for (const deadline of byMs.values()) deadline.end()
    },
  }
}
