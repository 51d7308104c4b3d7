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
  const ticketChanges = new TicketChanges(context, changes[Symbol.asyncIterator](), () => stop.abort())
  signal.addEventListener('abort', ticketChanges.end, { once: true })
  return ticketChanges
}

/** Can be asked for what has come already: whoever writes many changes out at once need not wait for each. */
class TicketChanges implements AsyncIterableIterator<Change> {
  readonly #context: GraphContext
  readonly #changes: AsyncIterator<readonly Change[]>
  readonly #stop: () => void
  #come: readonly Change[] = []
  #at = 0
  #gap = false
  #ended = false

  constructor(context: GraphContext, changes: AsyncIterator<readonly Change[]>, stop: () => void) {
    this.#context = context
    this.#changes = changes
    this.#stop = stop
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Change, undefined>> {
    for (;;) {
      const value = this.nextAtHand()
      if (value) return { done: false, value }
      const came = this.#ended ? ended : await this.#changes.next()
      if (came.done) return this.return()
      this.#come = came.value
      this.#at = 0
    }
  }

  /** The next change without a wait; undefined: there is none yet, or it has ended. */
  nextAtHand(): Change | undefined {
    for (; this.#at < this.#come.length; ) {
      const viewer = currentViewer(this.#context)
      if (this.#ended || !viewer || !may(viewer, 'tickets:read')) {
        this.end()
        return undefined
      }
      const change = this.#come[this.#at++]!
      // A gap must be told even when the change that carries it is not for this subscriber.
      this.#gap ||= change.gap
      if (!maySee(viewer, change.ticket.source.key)) continue
      const told = this.#gap === change.gap ? change : { ...change, gap: this.#gap }
      this.#gap = false
      return told
    }
    return undefined
  }

  /** What has come is no longer wanted. */
  readonly end = (): void => {
    this.#ended = true
  }

  /** The feed may be waiting for its next change: the wait is ended first. */
  async return(): Promise<IteratorResult<Change, undefined>> {
    this.end()
    this.#stop()
    await this.#changes.return?.()
    return ended
  }

  async throw(error: unknown): Promise<IteratorResult<Change, undefined>> {
    await this.return()
    throw error
  }
}

const ended = { done: true, value: undefined } as const

function currentViewer({ request, viewer }: GraphContext) {
  return request.currentViewer ? request.currentViewer() : viewer
}
