// The graph's own words. Every list that a vendor's words are mapped to has UNKNOWN.

export const ticketStatuses = [
  'NEW',
  'OPEN',
  'IN_PROGRESS',
  'PENDING',
  'ON_HOLD',
  'ESCALATED',
  'RESOLVED',
  'CLOSED',
  'CANCELLED',
  'UNKNOWN',
] as const
export type TicketStatus = (typeof ticketStatuses)[number]

export const ticketPriorities = ['LOW', 'MEDIUM', 'HIGH', 'URGENT', 'UNKNOWN'] as const
export type TicketPriority = (typeof ticketPriorities)[number]

export const ticketChannels = ['CHAT', 'EMAIL', 'PHONE', 'WEB', 'APP', 'SOCIAL', 'API', 'OTHER', 'UNKNOWN'] as const
export type TicketChannel = (typeof ticketChannels)[number]

export const vendorVerticals = [
  'RESTAURANTS',
  'GROCERIES',
  'FLOWERS',
  'COSMETICS',
  'HEALTH_SUPPLEMENTS',
  'PHARMACIES',
  'PETS',
  'DRINKS',
  'CROSS_VERTICAL',
  'ELECTRONICS',
  'BABY_SUPPLIES',
  'FURNITURE',
  'BAGS_AND_LUGGAGE',
  'TOYS',
  'OPTICS',
  'COURIER',
  'COFFEE',
  'SHOP',
  'COURIER_BUSINESS',
  'CASH',
  'DARKSTORES',
  'UNKNOWN',
] as const
export type VendorVertical = (typeof vendorVerticals)[number]

export const ticketLinkKinds = ['CHILD', 'PARENT', 'RELATED', 'DUPLICATE', 'BLOCKS', 'MERGED_INTO', 'MIRROR', 'UNKNOWN'] as const
export type TicketLinkKind = (typeof ticketLinkKinds)[number]

export const ticketActions = ['UPDATE', 'REPLY', 'ESCALATE', 'CLOSE', 'REASSIGN', 'TRANSFER', 'ROUTE'] as const
export type TicketAction = (typeof ticketActions)[number]

export type MessageVisibility = 'PUBLIC' | 'INTERNAL'
export type ActorKind = 'CUSTOMER' | 'AGENT' | 'SYSTEM' | 'PARTNER' | 'UNKNOWN'
export type FreshnessMode = 'LIVE' | 'CACHED' | 'EVENT_FED'
export type RoutingType = 'STORE' | 'GENERAL' | 'NONE'
