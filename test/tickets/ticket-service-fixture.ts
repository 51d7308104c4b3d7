import type { Call, Viewer } from '../../src/domain/call.ts'
import { type Clock, systemClock } from '../../src/domain/clock.ts'
import type { NewChange } from '../../src/domain/events.ts'
import { anonymous } from '../../src/domain/permissions.ts'
import { noLogger } from '../../src/domain/telemetry.ts'
import type { TicketFilter, TicketOrder, TicketSource } from '../../src/sources/source.ts'
import type { ListTickets, TicketPage } from '../../src/tickets/pagination/list-tickets.ts'
import { createTicketService, type TicketLimits, type TicketReads } from '../../src/tickets/ticket-service.ts'
import { createMemoryIdempotency } from '../support/memory-idempotency.ts'
import { createMemoryUploads } from '../support/memory-uploads.ts'

export const latestFirst: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

export function toCall(viewer: Viewer = anonymous, signal: AbortSignal = new AbortController().signal): Call {
  return { viewer, signal, requestId: 'test' }
}

export function viewerWith(...scopes: string[]): Viewer {
  return { ...anonymous, id: 'agent-1', scopes: new Set(scopes) }
}

export function toRequest(differences: Partial<ListTickets> = {}): ListTickets {
  return { sources: null, filter: {} as TicketFilter, order: latestFirst, first: 25, after: null, counted: true, ...differences }
}

/** A service over these sources, with an idempotency store, uploads, a change log and counters to inspect. */
export function createService(sources: readonly TicketSource[], limits: Partial<TicketLimits> = {}, clock: Clock = systemClock) {
  const changeLog: NewChange[] = []
  /** The fields of every line at level error. */
  const logged: object[] = []
  const counted = new Map<string, number>()
  const idempotency = createMemoryIdempotency()
  const uploads = createMemoryUploads()
  const recorder = {
    broken: false,
    record: async (change: NewChange) => {
      if (recorder.broken) throw new Error('the change log is down')
      changeLog.push(change)
    },
  }
  const service = createTicketService({
    sources,
    idempotency,
    uploads,
    recorder,
    metrics: { count: (name, _labels, by = 1) => void counted.set(name, (counted.get(name) ?? 0) + by), observe() {}, set() {} },
    logger: { ...noLogger, error: (fields) => void logged.push(fields) },
    clock,
    limits: { scanLimit: 1000, maxPageSize: 100, sourceDeadlineMs: 5000, ...limits },
  })
  return { service, changeLog, logged, counted, idempotency, uploads, recorder }
}

/** One list in an operation of its own. */
export function listOnce(
  sources: readonly TicketSource[],
  differences: Partial<ListTickets> = {},
  limits: Partial<TicketLimits> = {},
): Promise<TicketPage> {
  return createService(sources, limits).service.begin(toCall()).reads.list(toRequest(differences))
}

/** The ids of all pages from the first to the last, in order. Throws when the pages do not end. */
export async function listAllIds(
  reads: () => TicketReads,
  differences: Partial<ListTickets>,
  pageSizes: readonly number[] = [7],
): Promise<string[]> {
  const ids: string[] = []
  let after: string | null = null
  for (let turn = 0; turn < 1000; turn++) {
    const page: TicketPage = await reads().list(toRequest({ ...differences, first: pageSizes[turn % pageSizes.length]!, after }))
    ids.push(...page.edges.map((edge) => edge.node.externalId))
    if (!page.hasNextPage) return ids
    after = page.endCursor
  }
  throw new Error('the pages do not end')
}
