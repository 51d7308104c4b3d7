import { ID } from 'type-graphql'
import type { FieldChange, TicketEvent, TicketEventKind } from '../../../domain/events.ts'
import { connectionType } from '../connection.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { TicketEventKindEnum } from '../enums/event-enums.ts'
import { DateTime } from '../scalars.ts'
import { ActorType } from './thread.ts'
import { TicketType } from './ticket.ts'

@GraphType('FieldChange', 'One field that an event changed, as text.')
export class FieldChangeType implements FieldChange {
  @Always(() => String, 'The name of the field on `Ticket`, e.g. "status".')
  readonly field!: string

  @Maybe(() => String, 'What it was; null when it was empty or not known.')
  readonly before!: string | null

  @Maybe(() => String, 'What it became; null when it was emptied.')
  readonly after!: string | null
}

@GraphType('TicketEvent', "One entry of the gateway's journal of a ticket.")
export class TicketEventType implements TicketEvent {
  @Always(() => ID, 'Stable key for client caches; `node` does not read it.')
  readonly id!: string

  @Always(() => TicketEventKindEnum, 'What happened.')
  readonly kind!: TicketEventKind

  @Always(() => DateTime, "When, by the source's clock if it says so, else when the gateway saw it.")
  readonly at!: string

  @Maybe(() => ActorType, 'Who did it; null when nobody said.')
  readonly actor!: ActorType | null

  @Always(() => String, 'One plain sentence for a timeline, e.g. "Escalated to partner-service".')
  readonly summary!: string

  @Always(() => [FieldChangeType], 'What changed; [] when the event is not about fields.')
  readonly changes!: readonly FieldChangeType[]
}

@GraphType('TicketEventConnection', "A page of a ticket's journal, oldest first.")
export class TicketEventConnectionType extends connectionType('TicketEvent', () => TicketEventType, 'journal entries') {}

@GraphType('TicketChange', 'A change as a subscriber gets it.')
export class TicketChangeType {
  @Always(() => String, 'Keep the last one: as `after` it resumes right behind this change.')
  readonly cursor!: string

  @Always(() => TicketEventKindEnum, 'What happened.')
  readonly kind!: TicketEventKind

  @Always(
    () => TicketType,
    'The ticket as it is after the change. It may no longer match the filter: then drop it from your list.',
  )
  readonly ticket!: TicketType

  @Always(() => TicketEventType, 'The journal entry of the change.')
  readonly event!: TicketEventType

  @Always(() => Boolean, 'True when changes before this one are no longer kept: read your lists again.')
  readonly gap!: boolean
}
