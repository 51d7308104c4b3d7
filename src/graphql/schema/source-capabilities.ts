import { Field, ObjectType, registerEnumType } from 'type-graphql'
import type { TicketAction } from '../../domain/ticket.ts'
import type {
  AttachmentSupport,
  CountKey,
  FilterField,
  LiveSupport,
  LookupName,
  NoteSupport,
  SourceCapabilities,
  TicketField,
} from '../../sources/source.ts'
import { enumOf } from './enum-of.ts'

const actionValues: Record<TicketAction, { description: string }> = {
  UPDATE: { description: 'Change fields of the ticket: `updateTicket`.' },
  REPLY: { description: 'Add a public message: `replyToTicket` with the visibility PUBLIC.' },
  NOTE: { description: 'Add an internal note: `replyToTicket` with the visibility INTERNAL.' },
  ESCALATE: { description: 'Escalate the ticket to a department: `escalateTicket`.' },
  CLOSE: { description: 'Close the ticket: `closeTicket`.' },
  REOPEN: { description: 'Reopen a ticket that is resolved, closed or cancelled: `reopenTicket`.' },
  REASSIGN: { description: 'Assign the ticket to another agent or group, or to none: `reassignTicket`.' },
  TRANSFER: { description: 'Move the ticket to another queue: `transferTicket`.' },
  ROUTE: { description: 'Route a ticket that has no partner yet: `routeTicket`.' },
}
export const TicketActionEnum = enumOf(actionValues)
registerEnumType(TicketActionEnum, {
  name: 'TicketAction',
  description: 'A change to an existing ticket. Each action has its own mutation.',
  valuesConfig: actionValues,
})

const filterFieldValues: Record<FilterField, { description: string }> = {
  SOURCES: { description: 'The condition `sources`: which sources are read.' },
  STATUS: { description: 'The condition `status`.' },
  PRIORITY: { description: 'The condition `priority`.' },
  CHANNEL: { description: 'The condition `channel`.' },
  CATEGORY: { description: 'The condition `category`.' },
  ASSIGNEE: { description: 'The conditions `assignee`, `assignedToMe` and `unassigned`.' },
  CUSTOMER: { description: 'The condition `customerId`.' },
  CUSTOMER_EMAIL: { description: 'The condition `customerEmail`.' },
  VENDOR: { description: 'The condition `vendorId`.' },
  ORDER: { description: 'The condition `orderId`.' },
  TAGS: { description: 'The condition `tags`.' },
  TEXT: { description: 'The condition `text`.' },
  CREATED: { description: 'The conditions `createdAfter` and `createdBefore`.' },
  UPDATED: { description: 'The conditions `updatedAfter` and `updatedBefore`.' },
  IDS: { description: 'The condition `ids`: the tickets are read by their ids.' },
}
export const TicketFilterFieldEnum = enumOf(filterFieldValues)
registerEnumType(TicketFilterFieldEnum, {
  name: 'TicketFilterField',
  description: 'A condition of `TicketFilter`.',
  valuesConfig: filterFieldValues,
})

const noteValues: Record<NoteSupport, { description: string }> = {
  NONE: { description: 'The source has no internal notes.' },
  UNVERIFIED: { description: 'It has notes, and cannot prove that one stays internal: the gateway refuses notes.' },
  VERIFIED: { description: 'A note is proven to be internal before it is sent.' },
}
const NoteSupportEnum = enumOf(noteValues)
registerEnumType(NoteSupportEnum, {
  name: 'NoteSupport',
  description: 'Whether internal notes can be written in a source.',
  valuesConfig: noteValues,
})

const attachmentValues: Record<AttachmentSupport, { description: string }> = {
  NONE: { description: 'No files can be attached.' },
  URL: { description: 'The source fetches a file from `AttachmentInput.url`.' },
  UPLOAD: { description: 'Files are uploaded.' },
}
const AttachmentSupportEnum = enumOf(attachmentValues)
registerEnumType(AttachmentSupportEnum, {
  name: 'AttachmentSupport',
  description: 'How files are attached to tickets and messages of a source.',
  valuesConfig: attachmentValues,
})

const liveValues: Record<LiveSupport, { description: string }> = {
  NONE: { description: 'Changes are not noticed.' },
  POLLING: { description: 'The gateway reads the latest tickets every few seconds while a client subscribes.' },
  WEBHOOK: { description: 'The source sends every change.' },
}
const LiveSupportEnum = enumOf(liveValues)
registerEnumType(LiveSupportEnum, {
  name: 'LiveSupport',
  description: 'How changes in a source reach `ticketChanged`.',
  valuesConfig: liveValues,
})

const countKeyValues: Record<CountKey, { description: string }> = {
  STATUS: { description: 'By `Ticket.status`.' },
  SOURCE: { description: 'By source: how many tickets match in each.' },
  PRIORITY: { description: 'By `Ticket.priority`.' },
  CHANNEL: { description: 'By `Ticket.channel`.' },
  ASSIGNEE: { description: 'By the external id of the assignee.' },
  QUEUE: { description: 'By `Ticket.queueKey`, or `Ticket.queue` where the queue has no key.' },
}
export const TicketCountKeyEnum = enumOf(countKeyValues)
registerEnumType(TicketCountKeyEnum, {
  name: 'TicketCountKey',
  description: 'What tickets are grouped by when they are counted.',
  valuesConfig: countKeyValues,
})

@ObjectType('SourceCapabilities', {
  description: 'What a source can do, as it is configured. docs/capabilities.md has the same for every system.',
  simpleResolvers: true,
})
export class SourceCapabilitiesType implements SourceCapabilities {
  @Field(() => [String], { description: 'The fields of `Ticket` that the source fills. The others are null on all its tickets.' })
  readonly reads!: readonly TicketField[]

  @Field(() => [TicketActionEnum], {
    description: 'The actions on a ticket that the source takes; the same as `Source.actions`.',
  })
  readonly writes!: readonly TicketAction[]

  /** For the writes alone: it is no field of the graph. */
  readonly takes!: SourceCapabilities['takes']

  @Field(() => [String], { description: 'The fields of `UpdateTicketInput` that the source takes; [] when it takes no update.' })
  readonly updatableFields!: SourceCapabilities['updatableFields']

  @Field(() => [String], { description: 'The look-up fields of `Source` that are not null here, e.g. "transferQueues".' })
  readonly lookups!: readonly LookupName[]

  @Field(() => NoteSupportEnum, { description: 'Whether internal notes can be written.' })
  readonly notes!: NoteSupport

  @Field(() => AttachmentSupportEnum, { description: 'How files are attached.' })
  readonly attachments!: AttachmentSupport

  @Field(() => Boolean, { description: 'True when the source counts the tickets that match a filter which it applies itself.' })
  readonly counts!: boolean

  @Field(() => [TicketCountKeyEnum], {
    description: 'What the source counts its tickets by in `ticketCounts`; [] when it cannot count.',
  })
  readonly countsBy!: readonly CountKey[]

  /** For the cost of an operation alone: it is no field of the graph. */
  readonly callsPerCount!: number

  @Field(() => LiveSupportEnum, { description: 'How changes in the source reach `ticketChanged`.' })
  readonly live!: LiveSupport
}
