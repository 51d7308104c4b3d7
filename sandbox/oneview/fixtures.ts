import type { OneViewTicket, Queue } from './wire.ts'

/** The ticket of the vendor's document, with every field as printed. */
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

/** The ids of the documented tickets. Only a call changes them; the simulator's own changes do not. */
export const documentedIds: readonly string[] = ['f4b8f8e5-365a-4ed1-a122-0f4ba1afef44', 'absmw0dbma', 'vsba-nhas']

/** Tickets with the other two forms of id in the document: the example of an escalation, and the target of a link. */
export function documentedNeighbours(): OneViewTicket[] {
  const { id: _, metadata, ...rest } = documentedTicket()
  const { childrenLinks: __, ...withoutLinks } = metadata ?? {}
  return [
    { ...rest, id: 'absmw0dbma', status: 'ESCALATED', statusReason: 'insufficient money', metadata: withoutLinks },
    { ...rest, id: 'vsba-nhas', metadata: { ...withoutLinks, childrenLinks: [] } },
  ]
}

export const departments = [
  { id: 'partner-service', label: 'Partner Service' },
  { id: 'logistics', label: 'Logistics and Dispatch' },
  { id: 'payments', label: 'Payments and Fraud' },
  { id: 'food-safety', label: 'Food Safety' },
  { id: 'legal', label: 'Legal and Privacy' },
  { id: 'social-media', label: 'Social Media Response' },
] as const

export const resolutionStatuses = ['NO_ACTION', 'REFUNDED', 'CUSTOMER_LEFT_CHAT'] as const

/** The markets. `languages` are the spellings in tickets, `queueLanguage` is the spelling in queues. */
export const markets = [
  { country: 'sg', entityId: 'FP_SG', languages: ['en', 'eng', 'zh'], queueLanguage: 'english', region: 'sg' },
  { country: 'my', entityId: 'FP_MY', languages: ['en', 'ms', 'english'], queueLanguage: 'malay', region: 'my' },
  { country: 'th', entityId: 'FP_TH', languages: ['th', 'en'], queueLanguage: 'thai', region: 'th' },
  { country: 'ph', entityId: 'FP_PH', languages: ['en', 'tl'], queueLanguage: 'english', region: 'ph' },
  { country: 'pk', entityId: 'FP_PK', languages: ['en', 'ur'], queueLanguage: 'urdu', region: 'pk' },
  { country: 'tw', entityId: 'FP_TW', languages: ['zh', 'en'], queueLanguage: 'chinese', region: 'tw' },
] as const
export type Market = (typeof markets)[number]

const short: Record<string, string> = { english: 'eng', malay: 'mal', thai: 'tha', urdu: 'urd', chinese: 'chi' }

/** The order inside a queue's name differs from tickets: the queue `chat-eng-sg` is `chat-sg-en` in a ticket. */
export const queues: readonly Queue[] = [
  { id: 'dummyqueueid', name: 'chat-eng-sg', language: 'english' },
  ...markets.flatMap(({ country, queueLanguage }) =>
    ['chat', 'email', 'voice'].map((channel) => ({
      id: `q-${country}-${channel}`,
      name: `${channel}-${short[queueLanguage]}-${country}`,
      language: queueLanguage,
    })),
  ),
]

export const verticals = [
  'restaurants', 'groceries', 'flowers', 'cosmetics', 'health_supplements', 'pharmacies', 'pets', 'drinks', 'cross_vertical',
  'electronics', 'baby_supplies', 'furniture', 'bags_and_luggage', 'toys', 'optics', 'courier', 'coffee', 'shop',
  'courier_business', 'cash', 'darkstores', 'unknown',
] as const // biome-ignore format: a list of words
