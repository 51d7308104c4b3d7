import { registerEnumType } from 'type-graphql'
import type { TicketChannel, TicketPriority, TicketStatus } from '../../domain/ticket.ts'
import { enumOf } from './enum-of.ts'

const statusValues: Record<TicketStatus, { description: string }> = {
  NEW: { description: 'Received; no agent has opened it yet.' },
  OPEN: { description: 'Waiting for an agent.' },
  IN_PROGRESS: { description: 'An agent works on it (OneView: ASSIGNED).' },
  PENDING: { description: 'Waiting for the customer or a third party.' },
  ON_HOLD: { description: 'Paused on purpose.' },
  ESCALATED: { description: 'Escalated to a department.' },
  RESOLVED: { description: 'Answered; it may still be reopened.' },
  CLOSED: { description: 'Finished; no more work on it.' },
  CANCELLED: { description: 'Ended without an answer.' },
  UNKNOWN: { description: 'The source sent a status that this enum does not have: see `sourceStatus`.' },
}
export const TicketStatusEnum = enumOf(statusValues)
registerEnumType(TicketStatusEnum, {
  name: 'TicketStatus',
  description: "The status of a ticket, in terms that all sources share. `Ticket.sourceStatus` has the source's own word.",
  valuesConfig: statusValues,
})

const priorityValues: Record<TicketPriority, { description: string }> = {
  LOW: { description: 'Below the normal priority.' },
  MEDIUM: { description: 'The normal priority.' },
  HIGH: { description: 'Above the normal priority.' },
  URGENT: { description: 'The highest priority.' },
  UNKNOWN: { description: 'The source sent a priority that this enum does not have: see `sourcePriority`.' },
}
export const TicketPriorityEnum = enumOf(priorityValues)
registerEnumType(TicketPriorityEnum, {
  name: 'TicketPriority',
  description: 'The priority of a ticket. Sources that only give a number for sorting have `Ticket.priorityRank` instead.',
  valuesConfig: priorityValues,
})

const channelValues: Record<TicketChannel, { description: string }> = {
  CHAT: { description: 'Live chat.' },
  EMAIL: { description: 'E-mail message.' },
  PHONE: { description: 'Phone call.' },
  WEB: { description: 'Form on a web page.' },
  APP: { description: 'Mobile app.' },
  SOCIAL: { description: 'Social network or messenger.' },
  API: { description: 'Another program.' },
  OTHER: { description: 'A known channel that this enum does not have: see `Ticket.origin`.' },
  UNKNOWN: { description: 'The source sent a channel that the gateway does not know: see `Ticket.origin`.' },
}
export const TicketChannelEnum = enumOf(channelValues)
registerEnumType(TicketChannelEnum, {
  name: 'TicketChannel',
  description: 'The channel by which the customer contacted support.',
  valuesConfig: channelValues,
})
