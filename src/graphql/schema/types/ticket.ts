import { Float, ID, Int } from 'type-graphql'
import type { Ticket, TicketChannel, TicketPriority, TicketStatus } from '../../../domain/ticket.ts'
import { Always, GraphType, Maybe } from '../describe.ts'
import { TicketChannelEnum, TicketPriorityEnum, TicketStatusEnum } from '../enums/ticket-enums.ts'
import { DateTime, Json, UrlText } from '../scalars.ts'
import { NodeType } from './node.ts'
import { AgentType, CustomerType, OrderType, VendorType } from './party.ts'
import { TicketReasonType } from './reason.ts'
import { SourceType } from './source.ts'
import { AttachmentType } from './thread.ts'
import { EscalationType, FreshnessType, ResolutionType, TicketCategoryType, TicketLinkType } from './ticket-parts.ts'

/** What needs arguments or a loader (`threads`, `events`, `routing`, `actions`) is in `resolvers/ticket.ts`. */
@GraphType(
  'Ticket',
  'A support ticket, the same shape for every source. null: the source did not say; []: known to be empty.',
  NodeType,
)
export class TicketType implements Omit<Ticket, 'tenant' | 'isSummary' | 'messages' | 'routing' | 'reason'> {
  @Always(() => ID, 'Global id: made of the source and its own id, opaque.')
  readonly id!: string

  @Always(() => SourceType, 'The system that owns the ticket.')
  readonly source!: SourceType

  @Always(() => String, 'The id in its source; unique only there.')
  readonly externalId!: string

  @Maybe(() => String, 'The number that people quote on the telephone (VCC: ticketNo); null where the source has only ids.')
  readonly number!: string | null

  @Maybe(() => UrlText, "Where agents open it in the source's own application.")
  readonly url!: string | null

  @Maybe(() => String, "One line. Sources without a title lend another text: the reason's or the category's label.")
  readonly title!: string | null

  @Maybe(() => String, 'The full text of the request. On a list of Verifik it costs one more call per ticket.')
  readonly description!: string | null

  @Always(() => TicketStatusEnum, 'Where it stands; UNKNOWN when the source said something new.')
  readonly status!: TicketStatus

  @Maybe(() => String, 'Exactly what the source said, e.g. "park/waiting4agent".')
  readonly sourceStatus!: string | null

  @Maybe(() => String, 'Why it has this status, as an agent or the source wrote it.')
  readonly statusReason!: string | null

  @Maybe(() => DateTime, 'When the status last changed.')
  readonly statusChangedAt!: string | null

  @Maybe(() => TicketPriorityEnum, 'How urgent; null where the source has no priorities (OneView, VCC, Wasabi).')
  readonly priority!: TicketPriority | null

  @Maybe(() => String, 'The priority exactly as the source said it.')
  readonly sourcePriority!: string | null

  @Maybe(
    () => Int,
    'A sort reference where that is all a source has (OneView). Neither its range nor its direction is documented.',
  )
  readonly priorityRank!: number | null

  @Maybe(() => TicketCategoryType, 'What it is about, in the words of its source.')
  readonly category!: TicketCategoryType | null

  @Maybe(() => TicketReasonType, 'Why the customer made contact.')
  readonly reason!: TicketReasonType | null

  @Maybe(() => String, 'The source\'s own kind of ticket, e.g. "CHAT" or "STORE".')
  readonly type!: string | null

  @Maybe(() => TicketChannelEnum, 'How the customer got in touch.')
  readonly channel!: TicketChannel | null

  @Maybe(() => String, 'Exactly what the source said of where it came from, e.g. "zendesk".')
  readonly origin!: string | null

  @Maybe(() => String, "The queue's name. `transferTicket` wants an id: see `transferQueues`.")
  readonly queue!: string | null

  @Maybe(() => String, 'Country, as the source writes it, e.g. "sg".')
  readonly country!: string | null

  @Maybe(() => String, 'Language of the conversation, e.g. "en"; null when the source does not say.')
  readonly language!: string | null

  @Maybe(() => [String], 'Tags; null where the source has none to give.')
  readonly tags!: readonly string[] | null

  @Maybe(() => AgentType, 'The agent who has it now.')
  readonly assignee!: AgentType | null

  @Maybe(() => AgentType, 'The agent who raised it, when an agent did.')
  readonly createdBy!: AgentType | null

  @Maybe(() => AgentType, 'The agent who last changed it.')
  readonly updatedBy!: AgentType | null

  @Maybe(() => CustomerType, 'Who needs help.')
  readonly customer!: CustomerType | null

  @Maybe(() => VendorType, 'The restaurant or shop that it is about.')
  readonly vendor!: VendorType | null

  @Maybe(() => [OrderType], 'The orders that it is about; [] when it is known to be about none.')
  readonly orders!: readonly OrderType[] | null

  @Maybe(() => [TicketLinkType], 'Tickets that belong together with this one; [] when there are none.')
  readonly links!: readonly TicketLinkType[] | null

  @Maybe(() => [AttachmentType], 'Files of the ticket. On a list of Verifik they cost one more call per ticket.')
  readonly attachments!: readonly AttachmentType[] | null

  @Maybe(() => EscalationType, 'To whom it was escalated; null when it never was.')
  readonly escalation!: EscalationType | null

  @Maybe(() => ResolutionType, 'How it ended; null while it has not. On a list of Verifik it costs one more call per ticket.')
  readonly resolution!: ResolutionType | null

  @Maybe(() => Float, 'Service level as the source gives it. Its unit is not documented: never compute a deadline from it.')
  readonly sla!: number | null

  @Maybe(() => DateTime, 'When it should be done, where the source says so (VCC: softDeadline).')
  readonly dueAt!: string | null

  @Maybe(() => Float, 'Minutes until the first reply; fractions are possible.')
  readonly firstReplyTimeInMinutes!: number | null

  @Maybe(() => DateTime, 'When it was raised.')
  readonly createdAt!: string | null

  @Maybe(() => DateTime, 'When it last changed; what lists are sorted by unless told otherwise.')
  readonly updatedAt!: string | null

  @Maybe(() => DateTime, 'When an agent first opened it.')
  readonly firstOpenedAt!: string | null

  @Maybe(() => DateTime, 'When an agent last opened it.')
  readonly lastOpenedAt!: string | null

  @Maybe(() => DateTime, 'When it was resolved, as the source says. It may be set while the status is still OPEN.')
  readonly resolvedAt!: string | null

  @Maybe(() => DateTime, 'When the source deleted it. Deleted tickets are found by id and are in no list.')
  readonly deletedAt!: string | null

  @Always(() => FreshnessType, 'How up to date this is.')
  readonly freshness!: FreshnessType

  @Maybe(() => Json, "The source's own record, unchanged. Needs the scopes `tickets:raw` and `customers:pii`; without them null.")
  readonly raw!: unknown
}
