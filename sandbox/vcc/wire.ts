/** VCC's ticket. An update has only the changed fields and the first four. */
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

/** The body of a webhook. */
export interface VccEvent {
  readonly action: string
  readonly ticket: VccTicket
}

/** A ticket's key in the sandbox. The vendor's ids are unique only within a project. */
export function toKey({ projectId, ticketId }: Pick<VccTicket, 'projectId' | 'ticketId'>): string {
  return `${projectId}-${ticketId}`
}

/** The three sample bodies of the vendor's page, in its order: add, update, delete. */
export const documentedEvents: readonly VccEvent[] = [
  {
    action: 'add',
    ticket: {
      ticketId: 21,
      entityId: 1814,
      contactId: 1220,
      ticketNo: '130-20240215-270338',
      title: 'bug',
      type: 'complaint',
      description: 'a',
      firstOpenTime: '2024-02-15T15:46:46+01:00',
      lastOpenTime: '2024-02-15T15:46:46+01:00',
      softDeadline: '2024-02-15T15:46:00+01:00',
      status: 'park',
      subStatus: 'waiting4agent',
      createdUserId: 6,
      projectId: 130,
      projectName: 'Manual',
      createdUserName: 'John Smith',
      agentName: 'John Smith',
      userId: 8,
      agentUserName: 'john_smith',
    },
  },
  {
    action: 'update',
    ticket: {
      ticketId: 21,
      ticketNo: '130-20240215-270338',
      title: 'Customer complaint',
      cc: '[email protected]',
      subStatus: 'waiting4entity',
      projectId: 130,
      projectName: 'Customer complaints on email',
    },
  },
  {
    action: 'delete',
    ticket: {
      ticketId: 21,
      entityId: 1814,
      contactId: 1220,
      ticketNo: '130-20240215-270338',
      title: 'Problem',
      type: 'complaint',
      description: 'This is a description for this Ticket',
      cc: '[email protected]',
      firstOpenTime: '2024-02-11T15:46:46+01:00',
      lastOpenTime: '2024-02-15T15:46:46+01:00',
      softDeadline: '2024-02-15T15:46:00+01:00',
      status: 'park',
      subStatus: 'waiting4entity',
      createdUserId: 6,
      projectId: 130,
      projectName: 'Manual',
      createdUserName: 'Rachel Scott',
      agentName: 'Rachel Scott',
      userId: 8,
      agentUserName: 'rachel_scott',
    },
  },
]
