import { type TicketChannel, type TicketStatus, type VendorVertical, vendorVerticals } from '../../domain/ticket.ts'

// The vendor's words and ours. What is not here becomes UNKNOWN and keeps its text beside it.

const statuses = new Map<string, TicketStatus>([
  ['ASSIGNED', 'IN_PROGRESS'],
  ['ESCALATED', 'ESCALATED'],
  ['CLOSED', 'CLOSED'],
])

/** The document names `chat` alone; the others are the channels that its queues are named for, and their common spellings. */
const channels = new Map<string, TicketChannel>([
  ['chat', 'CHAT'],
  ['livechat', 'CHAT'],
  ['email', 'EMAIL'],
  ['mail', 'EMAIL'],
  ['phone', 'PHONE'],
  ['call', 'PHONE'],
  ['voice', 'PHONE'],
  ['web', 'WEB'],
  ['webform', 'WEB'],
  ['app', 'APP'],
  ['social', 'SOCIAL'],
  ['facebook', 'SOCIAL'],
  ['twitter', 'SOCIAL'],
  ['instagram', 'SOCIAL'],
  ['whatsapp', 'SOCIAL'],
  ['api', 'API'],
])

const verticals = new Map<string, VendorVertical>(vendorVerticals.map((vertical) => [vertical.toLowerCase(), vertical]))

export function toStatus(text: string | null): TicketStatus {
  return statuses.get(text?.toUpperCase() ?? '') ?? 'UNKNOWN'
}

export function toChannel(text: string | null): TicketChannel | null {
  return text === null ? null : (channels.get(text.toLowerCase()) ?? 'UNKNOWN')
}

export function toVertical(text: string | null): VendorVertical | null {
  return text === null ? null : (verticals.get(text.toLowerCase()) ?? 'UNKNOWN')
}
