export interface WasabiBody {
  readonly ticketId: string
  readonly customerId: string
  status: string
  reason?: WasabiReason
  ticketOrigin?: string
  resolvedAt?: string
  firstReplyTimeInMinutes?: number
  tags?: string[]
  createdAt: string
  updatedAt: string
}

export interface WasabiReason {
  readonly type: string
  readonly orderIds?: readonly string[]
  readonly subscriptionContractIds?: readonly string[]
  readonly subtype?: string
}

export interface WasabiEnvelope {
  readonly eventType: 'CUSTOMER_CARE_TICKET'
  readonly eventAction: 'CREATED' | 'UPDATED'
  readonly version: number
  readonly body: WasabiBody
}

export function toEnvelope(eventAction: 'CREATED' | 'UPDATED', body: WasabiBody): WasabiEnvelope {
  return { eventType: 'CUSTOMER_CARE_TICKET', eventAction, version: 1, body }
}
