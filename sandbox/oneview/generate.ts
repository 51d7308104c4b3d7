import type { Random } from '../random.ts'
import { dayMs, hourMs, minuteMs, toEpochSeconds } from '../times.ts'
import { createPerson, type Person } from '../world/people.ts'
import { reasonGroups } from './contact-reasons.ts'
import { documentedNeighbours, documentedTicket } from './documented.ts'
import { type Market, markets, verticals } from './lookups.ts'
import { twist } from './twists.ts'
import type { OneViewLink, OneViewTicket } from './wire.ts'

const idCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789'

interface World {
  readonly random: Random
  /** Nothing is later than this. */
  readonly until: number
  readonly customers: ReadonlyMap<Market, readonly (Person & { id: string })[]>
  readonly vendors: ReadonlyMap<Market, readonly { id: string; vertical: string }[]>
  readonly agents: readonly string[]
}

/** `count` tickets of the last 90 days, among them the documented ones. The same random gives the same tickets. */
export function generateTickets(random: Random, until: number, count: number): OneViewTicket[] {
  const world = createWorld(random, until)
  const tickets = [documentedTicket(), ...documentedNeighbours()]
  while (tickets.length < count) tickets.push(twist(random, createTicket(world, tickets), until))
  return tickets
}

function createWorld(random: Random, until: number): World {
  const customers = new Map(
    markets.map((market) => [
      market,
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

function createTicket(world: World, earlier: readonly OneViewTicket[]): OneViewTicket {
  const { random, until } = world
  const market = random.pick(markets)
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
    Assignee: status === 'ASSIGNED' || random.chance(0.7) ? random.pick(world.agents) : null,
    UpdatedAt: toEpochSeconds(updatedAt),
    createdAt: toEpochSeconds(createdAt),
    queue: `${channel}-${market.country}-${market.languages[0]}`,
    channel,
    ...createMatter(world, market, language, earlier, createdAt),
    status,
    statusReason: random.pick(statusReasons[status]),
    priority: random.int(0, 5),
    customer: createCustomer(world, market),
    vendor: { ...random.pick(world.vendors.get(market) ?? []) },
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

/** What it is about: the contact reason, the customer's words, the order and the links. */
function createMatter(world: World, market: Market, language: string, earlier: readonly OneViewTicket[], createdAt: number) {
  const { random } = world
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
            orderId: `${random.text(idCharacters, 4)}-${random.text(idCharacters, 4)}`,
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

function createCustomer({ random, customers }: World, market: Market) {
  const { id, firstName, lastName, email } = random.pick(customers.get(market) ?? [])
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
