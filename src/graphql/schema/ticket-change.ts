import { Arg, Ctx, Extensions, Field, FieldResolver, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql'
import type { Change, TicketEventKind } from '../../domain/events.ts'
import { may, maySee } from '../../domain/permissions.ts'
import { PullStream } from '../../domain/pull-stream.ts'
import { findNewMessage } from '../../domain/ticket-diff.ts'
import { toTest } from '../../tickets/ticket-filter.ts'
import type { GraphContext } from '../context.ts'
import { withFullTicket } from './lazy-fields.ts'
import { TicketType } from './ticket.ts'
import { ThreadMessageType } from './ticket-conversation.ts'
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

  @Field(() => TicketType, { description: 'The ticket after the change.' })
  readonly ticket!: TicketType

  @Field(() => TicketEventType, { description: "The change's entry in the change log." })
  readonly event!: TicketEventType

  @Field(() => Boolean, {
    description: 'True when changes before this one were lost, because they are no longer stored: read your lists again.',
  })
  readonly gap!: boolean
}

/** A change as one subscriber gets it. `matches` false: the ticket does not match the subscriber's filter any more. */
type SentChange = Change & { readonly matches?: false }

@Resolver(() => TicketChangeType)
export class TicketChangeResolver {
  @FieldResolver(() => Boolean, {
    description: 'False when the ticket does not match the filter any more, or was deleted: take it out of your list.',
  })
  matches(@Root() change: SentChange): boolean {
    return change.matches ?? true
  }

  @Extensions({ cost: { calls: 1 } })
  @FieldResolver(() => ThreadMessageType, {
    nullable: true,
    description:
      'The message that the change brought; of several the newest. null when it brought none, and when the gateway does not know which one: it did not ' +
      'know the messages before, or the source does not show them.',
  })
  message(@Root() { event, ticket, before }: SentChange, @Ctx() context: GraphContext) {
    const added = event.changes?.find(({ field }) => field === 'message')?.after
    if (added == null) return before && findNewMessage(before, ticket)
    return withFullTicket(context, ticket, 'messages', (messages) => messages?.find(({ id }) => id === added) ?? null)
  }
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
    @Root() change: SentChange,
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
        '`TicketChange.cursor` of the last change that you received: the subscription sends every later change exactly once. `Last-Event-ID` of an event stream does the same. null: only new changes.',
    })
    _after: string | null | undefined,
    @Ctx() context: GraphContext,
  ): SentChange {
    context.renew()
    return change
  }
}

@Resolver()
export class ChangeCursorQueries {
  @Extensions({ permission: { scopes: ['tickets:read'], otherwise: 'forbid' } })
  @Query(() => String, {
    nullable: true,
    description:
      'The cursor of the latest change of any ticket. Read it with a list, before the list: `ticketChanged(after:)` then sends what changes from there on.',
  })
  changeCursor(@Ctx() context: GraphContext): Promise<string> {
    return context.services.history.latestCursor()
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
  const ids = filter.ids ? new Set(filter.ids) : null
  const concerns = (change: Change) =>
    (ids === null || ids.has(change.ticket.id)) &&
    (sources === null || sources.includes(change.ticket.source.key)) &&
    (matches(change.ticket) || mayHaveMatched(change))
  const stop = new AbortController()
  const signal = AbortSignal.any([context.call.signal, stop.signal])
  const changes = context.services.changes.subscribe({
    after: context.request.resumeAfter ?? args.after ?? null,
    signal,
    concerns,
  })
  const stillMatches = ({ ticket }: Change) => ticket.deletedAt === null && matches(ticket)
  const visible = new VisibleChanges(context, changes, stillMatches, () => stop.abort())
  signal.addEventListener('abort', visible.cancel, { once: true })
  return visible
}

const unmatchedChanges = new WeakMap<Change, SentChange>()

/** The change for a subscriber whose filter it does not match. All of them get one object, so that they can share a payload. */
function unmatched(change: Change): SentChange {
  const known = unmatchedChanges.get(change) ?? { ...change, matches: false }
  unmatchedChanges.set(change, known)
  return known
}

/** The changes of a batched stream one by one, without those of sources that the viewer does not see. */
class VisibleChanges extends PullStream<SentChange> {
  readonly #context: GraphContext
  readonly #batches: PullStream<readonly Change[]>
  readonly #stillMatches: (change: Change) => boolean
  readonly #stop: () => void
  #batch: readonly Change[] = []
  #position = 0
  /** A change that the viewer does not see had a gap. */
  #gap = false
  #ended = false

  constructor(
    context: GraphContext,
    batches: PullStream<readonly Change[]>,
    stillMatches: (change: Change) => boolean,
    stop: () => void,
  ) {
    super()
    this.#context = context
    this.#batches = batches
    this.#stillMatches = stillMatches
    this.#stop = stop
  }

  poll(): SentChange | undefined {
    for (let change = this.#next(); change; change = this.#next()) {
      const viewer = currentViewer(this.#context)
      if (!viewer || !may(viewer, 'tickets:read')) {
        this.cancel()
        return undefined
      }
      // The subscriber must learn of a gap even when the change that carries it is not sent.
      this.#gap ||= change.gap
      if (!maySee(viewer, change.ticket.source.key)) continue
      const sent = this.#stillMatches(change) ? change : unmatched(change)
      const visible = this.#gap === sent.gap ? sent : { ...sent, gap: this.#gap }
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
