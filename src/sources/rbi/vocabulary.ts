import type { TicketChannel } from '../../domain/ticket.ts'

/** The guide names no values of `source`: these are the places where guests of a restaurant chain can ask for help. */
const channels = new Map<string, TicketChannel>([
  ['app', 'APP'],
  ['mobile', 'APP'],
  ['ios', 'APP'],
  ['android', 'APP'],
  ['web', 'WEB'],
  ['website', 'WEB'],
  ['whitelabel', 'WEB'],
  ['kiosk', 'OTHER'],
  ['email', 'EMAIL'],
  ['phone', 'PHONE'],
  ['callcenter', 'PHONE'],
  ['chat', 'CHAT'],
  ['social', 'SOCIAL'],
  ['api', 'API'],
  ['partner', 'API'],
])

export function toChannel(source: string | null): TicketChannel | null {
  return source === null ? null : (channels.get(source.toLowerCase().replace(/[^a-z]/g, '')) ?? 'UNKNOWN')
}
