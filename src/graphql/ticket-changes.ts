import type { Change } from '../domain/events.ts'
import { may, maySee } from '../domain/policy.ts'
import { toTest } from '../tickets/filter.ts'
import type { GraphContext } from './context.ts'
import type { TicketFilterInput } from './inputs/list-args.ts'
import { toTicketFilter } from './ticket-lists.ts'

export interface TicketChangeArgs {
  readonly filter?: TicketFilterInput | null
  readonly after?: string | null
}

/**
 * The changes that concern this subscriber: its filter matched the ticket before or after, in a source that it may see.
 * Rights are asked for again before each; without them it ends.
 */
export function watchTickets(context: GraphContext, args: TicketChangeArgs): AsyncIterableIterator<Change> {
  const { sources, filter } = toTicketFilter(context, args.filter ?? {})
  const matches = toTest(filter)
  const concerns = ({ ticket, before }: Change) =>
    (sources === null || sources.includes(ticket.source.key)) && (matches(ticket) || (before !== null && matches(before)))
  const stop = new AbortController()
  const signal = AbortSignal.any([context.call.signal, stop.signal])
  const changes = context.services.changes.subscribe({ after: args.after ?? null, signal, concerns })
  return stoppable(permitted(context, changes), stop)
}

async function* permitted(context: GraphContext, changes: AsyncIterable<Change>): AsyncGenerator<Change, undefined> {
  let gap = false
  for await (const change of changes) {
    const viewer = currentViewer(context)
    if (!viewer || !may(viewer, 'tickets:read')) return
    // A gap must be told even when the change that carries it is not for this subscriber.
    gap ||= change.gap
    if (!maySee(viewer, change.ticket.source.key)) continue
    yield gap === change.gap ? change : { ...change, gap }
    gap = false
  }
}

function currentViewer({ request, viewer }: GraphContext) {
  return request.currentViewer ? request.currentViewer() : viewer
}

/** A generator that waits for its next change cannot be ended by `return` alone: the wait is ended first. */
function stoppable(generator: AsyncGenerator<Change, undefined>, stop: AbortController): AsyncIterableIterator<Change> {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => generator.next(),
    return: () => {
      stop.abort()
      return generator.return(undefined)
    },
    throw: (error) => {
      stop.abort()
      return generator.throw(error)
    },
  }
}
