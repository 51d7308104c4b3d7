import type { Call } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { may } from '../domain/permissions.ts'
import type { TicketFilter, TicketSource } from '../sources/source.ts'
import { conditionsOf } from './ticket-filter.ts'
import type { Sources } from './ticket-service.ts'

/** What a list and a count over several sources ask. */
export interface SourcesRequest {
  /** Source keys; null or empty: all. An unknown key is BAD_USER_INPUT that names it. */
  readonly sources: readonly string[] | null
  readonly filter: TicketFilter
}

export interface DeadlineDeps {
  /** How long a list or a count waits for a source, in milliseconds, all its calls together. */
  timeoutMsOf(sourceKey: string): number
}

/** The filter's conditions. Throws BAD_USER_INPUT, and FORBIDDEN for a filter by e-mail without `customers:pii`. */
export function allowedConditionsOf(filter: TicketFilter, call: Call): TicketFilter {
  const conditions = conditionsOf(filter)
  if (conditions.customerEmail && !may(call.viewer, 'customers:pii')) {
    throw new DeskgraphError('FORBIDDEN', 'A filter by customerEmail needs the scope customers:pii.')
  }
  return conditions
}

/** The named sources in the configured order; null or empty: all that the viewer may see. */
export function selectSources(sources: Sources, keys: readonly string[] | null): readonly TicketSource[] {
  if (keys === null || keys.length === 0) return sources.all
  const unknown = keys.find((key) => sources.get(key) === undefined)
  if (unknown !== undefined) throw new DeskgraphError('BAD_USER_INPUT', `There is no source "${unknown.slice(0, 100)}".`)
  return sources.all.filter((source) => keys.includes(source.info.key))
}

/** The call for each source, whose signal aborts at its deadline, which `endsAt` says. Sources with the same timeout share one deadline. */
export function createDeadlines(call: Call, deps: DeadlineDeps): (source: TicketSource) => Call {
  const calls = new Map<number, Call>()
  return (source) => {
    const timeoutMs = deps.timeoutMsOf(source.info.key)
    const limited = calls.get(timeoutMs) ?? {
      ...call,
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(timeoutMs)]),
      endsAt: Math.min(call.endsAt ?? Number.POSITIVE_INFINITY, performance.now() + timeoutMs),
    }
    calls.set(timeoutMs, limited)
    return limited
  }
}
