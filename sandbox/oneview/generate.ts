import { createPerson, type Person } from '../people.ts'
import type { Random } from '../random.ts'
import type { Story, StoryCustomer } from '../story.ts'
import { dayMs, hourMs, minuteMs, toEpochSeconds } from '../times.ts'
import { reasonGroups } from './contact-reasons.ts'
import { documentedNeighbours, documentedTicket, type Market, markets, verticals } from './fixtures.ts'
import { toTold } from './story-tickets.ts'
import type { OneViewLink, OneViewTicket } from './wire.ts'

const idCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Customers of the story have orders. */
type Customer = Person & Pick<StoryCustomer, 'id'> & Partial<Pick<StoryCustomer, 'orders'>>

/** What the generated tickets have in common. */
interface Fixtures {
  readonly random: Random
  /** The latest time in a ticket. */
  readonly until: number
  readonly customers: ReadonlyMap<Market, readonly Customer[]>
  readonly vendors: ReadonlyMap<Market, readonly { id: string; vertical: string }[]>
  readonly agents: readonly string[]
}

/** `count` tickets of the last 90 days, including the documented ones. The same random gives the same tickets. */
export function generateTickets(random: Random, until: number, count: number, story?: Story): OneViewTicket[] {
  const fixtures = createFixtures(random, until, story)
  const told = (story?.ticketsOf('oneview', count) ?? []).map((ticket) => toTold(ticket, random, fixtures.agents))
  const tickets = [documentedTicket(), ...documentedNeighbours(), ...told]
  while (tickets.length < count) tickets.push(addAnomaly(random, createTicket(fixtures, tickets), until))
  return tickets
}

function createFixtures(random: Random, until: number, story: Story | undefined): Fixtures {
  const customers = new Map(
    markets.map((market) => [
      market,
      story?.customers.filter(({ region }) => region === market.region) ??
        Array.from({ length: 40 }, () => ({ ...createPerson(random, market.region), id: random.text('0123456789abcdef', 24) })),
    ]),
  )
  const agents = Array.from({ length: 24 }, () => {
    const { firstName, lastName, email } = createPerson(random, random.pick(['sg', 'ph', 'my'] as const))
    return random.pick([email, `${firstName} ${lastName}`, `agent-${random.int(100, 999)}`])
  })
  const vendors = new Map(
    markets.map((market) => [
      market,
      Array.from({ length: 25 }, () => ({ id: random.text(idCharacters, 4), vertical: createVertical(random) })),
    ]),
  )
  return { random, until, customers, vendors, agents }
}

function createTicket(fixtures: Fixtures, earlier: readonly OneViewTicket[]): OneViewTicket {
  const { random, until } = fixtures
  const market = random.pick(markets)
  const customer = random.pick(fixtures.customers.get(market)!)!
  const channel = random.weighted([
    [6, 'chat'],
    [2, 'email'],
    [2, 'voice'],
  ] as const)
  const language = random.pick(market.languages)
  const createdAt = until - Math.floor(random.next() ** 2 * 90 * dayMs) - random.int(1, 59) * minuteMs
  const updatedAt = random.later(createdAt, 30 * hourMs, until)
  const status = random.weighted([
    [5, 'ASSIGNED'],
    [2, 'ESCALATED'],
    [6, 'CLOSED'],
  ] as const)
  return {
    id: createId(random),
    Assignee: status === 'ASSIGNED' || random.chance(0.7) ? random.pick(fixtures.agents) : null,
    UpdatedAt: toEpochSeconds(updatedAt),
    createdAt: toEpochSeconds(createdAt),
    queue: `${channel}-${market.country}-${market.languages[0]}`,
    channel,
    ...createSubject(fixtures, market, language, customer, earlier, createdAt),
    status,
    statusReason: random.pick(statusReasons[status]),
    priority: random.int(0, 5),
    customer: toWire(customer),
    vendor: { ...random.pick(fixtures.vendors.get(market) ?? []) },
    source: `fp-${market.country}`,
    type: channel,
  }
}

const statusReasons = {
  ASSIGNED: ['Internal State Change by Workflow Server', 'picked by agent', 'reassigned: agent overtime', 'customer replied'],
  ESCALATED: ['refund above agent limit', 'allergy incident', 'repeat complaint', 'partner does not answer', 'legal threat'],
  CLOSED: [
    'refund issued',
    'customer left the chat',
    'explained, customer agreed',
    'duplicate contact',
    'close by workflow timeout',
  ],
} as const

const items = [
  'nasi lemak',
  'chicken rice',
  'beef noodle soup',
  'bubble tea',
  'biryani',
  'pad krapow',
  'margherita',
  'halo-halo',
  'sushi set',
  '滷肉飯',
]
const places = ['Tampines', 'Bukit Bintang', 'Sukhumvit 22', 'Makati', 'Gulberg III', '信義區']

/** The subject of a ticket: the contact reason, the customer's message, the order and the links. */
function createSubject(
  fixtures: Fixtures,
  market: Market,
  language: string,
  customer: Customer,
  earlier: readonly OneViewTicket[],
  createdAt: number,
) {
  const { random } = fixtures
  const group = random.pick(reasonGroups)
  const reason = random.pick(group.reasons)
  const text = random
    .pick(reason.messages)
    .replace('{item}', random.pick(items))
    .replace('{minutes}', String(random.int(25, 110)))
    .replace('{place}', random.pick(places))
  return {
    content: { subject: reason.label, lastMessage: text, chatRoomId: random.uuid() },
    metadata: {
      ccr: reason.label,
      country: market.country,
      language,
      ...(group.code === '4'
        ? {}
        : {
            orderId: customer.orders
              ? random.pick(customer.orders)!.id
              : `${random.text(idCharacters, 4)}-${random.text(idCharacters, 4)}`,
          }),
      sla: random.pick([16, 32, 64, 120]),
      tags: random.some(['vip', 'refund', 'first-order', 'pandapro', 'corporate', 'allergy', group.label], random.int(0, 3)),
      entityId: market.entityId,
      childrenLinks: createLinks(random, earlier, createdAt),
      localCcr: reason.local[language] ?? reason.label,
    },
  }
}

function createLinks(random: Random, earlier: readonly OneViewTicket[], createdAt: number): OneViewLink[] {
  const count = random.weighted([
    [6, 0],
    [3, 1],
    [1, 2],
  ] as const)
  return Array.from({ length: count }, () => {
    const salesforce = random.chance(0.3)
    return {
      ticketId: salesforce ? `5003h00000${random.text('ABCDEFGHKLMNPQRSTabcdefghkmnpqrst', 5)}` : random.pick(earlier).id,
      ticketIdType: salesforce ? 'SALESFORCE' : 'PANDACARE',
      ticketCategory: random.pick(['ESCALATED', 'REFUNDED', 'REFUND_PARTIAL']),
      creator: random.pick(['hugo', 'workflow', 'nadia', 'auto-refund']),
      createdAt: toEpochSeconds(createdAt + random.int(2, 50) * minuteMs),
      reason: random.pick(['insufficient money', 'second contact about the same order', 'partner must answer', 'partial refund']),
    }
  })
}

function toWire({ id, firstName, lastName, email }: Customer) {
  return { id, firstName, lastName, name: `${firstName} ${lastName}`, email }
}

function createVertical(random: Random): string {
  return random.chance(0.6) ? 'restaurants' : random.pick(verticals)
}

function createId(random: Random): string {
  return random.weighted([
    [8, random.uuid()],
    [1, `${random.text(idCharacters, 4)}-${random.text(idCharacters, 4)}`],
    [1, random.text(idCharacters, 10)],
  ])
}

type Anomaly = (ticket: OneViewTicket, random: Random, until: number) => OneViewTicket

/** Deviations from the documented format that real systems send. Each is rare. */
const anomalies: readonly Anomaly[] = [
  // Only the id is required.
  ({ id }) => ({ id }),
  (ticket) => ({ ...ticket, status: 'ON_HOLD_BY_BOT' }),
  (ticket) => ({ ...ticket, createdAt: String(ticket.createdAt), UpdatedAt: String(ticket.UpdatedAt) }),
  (ticket) => ({ ...ticket, createdAt: Number(ticket.createdAt) * 1000, UpdatedAt: Number(ticket.UpdatedAt) * 1000 }),
  (ticket) => ({ ...ticket, UpdatedAt: 0 }),
  // Many tickets have the same second, because a workflow closed them together.
  (ticket, _, until) => ({
    ...ticket,
    status: 'CLOSED',
    statusReason: 'close by workflow timeout',
    UpdatedAt: toEpochSeconds(until) - 86_400,
    createdAt: Math.min(Number(ticket.createdAt), toEpochSeconds(until) - 90_000),
  }),
  (ticket) => ({ ...ticket, Assignee: null }),
  ({ channel: _, ...ticket }) => ticket,
  ({ metadata: _, ...ticket }) => ticket,
  (ticket) => ({ ...ticket, metadata: { ccr: ticket.metadata?.ccr ?? 'other', country: ticket.metadata?.country ?? 'sg' } }),
  ({ vendor: _, ...ticket }) => ticket,
  (ticket) => ({ ...ticket, vendor: { id: ticket.vendor?.id ?? 'bgaj', vertical: 'ghost_kitchens' } }),
  (ticket) => ({ ...ticket, customer: { id: ticket.customer?.id ?? 'anonymous' } }),
  (ticket) => ({
    ...ticket,
    customer: {
      id: ticket.customer?.id ?? 'anonymous',
      lastName: ticket.customer?.lastName ?? 'Tan',
      name: ticket.customer?.lastName ?? 'Tan',
    },
  }),
  // Another system writes these keys in lower case.
  ({ Assignee, UpdatedAt, ...ticket }) => ({ ...ticket, assignee: Assignee, updatedAt: UpdatedAt }) as OneViewTicket,
]

/** Adds an anomaly to one of eight tickets. */
function addAnomaly(random: Random, ticket: OneViewTicket, until: number): OneViewTicket {
  return random.chance(0.125) ? random.pick(anomalies)(ticket, random, until) : ticket
}
