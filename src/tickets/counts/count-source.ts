import type { Call } from '../../domain/call.ts'
import type { Clock } from '../../domain/clock.ts'
import { DeskgraphError } from '../../domain/errors.ts'
import type { Logger } from '../../domain/telemetry.ts'
import type { Ticket } from '../../domain/ticket.ts'
import type {
  CountKey,
  CountRequest,
  TallyGroup,
  TicketField,
  TicketFilter,
  TicketSource,
  TicketTally,
} from '../../sources/source.ts'
import { toWanted } from '../../sources/wanted-fields.ts'
import { rejectOnAbort } from '../pagination/ticket-iterator.ts'
import { noFailure, type ReportedFailure, toReportedFailure, toSourceFailure } from '../source-failure.ts'
import { concernsSource, refsOfSource, testedFields, toTest } from '../ticket-filter.ts'

/** What one source counted. A source that failed, or cannot count, has no groups. */
export interface SourceCount extends ReportedFailure {
  readonly source: TicketSource
  readonly tally: TicketTally
  readonly latencyMs: number
}

export interface CountDeps {
  readonly logger: Logger
  readonly clock: Clock
}

const uncounted: TicketTally = { total: null, groups: [], complete: false }
const empty: TicketTally = { total: 0, groups: [], complete: true }

/**
 * Counts the tickets of one source that meet these conditions. It lists no ticket: a source that cannot count is SKIPPED. Tickets that the
 * filter names by their ids are read. A failure of the source is data; BAD_USER_INPUT rejects.
 */
export async function countSource(
  source: TicketSource,
  request: CountRequest,
  call: Call,
  deps: CountDeps,
): Promise<SourceCount> {
  if (!concernsSource(request.filter, source.info.key)) {
    return { ...noFailure, source, outcome: 'SKIPPED', tally: empty, latencyMs: 0 }
  }
  const startedAt = deps.clock()
  try {
    const tally = await rejectOnAbort(tallyOf(source, request, call), call.signal)
    const latencyMs = deps.clock() - startedAt
    return { ...noFailure, source, outcome: tally ? 'OK' : 'SKIPPED', tally: tally ?? uncounted, latencyMs }
  } catch (cause) {
    const error = toSourceFailure(cause, source.info, call.signal.aborted, deps.logger)
    return { ...toReportedFailure(error, deps.clock), source, tally: uncounted, latencyMs: deps.clock() - startedAt }
  }
}

/** null: the source cannot count with this filter. */
async function tallyOf(source: TicketSource, { filter, by }: CountRequest, call: Call): Promise<TicketTally | null> {
  const { countsBy, reads } = source.info.capabilities
  const isFilled = fieldOf[by] === null || reads.includes(fieldOf[by])
  const key = countsBy.includes(by) && isFilled ? by : 'SOURCE'
  const tally = countsBy.includes(key) ? await source.countTickets?.({ filter, by: key }, call) : null
  if (!tally) return filter.ids ? countNamed(source, filter, by, filter.ids, call) : null
  if (key === by) return tally
  if (isFilled || tally.total === null) return { total: tally.total, groups: [], complete: false }
  return { total: tally.total, groups: [{ key: null, label: null, count: tally.total, exact: true }], complete: true }
}

/** The field of the graph's `Ticket` that a key groups by. A source that does not fill it has no value of it on any ticket. */
const fieldOf: Readonly<Record<CountKey, TicketField | null>> = {
  STATUS: null,
  SOURCE: null,
  PRIORITY: 'priority',
  CHANNEL: 'channel',
  ASSIGNEE: 'assignee',
  QUEUE: 'queue',
}

async function countNamed(
  source: TicketSource,
  filter: TicketFilter,
  by: CountKey,
  ids: readonly string[],
  call: Call,
): Promise<TicketTally> {
  const loaded = await source.loadTickets(refsOfSource(ids, source.info.key), call, toWanted(source, new Set(testedFields)))
  const failed = loaded.find((ticket) => ticket instanceof DeskgraphError)
  if (failed) throw failed
  const matches = toTest(filter)
  const tickets = loaded.filter((ticket): ticket is Ticket => ticket !== null && !(ticket instanceof DeskgraphError))
  return tallyTickets(
    tickets.filter((ticket) => ticket.deletedAt === null && matches(ticket)),
    by,
  )
}

/** Counts tickets that were read. */
function tallyTickets(tickets: readonly Ticket[], by: CountKey): TicketTally {
  const toValue = values[by]
  if (toValue === null) return { total: tickets.length, groups: [], complete: true }
  const groups = new Map<string | null, TallyGroup>()
  for (const ticket of tickets) {
    const { key, label = null } = toValue(ticket)
    groups.set(key, { key, label, count: (groups.get(key)?.count ?? 0) + 1, exact: true })
  }
  return { total: tickets.length, groups: [...groups.values()], complete: true }
}

type Value = { readonly key: string | null; readonly label?: string | null }

/** null: there are no groups. */
const values: Readonly<Record<CountKey, ((ticket: Ticket) => Value) | null>> = {
  SOURCE: null,
  STATUS: ({ status }) => ({ key: status }),
  PRIORITY: ({ priority }) => ({ key: priority }),
  CHANNEL: ({ channel }) => ({ key: channel }),
  ASSIGNEE: ({ assignee }) => ({ key: assignee?.externalId ?? null, label: assignee?.name ?? null }),
  QUEUE: ({ queue, queueKey }) => ({ key: queueKey ?? queue, label: queue }),
}
