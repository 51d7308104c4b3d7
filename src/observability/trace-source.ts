import { noTracer, type Tracer } from '../domain/telemetry.ts'
import type { TicketSource } from '../sources/source.ts'

const methods = [
  ...(['loadTickets', 'listTickets', 'createTicket', 'updateTicket', 'replyToTicket', 'escalateTicket', 'closeTicket'] as const),
  ...(['reassignTicket', 'transferTicket', 'routeTicket', 'escalationDepartments', 'transferQueues'] as const),
  ...(['resolutionStatuses', 'contactReasons'] as const),
]

/** The source with a span around everything that it is asked to do; the source itself where nothing is traced. */
export function traceSource(source: TicketSource, tracer: Tracer): TicketSource {
  if (tracer === noTracer) return source
  const traced: Record<string, unknown> = {}
  for (const method of methods) {
    const work = source[method] as ((...args: unknown[]) => Promise<unknown>) | undefined
    if (!work) continue
    traced[method] = (...args: unknown[]) =>
      tracer.span(`${source.info.key} ${method}`, { source: source.info.key }, () => work.apply(source, args))
  }
  return { ...source, ...traced }
}
