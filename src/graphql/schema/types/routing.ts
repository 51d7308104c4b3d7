import { ID, Int } from 'type-graphql'
import type { Delivery, DeliveryState } from '../../../domain/delivery.ts'
import type { DeadLetter, DeadLetterState } from '../../../domain/events.ts'
import type { RoutingDecision, RoutingType } from '../../../domain/ticket.ts'
import { connectionType } from '../connection.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { DeliveryStateEnum, QuarantineStateEnum, RoutingTypeEnum } from '../enums/event-enums.ts'
import { DateTime, Json } from '../scalars.ts'
import { NodeType } from './node.ts'
import { SourceType } from './source.ts'

const partner = 'Keys of the partners that receive it, joined by ", "; null when nobody does.'
const rule = 'The rule that decided, e.g. "STORE_SUBSCRIBED", "ORDER_TIME_UNKNOWN" or "NO_PARTNER".'
const trace = 'Every step of the decision in order, in plain words.'

@GraphType('Routing', 'How a routed ticket was sent out.')
export class RoutingInfoType implements RoutingDecision {
  @Always(() => RoutingTypeEnum, 'Which kind of partner it went to; NONE: nobody, and `routeTicket` may decide again.')
  readonly type!: RoutingType

  @Maybe(() => String, partner)
  readonly partner!: string | null

  @Always(() => String, rule)
  readonly rule!: string

  @Always(() => [String], trace)
  readonly trace!: readonly string[]
}

@GraphType('RoutePreview', 'The decision that `createTicket` would take now. Nothing is kept or sent.')
export class RoutePreviewType implements RoutingDecision {
  @Always(() => RoutingTypeEnum, 'Which kind of partner it would go to.')
  readonly type!: RoutingType

  @Maybe(() => String, partner)
  readonly partner!: string | null

  @Always(() => String, rule)
  readonly rule!: string

  @Always(() => [String], trace)
  readonly trace!: readonly string[]
}

@GraphType(
  'Delivery',
  'The submission of one ticket to one partner: at least once, unordered; partners tell repeats by the webhook-id.',
  NodeType,
)
export class DeliveryType implements Delivery {
  @Always(() => ID, 'Global id of the delivery.')
  readonly id!: string

  @Always(() => String, 'What is sent, e.g. "STORE_SUPPORT_TICKET_EVENT".')
  readonly event!: string

  @Always(() => String, 'Key of the partner, as in the routing file.')
  readonly partner!: string

  @Always(() => DeliveryStateEnum, 'How far it has come.')
  readonly state!: DeliveryState

  @Always(() => Int, 'How often it was tried.')
  readonly attempts!: number

  @Maybe(() => Int, "HTTP status of the partner's last answer; null when none came.")
  readonly lastStatus!: number | null

  @Maybe(() => String, 'Why the last try failed, in words; null when it did not.')
  readonly lastError!: string | null

  @Maybe(() => DateTime, 'When it is tried next; null when it is done or given up.')
  readonly nextAttemptAt!: string | null

  @Maybe(() => DateTime, 'When the partner accepted it.')
  readonly deliveredAt!: string | null

  @Always(() => DateTime, 'When it was decided.')
  readonly createdAt!: string
}

@GraphType('DeliveryConnection', 'A page of deliveries, newest first.')
export class DeliveryConnectionType extends connectionType('Delivery', () => DeliveryType, 'deliveries') {}

@GraphType(
  'QuarantinedEvent',
  'An authentic inbound event that could not be understood. It is kept whole and has no effect.',
  NodeType,
)
export class QuarantinedEventType implements Omit<DeadLetter, 'source'> {
  @Always(() => ID, 'Global id of the event.')
  readonly id!: string

  @Always(() => SourceType, 'Who sent it.')
  readonly source!: SourceType

  @Always(() => DateTime, 'When it came.')
  readonly receivedAt!: string

  @Always(() => String, 'What is wrong and where in the body, without personal data.')
  readonly problem!: string

  @Maybe(() => Json, 'The event as it came; text when it is not JSON. Needs the scope `customers:pii`; without it null.')
  readonly body!: unknown

  @Always(() => QuarantineStateEnum, 'What became of it.')
  readonly state!: DeadLetterState
}

@GraphType('QuarantinedEventConnection', 'A page of quarantined events, newest first.')
export class QuarantinedEventConnectionType extends connectionType(
  'QuarantinedEvent',
  () => QuarantinedEventType,
  'quarantined events',
) {}
