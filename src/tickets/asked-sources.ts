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

/**
 * Runs `work` with a call for each source, whose signal aborts at the source's deadline, which `endsAt` says. Sources with the same timeout
 * share one deadline. Timers are cleared at the end: those of `AbortSignal.timeout` run on, and the weak references of `AbortSignal.any`
 * are freed by full garbage collections only.
 */
export async function withDeadlines<T>(
  call: Call,
  deps: DeadlineDeps,
  work: (callOf: (source: TicketSource) => Call) => Promise<T>,
): Promise<T> {
  const deadlines = new Map<number, SharedDeadline>()
  const callOf = (source: TicketSource) => {
    const timeoutMs = deps.timeoutMsOf(source.info.key)
    const deadline = deadlines.get(timeoutMs) ?? startDeadline(call, timeoutMs)
    deadlines.set(timeoutMs, deadline)
    return deadline.call
  }
  try {
    return await work(callOf)
  } finally {
    for (const { end } of deadlines.values()) end()
  }
}

interface SharedDeadline {
  readonly call: Call
  /** Stops the timer. */
  end(): void
}

function startDeadline(call: Call, timeoutMs: number): SharedDeadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new DOMException('The time is up.', 'TimeoutError')), timeoutMs)
  const cancel = () => controller.abort(call.signal.reason)
  if (call.signal.aborted) cancel()
  else call.signal.addEventListener('abort', cancel, { once: true })
  return {
    call: {
      ...call,
      signal: controller.signal,
      endsAt: Math.min(call.endsAt ?? Number.POSITIVE_INFINITY, performance.now() + timeoutMs),
    },
    end() {
      clearTimeout(timer)
      call.signal.removeEventListener('abort', cancel)
    },
  }
}
