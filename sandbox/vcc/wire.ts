export interface VccTicket {
  readonly ticketId: number
  readonly ticketNo: string
  readonly projectId: number
  readonly projectName: string
  entityId?: number
  contactId?: number
  title?: string
  type?: string
  description?: string
  cc?: string | string[]
  firstOpenTime?: string | number
  lastOpenTime?: string | number
  softDeadline?: string
  status?: string
  subStatus?: string
  substatus?: string
  createdUserId?: number
  createdUserName?: string
  agentName?: string
  agentUserName?: string
  userId?: number
}

export interface VccEvent {
  readonly action: string
  readonly ticket: VccTicket
}

/** How the document's tickets are keyed here: unique only within a project. */
export function toKey({ projectId, ticketId }: Pick<VccTicket, 'projectId' | 'ticketId'>): string {
  return `${projectId}-${ticketId}`
}
