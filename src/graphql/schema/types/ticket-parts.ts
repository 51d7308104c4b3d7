import type {
  Escalation,
  Freshness,
  FreshnessMode,
  Resolution,
  TicketAction,
  TicketCategory,
  TicketLink,
  TicketLinkKind,
} from '../../../domain/ticket.ts'
import type { ActionAvailability } from '../../../tickets/available-actions.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { ActionRefusalEnum, FreshnessModeEnum, TicketActionEnum, TicketLinkKindEnum } from '../enums/ticket-enums.ts'
import { DateTime, UrlText } from '../scalars.ts'

@GraphType('TicketCategory', 'What a ticket is about, in the words of its source.')
export class TicketCategoryType implements TicketCategory {
  @Always(() => String, 'What `TicketFilter.category` looks for.')
  readonly code!: string

  @Maybe(() => String, 'For people.')
  readonly label!: string

  @Always(() => [String], 'Labels from the widest category to this one, e.g. ["My order", "Missing item"].')
  readonly path!: readonly string[]
}

@GraphType('TicketLink', 'That a ticket belongs together with another, perhaps in a system that the gateway cannot read.')
export class TicketLinkType implements TicketLink {
  @Always(() => TicketLinkKindEnum, 'How they belong together, seen from this ticket.')
  readonly kind!: TicketLinkKind

  @Always(() => String, 'Where the linked ticket lives: "ONEVIEW", "SALESFORCE", "PANDACARE" and so on.')
  readonly system!: string

  @Always(() => String, 'Its id there.')
  readonly externalId!: string

  @Maybe(() => String, 'What came of it, as the source says: ESCALATED, REFUNDED, REFUND_PARTIAL.')
  readonly category!: string | null

  @Maybe(() => String, 'Why it was linked.')
  readonly reason!: string | null

  @Maybe(() => String, 'Who linked it, as the source names them.')
  readonly creator!: string | null

  @Maybe(() => DateTime, 'When it was linked.')
  readonly createdAt!: string | null

  @Maybe(() => UrlText, 'Where agents open the linked ticket.')
  readonly url!: string | null

  /** Not in the graph: what `ticket` is read by. */
  readonly ticketId!: string | null
}

@GraphType('Escalation', 'To whom a ticket was escalated, and why.')
export class EscalationType implements Escalation {
  @Maybe(() => String, 'Id of the department, as in `escalationDepartments`.')
  readonly department!: string | null

  @Maybe(() => String, 'What the agent gave as the reason.')
  readonly reason!: string | null

  @Maybe(() => DateTime, 'When.')
  readonly escalatedAt!: string | null
}

@GraphType('Resolution', 'How a ticket ended.')
export class ResolutionType implements Resolution {
  @Maybe(() => String, 'The source\'s own word, e.g. "REFUNDED": see `resolutionStatuses`.')
  readonly status!: string | null

  @Maybe(() => String, 'In words (Verifik: the resolution text).')
  readonly reason!: string | null

  @Maybe(() => DateTime, 'When.')
  readonly resolvedAt!: string | null
}

@GraphType('Freshness', 'How up to date a ticket is. Show it where an agent is about to act.')
export class FreshnessType implements Freshness {
  @Always(() => FreshnessModeEnum, 'Read now, kept for a while, or built from events.')
  readonly mode!: FreshnessMode

  @Always(() => DateTime, 'When the gateway last saw it at its source.')
  readonly observedAt!: string
}

@GraphType('ActionAvailability', 'Whether this viewer may do one thing to one ticket now. A hint: the source decides at last.')
export class ActionAvailabilityType implements ActionAvailability {
  @Always(() => TicketActionEnum, 'What would be done.')
  readonly action!: TicketAction

  @Always(() => Boolean, 'True when nothing known stands against it.')
  readonly allowed!: boolean

  @Maybe(() => ActionRefusalEnum, 'What stands against it; null when it is allowed.')
  readonly reason!: ActionAvailability['reason']
}
