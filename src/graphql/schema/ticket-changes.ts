import type { Change } from '../../domain/events.ts'
import { may, maySee } from '../../domain/permissions.ts'
import { PullStream } from '../../domain/pull-stream.ts'
import { toTest } from '../../tickets/ticket-filter.ts'
import type { GraphContext } from '../context.ts'
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
export function watchTickets(context: GraphContext, args: TicketChangeArgs): PullStream<Change> {
  const { sources, filter } = toTicketFilter(context, args.filter ?? {})
  const matches = toTest(filter)
  const concerns = ({ ticket, before }: Change) =>
    (sources === null || sources.includes(ticket.source.key)) && (matches(ticket) || (before !== null && matches(before)))
  const stop = new AbortController()
  const signal = AbortSignal.any([context.call.signal, stop.signal])
  const changes = context.services.changes.subscribe({ after: args.after ?? null, signal, concerns })
  const ticketChanges = new TicketChanges(context, changes, () => stop.abort())
  signal.addEventListener('abort', ticketChanges.cancel, { once: true })
  return ticketChanges
}

class TicketChanges extends PullStream<Change> {
  readonly #context: GraphContext
  readonly #changes: PullStream<readonly Change[]>
  readonly #stop: () => void
  #come: readonly Change[] = []
  #at = 0
  #gap = false
  #ended = false

  constructor(context: GraphContext, changes: PullStream<readonly Change[]>, stop: () => void) {
    super()
    this.#context = context
    this.#changes = changes
    this.#stop = stop
  }

  poll(): Change | undefined {
    for (let change = this.#take(); change; change = this.#take()) {
      const viewer = currentViewer(this.#context)
      if (!viewer || !may(viewer, 'tickets:read')) {
        this.cancel()
        return undefined
      }
      // A gap must be told even when the change that carries it is not for this subscriber.
      this.#gap ||= change.gap
      if (!maySee(viewer, change.ticket.source.key)) continue
      const told = this.#gap === change.gap ? change : { ...change, gap: this.#gap }
      this.#gap = false
      return told
    }
    return undefined
  }

  ready(): Promise<boolean> {
    return this.#ended ? Promise.resolve(false) : this.#changes.ready()
  }

  /** What has come is no longer wanted either. */
  readonly cancel = (): void => {
    this.#ended = true
    this.#stop()
  }

  #take(): Change | undefined {
    if (this.#ended) return undefined
    while (this.#at === this.#come.length) {
      const come = this.#changes.poll()
      if (!come) return undefined
      this.#come = come
      this.#at = 0
    }
    return this.#come[this.#at++]
  }
}

function currentViewer({ request, viewer }: GraphContext) {
  return request.currentViewer ? request.currentViewer() : viewer
}
