import type { TicketChannel, TicketStatus } from '../../domain/ticket.ts'

// Wasabi's words and ours. What is not here becomes UNKNOWN and keeps its text beside it.

export const orderReasons = [
  'WRONG_PRODUCT',
  'PRODUCT_QUALITY',
  'WRONG_CHARGE',
  'REQUEST_REFUND',
  'LATE_DELIVERY',
  'MISSED_DELIVERY',
  'DAMAGED_DELIVERY',
] as const

const statuses = new Map<string, TicketStatus>([
  ['OPEN', 'OPEN'],
  ['IN_PROGRESS', 'IN_PROGRESS'],
  ['RESOLVED', 'RESOLVED'],
])

/** `ticketOrigin` names a medium ("email", "web form") or a system ("zendesk"): a system is no channel. */
const channels = new Map<string, TicketChannel>([
  ['email', 'EMAIL'],
  ['mail', 'EMAIL'],
  ['phone', 'PHONE'],
  ['call', 'PHONE'],
  ['voice', 'PHONE'],
  ['chat', 'CHAT'],
  ['livechat', 'CHAT'],
  ['web', 'WEB'],
  ['webform', 'WEB'],
  ['website', 'WEB'],
  ['form', 'WEB'],
  ['app', 'APP'],
  ['mobile', 'APP'],
  ['mobileapp', 'APP'],
  ['social', 'SOCIAL'],
  ['facebook', 'SOCIAL'],
  ['twitter', 'SOCIAL'],
  ['instagram', 'SOCIAL'],
  ['whatsapp', 'SOCIAL'],
  ['api', 'API'],
])
const systems = new Set([
  'zendesk',
  'freshdesk',
  'intercom',
  'salesforce',
  'hubspot',
  'gorgias',
  'jira',
  'servicenow',
  'helpscout',
])

export function toStatus(text: string): TicketStatus {
  return statuses.get(text) ?? 'UNKNOWN'
}

/** null: it did not say, or named only the system that the ticket came through. */
export function toChannel(ticketOrigin: string | null): TicketChannel | null {
  if (ticketOrigin === null) return null
  const word = ticketOrigin.toLowerCase().replace(/[^a-z]/g, '')
  return systems.has(word) ? 'OTHER' : (channels.get(word) ?? 'UNKNOWN')
}

/** A reason's type as people read it: "Wrong product". */
export function toReasonLabel(type: string): string {
  const words = type.toLowerCase().replaceAll('_', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
