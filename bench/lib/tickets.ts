// OneView tickets of about 1.2 kB with customer, vendor and two links each.

/** Tickets of the simulated vendor. */
export const ticketCount = 1_000
export const pageSize = 100
/** How many different tickets the links of a page lead to. Each page has others, and none of them is on the page itself. */
const linkedPerPage = 40
/** 2024-02-15T14:46:46Z. Ticket 0 changed last. */
const newest = 1_708_008_406

const first = ['Ada', 'Grace', 'Alan', 'Édith', 'Nina', 'Kofi', 'Mei', 'José']
const last = ['Lovelace', 'Hopper', 'Turing', 'Piaf', 'Simone', 'Annan', 'Lin', 'García']
const reasons = ['delivery - late', 'order - missing item', 'payment - refund', 'account - cannot log in']
const statuses = ['ASSIGNED', 'ESCALATED', 'CLOSED']
const verticals = ['restaurants', 'groceries', 'flowers', 'pharmacies']

export function ticketId(index: number): string {
  return `${hex(index * 2_654_435_761, 8)}-${hex(index, 4)}-4${hex(index * 7, 3)}-8${hex(index * 13, 3)}-${hex(index * 40_503, 12)}`
}

function hex(value: number, length: number): string {
  return (value % 16 ** length).toString(16).padStart(length, '0')
}

/** As OneView returns it. */
export type WireTicket = ReturnType<typeof wireTicket>
export type WireLink = WireTicket['metadata']['childrenLinks'][number]

export function wireTicket(index: number) {
  const person = `${pick(first, index)} ${pick(last, index >> 3)}`
  const updatedAt = newest - index * 60
  return {
    id: ticketId(index),
    Assignee: `agent${index % 50}@example.com`,
    UpdatedAt: updatedAt,
    createdAt: updatedAt - 3_600,
    queue: 'chat-sg-en',
    channel: 'chat',
    type: 'CHAT',
    content: {
      summary: `The customer writes that order a${index} did not arrive as promised and asks for help with it.`,
      previous: 'Nothing was promised before. The rider was seen at the door at the time that the application shows.',
      attachments: [`https://files.example.com/${ticketId(index)}/photo-1.jpg`],
    },
    metadata: {
      ccr: pick(reasons, index),
      localCcr: 'Pengiriman terlambat',
      country: 'sg',
      language: 'en',
      orderId: `a${index}-b${index * 3}`,
      entityId: 'FP_SG',
      geid: 'FP_SG',
      sla: 64,
      tags: ['vip', 'late'],
      childrenLinks: [link(index, 0), link(index, 1)],
    },
    status: pick(statuses, index),
    statusReason: 'Waiting for the customer',
    priority: index % 10,
    customer: {
      id: `customer-${index % 300}`,
      firstName: person.split(' ')[0]!,
      lastName: person.split(' ')[1]!,
      name: person,
      email: `customer${index % 300}@example.com`,
    },
    vendor: { id: `vendor-${index % 80}`, vertical: pick(verticals, index) },
    source: 'fp-sg',
  }
}

function link(index: number, position: number) {
  const number = index * 2 + position
  const page = Math.floor(index / pageSize)
  const linked = (page + 5) * pageSize + (number % linkedPerPage)
  return {
    ticketId: ticketId(linked % ticketCount),
    ticketIdType: 'PANDACARE',
    ticketCategory: 'ESCALATED',
    creator: 'agent7@example.com',
    createdAt: newest - number,
    reason: 'the customer called again',
  }
}

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length]!
}
