import type {
  ActorKind,
  FreshnessMode,
  MessageVisibility,
  TicketAction,
  TicketChannel,
  TicketLinkKind,
  TicketPriority,
  TicketStatus,
} from '../../../domain/ticket.ts'
import type { ActionAvailability } from '../../../tickets/available-actions.ts'
import { describedEnum } from '../describe.ts'

export const TicketStatusEnum = describedEnum<TicketStatus>(
  'TicketStatus',
  "Where a ticket stands, in words that all sources share. `Ticket.sourceStatus` has the source's own word.",
  {
    NEW: 'Received; nobody has looked at it yet.',
    OPEN: 'Waiting for an agent.',
    IN_PROGRESS: 'An agent works on it (OneView: ASSIGNED).',
    PENDING: 'Waiting for the customer or another party.',
    ON_HOLD: 'Paused on purpose.',
    ESCALATED: 'Handed to a department with more powers.',
    RESOLVED: 'Answered; it may still be reopened.',
    CLOSED: 'Finished.',
    CANCELLED: 'Given up without an answer.',
    UNKNOWN: 'The source said something that this graph has no word for: see `sourceStatus`.',
  },
)

export const TicketPriorityEnum = describedEnum<TicketPriority>(
  'TicketPriority',
  'How urgent a ticket is. Sources that only sort have `Ticket.priorityRank` instead.',
  {
    LOW: 'Can wait.',
    MEDIUM: 'The usual.',
    HIGH: 'Before others.',
    URGENT: 'At once.',
    UNKNOWN: 'The source said something that this graph has no word for: see `sourcePriority`.',
  },
)

export const TicketChannelEnum = describedEnum<TicketChannel>('TicketChannel', 'How the customer got in touch.', {
  CHAT: 'Live chat.',
  EMAIL: 'A letter by e-mail.',
  PHONE: 'Telephone.',
  WEB: 'A form on a web page.',
  APP: 'A mobile app.',
  SOCIAL: 'A social network or messenger.',
  API: 'Another program.',
  OTHER: 'A known way that is none of these: see `Ticket.origin`.',
  UNKNOWN: 'The source said something that this graph has no word for: see `Ticket.origin`.',
})

export const TicketActionEnum = describedEnum<TicketAction>(
  'TicketAction',
  'What can be done to a ticket; each has its mutation.',
  {
    UPDATE: 'Change its fields: `updateTicket`.',
    REPLY: 'Add a message: `replyToTicket`.',
    ESCALATE: 'Hand it to another department: `escalateTicket`.',
    CLOSE: 'Finish it: `closeTicket`.',
    REASSIGN: 'Give it to another agent: `reassignTicket`.',
    TRANSFER: 'Move it to another queue: `transferTicket`.',
    ROUTE: 'Send an unrouted ticket to its partners: `routeTicket`.',
  },
)

export const ActionRefusalEnum = describedEnum<NonNullable<ActionAvailability['reason']>>(
  'ActionRefusal',
  'Why an action is not open now. Show the button disabled, with this as the reason.',
  {
    NOT_SUPPORTED_BY_SOURCE: 'The source, or this deployment of it, cannot do it. It will not change by waiting.',
    FORBIDDEN: 'The viewer lacks the scope `tickets:write`.',
    WRONG_STATE: 'The ticket was last seen CLOSED or CANCELLED.',
    SOURCE_DOWN: 'The source does not answer now; try again later.',
  },
)

export const TicketLinkKindEnum = describedEnum<TicketLinkKind>('TicketLinkKind', 'How two tickets belong together.', {
  CHILD: 'The linked ticket came out of this one.',
  PARENT: 'This ticket came out of the linked one.',
  RELATED: 'About the same thing.',
  DUPLICATE: 'The same request twice.',
  BLOCKS: 'This one has to be done first.',
  MERGED_INTO: 'This one goes on in the linked one.',
  MIRROR: 'The same ticket in another system.',
  UNKNOWN: 'The source did not say how.',
})

export const MessageVisibilityEnum = describedEnum<MessageVisibility>(
  'MessageVisibility',
  'Who may see a message. When a source does not say, it is INTERNAL: a note is never shown to a customer by mistake.',
  { PUBLIC: 'The customer sees it.', INTERNAL: 'Agents only.' },
)

export const ActorKindEnum = describedEnum<ActorKind>('ActorKind', 'What sort of party did something.', {
  CUSTOMER: 'The customer or guest.',
  AGENT: 'A member of support.',
  SYSTEM: 'Software, without a person.',
  PARTNER: 'A support partner that tickets are routed to.',
  UNKNOWN: 'The source did not say.',
})

export const FreshnessModeEnum = describedEnum<FreshnessMode>('FreshnessMode', 'How up to date a ticket is.', {
  LIVE: 'Read from its source for this request.',
  CACHED: 'Read from its source earlier and kept for a short, configured time.',
  EVENT_FED: 'Built from the events that the source sends; as fresh as the last one.',
})
