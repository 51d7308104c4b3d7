import { Extensions, Field, Float, ID, Int, ObjectType } from 'type-graphql'
import type { Attachment, Ticket, TicketChannel, TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import { ActorType } from './actor.ts'
import { AgentType } from './agent.ts'
import { AttachmentType } from './attachment.ts'
import { CustomerType } from './customer.ts'
import { GroupType, OrganizationType } from './group.ts'
import { NodeType } from './node.ts'
import { OrderType } from './order.ts'
import { DateTime, Json, UrlText } from './scalars.ts'
import { SourceType } from './source.ts'
import { TicketChannelEnum, TicketPriorityEnum, TicketStatusEnum } from './ticket-enums.ts'
import { TicketLinkType } from './ticket-link.ts'
import { FreshnessType, ResolutionType, TicketCategoryType } from './ticket-parts.ts'
import { TicketReasonType } from './ticket-reason.ts'
import { SatisfactionType, SlaTargetType, StatusOptionType } from './ticket-service.ts'
import { VendorType } from './vendor.ts'

/**
 * The plain properties of a ticket. Fields with arguments or a loader are in `ticket-conversation.ts`, `ticket-event.ts`,
 * `ticket-actions.ts`, `custom-field.ts` and `routing.ts`.
 */
@ObjectType('Ticket', {
  description:
    'A support ticket, with the same shape for every source. null means that the source does not tell; [] means known to be empty.',
  implements: NodeType,
  simpleResolvers: true,
})
export class TicketType
  implements Omit<Ticket, 'tenant' | 'isSummary' | 'messages' | 'routing' | 'reason' | 'customFields' | 'escalation'>
{
  @Field(() => ID, { description: 'Global id: opaque, made of the source and the external id.' })
  readonly id!: string

  @Field(() => SourceType, { description: 'The source that owns the ticket.' })
  readonly source!: SourceType

  @Field(() => String, { description: 'The id in the source; unique only there.' })
  readonly externalId!: string

  @Field(() => String, {
    nullable: true,
    description: 'Ticket number for people, e.g. on the phone (VCC: ticketNo); null when the source only has ids.',
  })
  readonly number!: string | null

  @Field(() => UrlText, {
    nullable: true,
    description: "Address of the ticket in the source's own application; null when there is none.",
  })
  readonly url!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Title in one line. For a source without titles, the label of the reason or the category.',
  })
  readonly title!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Full text of the request. In a list, Verifik needs one more call per ticket for it.',
  })
  readonly description!: string | null

  @Field(() => TicketStatusEnum, { description: 'Status; UNKNOWN when the source sent a new word.' })
  readonly status!: TicketStatus

  @Field(() => String, { nullable: true, description: 'Status exactly as the source writes it, e.g. "park/waiting4agent".' })
  readonly sourceStatus!: string | null

  @Field(() => String, { nullable: true, description: 'Explanation of the status by an agent or the source.' })
  readonly statusReason!: string | null

  @Field(() => DateTime, { nullable: true, description: 'When the status last changed; null when the source does not tell.' })
  readonly statusChangedAt!: string | null

  @Field(() => TicketPriorityEnum, {
    nullable: true,
    description: 'Priority; null when the source has none (OneView, VCC, Wasabi).',
  })
  readonly priority!: TicketPriority | null

  @Field(() => String, { nullable: true, description: 'Priority exactly as the source writes it.' })
  readonly sourcePriority!: string | null

  @Field(() => Int, {
    nullable: true,
    description: 'Number for sorting, from sources without priorities (OneView). Its range and direction are not documented.',
  })
  readonly priorityRank!: number | null

  @Field(() => TicketCategoryType, {
    nullable: true,
    description: "Category in the source's own terms; null when the source does not tell.",
  })
  readonly category!: TicketCategoryType | null

  @Field(() => TicketReasonType, {
    nullable: true,
    description: 'Contact reason: why the customer contacted support; null when the source does not tell.',
  })
  readonly reason!: TicketReasonType | null

  @Field(() => String, { nullable: true, description: 'The source\'s own type of ticket, e.g. "CHAT" or "STORE".' })
  readonly type!: string | null

  @Field(() => TicketChannelEnum, {
    nullable: true,
    description: 'Channel by which the customer contacted support; null when the source does not tell.',
  })
  readonly channel!: TicketChannel | null

  @Field(() => String, { nullable: true, description: 'Origin of the ticket exactly as the source writes it, e.g. "zendesk".' })
  readonly origin!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Name of the queue where the ticket waits; null when there is none or the source does not tell.',
  })
  readonly queue!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Key of the queue, as `transferTicket` takes it: `TransferQueue.key`. null when the source gives only its name.',
  })
  readonly queueKey!: string | null

  @Field(() => String, { nullable: true, description: 'Country as the source writes it, e.g. "sg".' })
  readonly country!: string | null

  @Field(() => String, {
    nullable: true,
    description: 'Language of the conversation, e.g. "en"; null when the source does not tell.',
  })
  readonly language!: string | null

  @Field(() => [String], { nullable: true, description: 'Tags; null when the source does not tell.' })
  readonly tags!: readonly string[] | null

  @Field(() => AgentType, { nullable: true, description: 'The agent to whom the ticket is assigned; null when there is none.' })
  readonly assignee!: AgentType | null

  @Field(() => GroupType, {
    nullable: true,
    description: 'The team that has the ticket; null when there is none. `queue` is the place where it waits.',
  })
  readonly group!: GroupType | null

  @Field(() => [ActorType], {
    nullable: true,
    description:
      'Who else is told when an agent answers. Show them before a public reply. [] when there are none, null when the source does not tell.',
  })
  readonly followers!: readonly ActorType[] | null

  @Field(() => OrganizationType, {
    nullable: true,
    description: 'The company of the customer; null when there is none or the source does not tell.',
  })
  readonly organization!: OrganizationType | null

  @Field(() => AgentType, { nullable: true, description: 'The agent who created the ticket; null when no agent did.' })
  readonly createdBy!: AgentType | null

  @Field(() => AgentType, {
    nullable: true,
    description: 'The agent who last changed the ticket; null when the source does not tell.',
  })
  readonly updatedBy!: AgentType | null

  @Field(() => CustomerType, { nullable: true, description: 'The customer who needs help; null when the source does not tell.' })
  readonly customer!: CustomerType | null

  @Field(() => VendorType, { nullable: true, description: 'The restaurant or shop in question; null when there is none.' })
  readonly vendor!: VendorType | null

  @Field(() => [OrderType], {
    nullable: true,
    description: 'The orders in question; [] when there are none, null when the source does not tell.',
  })
  readonly orders!: readonly OrderType[] | null

  @Field(() => [TicketLinkType], {
    nullable: true,
    description:
      'Links to other tickets; [] when there are none, null when the source does not tell. In a list, Redmine leaves out links to children.',
  })
  readonly links!: readonly TicketLinkType[] | null

  @Field(() => [StatusOptionType], {
    nullable: true,
    description:
      'The changes of status that the source allows now, for a menu. null when the source does not tell. Ask for it on a single ticket.',
  })
  readonly statusOptions!: readonly StatusOptionType[] | null

  @Field(() => [SlaTargetType], {
    nullable: true,
    description: 'The deadlines that the source measures; [] when there are none, null when the source does not tell.',
  })
  readonly slaTargets!: readonly SlaTargetType[] | null

  @Field(() => SatisfactionType, {
    nullable: true,
    description: "The customer's rating of the help; null while there is none or when the source does not tell.",
  })
  readonly satisfaction!: SatisfactionType | null

  @Field(() => [AttachmentType], {
    nullable: true,
    description: 'Files of the ticket. In a list, Verifik needs one more call per ticket for them.',
  })
  readonly attachments!: readonly Attachment[] | null

  @Field(() => ResolutionType, {
    nullable: true,
    description: 'The resolution; null while there is none. In a list, Verifik needs one more call per ticket for it.',
  })
  readonly resolution!: ResolutionType | null

  @Field(() => Float, {
    nullable: true,
    description: 'Service level as the source sends it. Its unit is not documented: never compute a deadline from it.',
    deprecationReason: 'Its unit is not documented. Use `slaTargets` and `dueAt`.',
  })
  readonly sla!: number | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the ticket is due: the nearest open one of `slaTargets`; null when the source does not tell.',
  })
  readonly dueAt!: string | null

  @Field(() => Float, {
    nullable: true,
    description: 'Time until the first reply, in minutes with fractions; null when the source does not tell.',
  })
  readonly firstReplyTimeInMinutes!: number | null

  @Field(() => DateTime, { nullable: true, description: 'When the ticket was created; null when the source does not tell.' })
  readonly createdAt!: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the ticket last changed. Lists are sorted by it by default. null when the source does not tell.',
  })
  readonly updatedAt!: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When an agent first opened the ticket; null when the source does not tell.',
  })
  readonly firstOpenedAt!: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When an agent last opened the ticket; null when the source does not tell.',
  })
  readonly lastOpenedAt!: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the ticket was resolved, as the source tells. It can be set while the status is still OPEN.',
  })
  readonly resolvedAt!: string | null

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the source deleted the ticket. `ticket` still reads a deleted ticket, but no list has it.',
  })
  readonly deletedAt!: string | null

  @Field(() => FreshnessType, { description: 'How up to date the data is.' })
  readonly freshness!: FreshnessType

  @Extensions({ permission: { scopes: ['tickets:raw', 'customers:pii'], otherwise: 'hide' } })
  @Field(() => Json, {
    nullable: true,
    description: "The source's own record, unchanged. Needs the scopes `tickets:raw` and `customers:pii`: without them null.",
  })
  readonly raw!: unknown
}
