import type { Call } from '../../domain/call.ts'
import type { CountKey, SourceInfo, TallyGroup } from '../../sources/source.ts'
import { allowedConditionsOf, type DeadlineDeps, type SourcesRequest, selectSources, withDeadlines } from '../asked-sources.ts'
import type { ReportedFailure } from '../source-failure.ts'
import type { Sources } from '../ticket-service.ts'
import { type CountDeps, countSource, type SourceCount } from './count-source.ts'

export interface CountTickets extends SourcesRequest {
  readonly by: CountKey
}

/** The tickets of one group, over all sources. */
export interface TicketCount {
  /** null: tickets without a value. */
  readonly key: string | null
  readonly label: string | null
  readonly count: number
  /** False: there may be more, because a source could not count its tickets of this group, or some belong to another group. */
  readonly exact: boolean
}

/** One source's part in a count. SKIPPED: it was not asked, because it cannot count or cannot match. */
export interface CountReport extends ReportedFailure {
  readonly source: SourceInfo
  /** True when every matching ticket of the source is in its group. */
  readonly counted: boolean
  /** How many tickets of the source match; null when it failed or does not say. */
  readonly matching: number | null
}

export interface TicketCounts {
  /** The largest first; at most `maxGroups`. */
  readonly groups: readonly TicketCount[]
  /** One report per asked source, in the configured order. */
  readonly sources: readonly CountReport[]
}

export const maxGroups = 100

/**
 * Counts the tickets of the sources that the viewer may see, by what each source can count and by what is stored here. It lists no ticket.
 * Throws BAD_USER_INPUT, and FORBIDDEN for a filter by e-mail without `customers:pii`.
 */
export async function countTickets(
  request: CountTickets,
  sources: Sources,
  call: Call,
  deps: CountDeps & DeadlineDeps,
): Promise<TicketCounts> {
  const { by } = request
  const counts = await countSources(request, sources, call, deps)
  const groups = by === 'SOURCE' ? toSourceGroups(counts) : mergeGroups(counts, by)
  return {
    groups: groups
      .filter(({ count }) => count > 0)
      .sort(compareGroups)
      .slice(0, maxGroups),
    sources: counts.map(({ source, tally, latencyMs: _, ...failure }) => ({
      ...failure,
      source: source.info,
      counted: tally.complete && tally.total !== null,
      matching: tally.total,
    })),
  }
}

/** Counts in every asked source at the same time. */
export function countSources(
  { sources: keys, filter, by }: CountTickets,
  sources: Sources,
  call: Call,
  deps: CountDeps & DeadlineDeps,
): Promise<readonly SourceCount[]> {
  const conditions = allowedConditionsOf(filter, call)
  const selected = selectSources(sources, keys)
  return withDeadlines(call, deps, (callOf) =>
    Promise.all(selected.map((source) => countSource(source, { filter: conditions, by }, callOf(source), deps))),
  )
}

/** A source that could not count lacks its own group alone, so the others are exact. */
function toSourceGroups(counts: readonly SourceCount[]): TicketCount[] {
  return counts.map(({ source, tally }) => ({
    key: source.info.key,
    label: source.info.label,
    count: tally.total ?? 0,
    exact: true,
  }))
}

/** A group is exact when each source has counted it exactly, or has none of it. */
function mergeGroups(counts: readonly SourceCount[], by: CountKey): TicketCount[] {
  const listed = counts.map(({ tally }) => new Map(tally.groups.map((group) => [identityOf(group, by), group])))
  const identities = new Set(listed.flatMap((groups) => [...groups.keys()]))
  return [...identities].map((identity) => {
    const parts = listed.flatMap((groups) => groups.get(identity) ?? [])
    return {
      key: parts[0]!.key,
      label: parts.find(({ label }) => label !== null)?.label ?? null,
      count: parts.reduce((total, { count }) => total + count, 0),
      exact: counts.every(({ tally }, index) => listed[index]!.get(identity)?.exact ?? tally.complete),
    }
  })
}

/** Agents are compared as the filter `assignee` does. */
function identityOf({ key }: TallyGroup, by: CountKey): string | null {
  return by === 'ASSIGNEE' ? (key?.toLowerCase() ?? null) : key
}

function compareGroups(one: TicketCount, other: TicketCount): number {
  if (one.count !== other.count) return other.count - one.count
  if (one.key === null || other.key === null) return one.key === null ? 1 : -1
  return one.key < other.key ? -1 : 1
}
