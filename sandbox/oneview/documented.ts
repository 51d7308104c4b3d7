import type { OneViewTicket } from './wire.ts'

/** The ticket of the vendor's document, every field as it is printed there. */
export function documentedTicket(): OneViewTicket {
  return {
    id: 'f4b8f8e5-365a-4ed1-a122-0f4ba1afef44',
    Assignee: 'agent',
    UpdatedAt: 1572499999,
    createdAt: 1572499999,
    queue: 'chat-sg-en',
    channel: 'chat',
    content: {},
    metadata: {
      ccr: 'delivery - wrong address',
      country: 'sg',
      language: 'en',
      orderId: 'sdw-srr',
      sla: 64,
      tags: ['delivery'],
      entityId: 'FP_SG',
      childrenLinks: [
        {
          ticketId: 'absmw0dbma',
          ticketIdType: 'PANDACARE',
          ticketCategory: 'ESCALATED',
          creator: 'hugo',
          createdAt: 1572499999,
          reason: 'insufficient money',
        },
        {
          ticketId: '5003h00000KqLmN',
          ticketIdType: 'SALESFORCE',
          ticketCategory: 'REFUND_PARTIAL',
          creator: 'hugo',
          createdAt: 1572499999,
          reason: 'insufficient money',
        },
      ],
      localCcr: 'delivery - wrong address',
    },
    status: 'ASSIGNED',
    statusReason: 'Internal State Change by Workflow Server',
    priority: 1,
    customer: {
      id: '989899854090030232934sdfdsdf32dd4sdfdsddffdummycustomerid2',
      firstName: 'hugo',
      lastName: 'dan',
      name: 'hugo dan',
      email: 'test@email.com',
    },
    vendor: { id: 'bgaj', vertical: 'restaurants' },
    source: 'fp-sg',
    type: 'chat',
  }
}

/** The ids of the documented tickets: their state changes only when somebody asks for it. */
export const documentedIds: readonly string[] = ['f4b8f8e5-365a-4ed1-a122-0f4ba1afef44', 'absmw0dbma', 'vsba-nhas']

/** The other two forms of id that the document shows: the escalation's, and the link's target. */
export function documentedNeighbours(): OneViewTicket[] {
  const { id: _, metadata, ...rest } = documentedTicket()
  const { childrenLinks: __, ...withoutLinks } = metadata ?? {}
  return [
    { ...rest, id: 'absmw0dbma', status: 'ESCALATED', statusReason: 'insufficient money', metadata: withoutLinks },
    { ...rest, id: 'vsba-nhas', metadata: { ...withoutLinks, childrenLinks: [] } },
  ]
}
