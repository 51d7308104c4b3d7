import { Arg, Ctx, Extensions, Field, ObjectType, Resolver, Root, Subscription } from 'type-graphql'
import type { Change, TicketEventKind } from '../../domain/events.ts'
import { may, maySee } from '../../domain/permissions.ts'
import { PullStream } from '../../domain/pull-stream.ts'
import { toTest } from '../../tickets/ticket-filter.ts'
import type { GraphContext } from '../context.ts'
import { TicketType } from './ticket.ts'
import { TicketEventKindEnum, TicketEventType } from './ticket-event.ts'
import { TicketFilterInput, toTicketFilter } from './ticket-filter.ts'

@ObjectType('TicketChange', { description: 'A change of a ticket, as a subscriber receives it.', simpleResolvers: true })
export class TicketChangeType {
  @Field(() => String, {
    description: 'Opaque cursor. Keep the last one: passed as `after`, the subscription resumes behind this change.',
  })
  readonly cursor!: string

  @Field(() => TicketEventKindEnum, { description: 'What happened to the ticket.' })
  readonly kind!: TicketEventKind

  @Field(() => TicketType, {
    description: 'The ticket after the change. When it no longer matches the filter, remove it from your list.',
  })
  readonly ticket!: TicketType

  @Field(() => TicketEventType, { description: "The change's entry in the change log." })
  readonly event!: TicketEventType

  @Field(() => Boolean, {
    description: 'True when changes before this one were lost, because they are no longer stored: read your lists again.',
  })
  readonly gap!: boolean
}

@Resolver()
export class TicketChangeSubscriptions {
  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' } })
  @Subscription(() => TicketChangeType, {
    description:
      'Every change of a ticket that the gateway sees: events from sources, writes through the gateway, and polling of sources without events. ' +
      "It ends when the viewer's token expires.",
    subscribe: ({ args, context }) => subscribeToTickets(context as GraphContext, args as TicketChangeArgs),
  })
  ticketChanged(
    @Root() change: Change,
    @Arg('filter', () => TicketFilterInput, {
      nullable: true,
      description:
        'Conditions as in `tickets`. A change is sent when the ticket matched before the change or matches after it, and when the gateway does not ' +
        'know the ticket before the change (a write in a PULL source). null: all changes.',
    })
    _filter: TicketFilterInput | null | undefined,
    @Arg('after', () => String, {
      nullable: true,
      description:
        '`TicketChange.cursor` of the last change that you received: the subscription sends every later change exactly once. null: only new changes.',
    })
    _after: string | null | undefined,
    @Ctx() context: GraphContext,
  ): Change {
    context.renew()
    return change
  }
}

interface TicketChangeArgs {
  readonly filter?: TicketFilterInput | null
  readonly after?: string | null
}

/**
 * The changes whose ticket matched the filter after, or matched or may have matched before, in the sources that the viewer
 * sees, in the order of the change log. The stream checks the viewer's rights before each change and ends without them.
 */
function subscribeToTickets(context: GraphContext, args: TicketChangeArgs): PullStream<Change> {
  const { sources, filter } = toTicketFilter(context, args.filter ?? {})
  const matches = toTest(filter)
  const mayHaveMatched = ({ kind, before }: Change) => (before === null ? kind !== 'CREATED' : matches(before))
  const concerns = (change: Change) =>
    (sources === null || sources.includes(change.ticket.source.key)) && (matches(change.ticket) || mayHaveMatched(change))
  const stop = new AbortController()
  const signal = AbortSignal.any([context.call.signal, stop.signal])
  const changes = context.services.changes.subscribe({ after: args.after ?? null, signal, concerns })
  const visible = new VisibleChanges(context, changes, () => stop.abort())
  signal.addEventListener('abort', visible.cancel, { once: true })
  return visible
}

/** The changes of a batched stream one by one, without those of sources that the viewer does not see. */
class VisibleChanges extends PullStream<Change> {
  readonly #context: GraphContext
  readonly #batches: PullStream<readonly Change[]>
  readonly #stop: () => void
  #batch: readonly Change[] = []
  #position = 0
  /** A change that the viewer does not see had a gap. */
  #gap = false
  #ended = false

  constructor(context: GraphContext, batches: PullStream<readonly Change[]>, stop: () => void) {
    super()
    this.#context = context
    this.#batches = batches
    this.#stop = stop
  }

  poll(): Change | undefined {
    for (let change = this.#next(); change; change = this.#next()) {
      const viewer = currentViewer(this.#context)
      if (!viewer || !may(viewer, 'tickets:read')) {
        this.cancel()
        return undefined
      }
      // The subscriber must learn of a gap even when the change that carries it is not sent.
      this.#gap ||= change.gap
      if (!maySee(viewer, change.ticket.source.key)) continue
      const visible = this.#gap === change.gap ? change : { ...change, gap: this.#gap }
      this.#gap = false
      return visible
    }
    return undefined
  }

  ready(): Promise<boolean> {
    return this.#ended ? Promise.resolve(false) : this.#batches.ready()
  }

  /** Also drops the changes that were already received. */
  readonly cancel = (): void => {
    this.#ended = true
    this.#stop()
  }

  #next(): Change | undefined {
    if (this.#ended) return undefined
    while (this.#position === this.#batch.length) {
      const batch = this.#batches.poll()
      if (!batch) return undefined
      this.#batch = batch
      this.#position = 0
    }
    return this.#batch[this.#position++]
  }
}

function currentViewer({ request, viewer }: GraphContext) {
  return request.currentViewer ? request.currentViewer() : viewer
}
