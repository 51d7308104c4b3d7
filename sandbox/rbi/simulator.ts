import { createHmac } from 'node:crypto'
import { createPerson } from '../people.ts'
import type { Random } from '../random.ts'
import type { EventSimulator, OutboundWebhook } from '../simulator.ts'
import type { Story, StoryTicket } from '../story.ts'
import { dayMs, minuteMs, toIsoMillis } from '../times.ts'
import { categoryGroups, stores, storeThresholdMinutes } from './catalogue.ts'

/** The payload of both support-ticket webhooks. */
interface RbiTicket {
  readonly id: string
  readonly type: 'STORE' | 'GENERAL'
  readonly category: string
  readonly subcategory: string
  readonly subcategoryId: string
  readonly comments: string
  readonly source: string
  readonly store?: { readonly id: string; readonly name: string; readonly city: string }
  readonly order?: { readonly id: string; readonly placedAt?: string; readonly total: number; readonly currency: string }
  readonly customer: { readonly id: string; readonly name: string; readonly email?: string; readonly phone?: string }
  readonly region: string
  readonly createdAt: string
  /** Not in the vendor's list of fields. Receivers must ignore it. */
  readonly platform?: string
}

/** `count` guest tickets of the last 30 days. The same random gives the same tickets. */
function generateTickets(random: Random, until: number, count: number, story?: Story): RbiTicket[] {
  const told = (story?.ticketsOf('rbi', count) ?? []).map(toTold)
  const others = Array.from({ length: count - told.length }, () =>
    createTicket(random, until - Math.floor(random.next() ** 2 * 30 * dayMs) - 5 * minuteMs),
  )
  return [...told, ...others]
}

/** A guest's ticket of the story. */
function toTold({ id, customer, order, messages, createdAt, reason }: StoryTicket): RbiTicket {
  const [group] = categoryGroups
  const sub = group.subCategories.find(({ key }) => key.startsWith(reason)) ?? group.subCategories[0]
  return {
    ...{ id, type: 'STORE', category: group.key, subcategory: sub.key, subcategoryId: sub.issueId, comments: messages[0]!.text },
    ...{ source: 'APP', store: stores[0], region: 'eu', createdAt: toIsoMillis(createdAt) },
    order: { id: order.id, placedAt: toIsoMillis(createdAt - 40 * minuteMs), total: order.amount, currency: 'EUR' },
    customer: { id: customer.id, name: customer.name, email: customer.email, phone: customer.phone },
  }
}

/** A guest's ticket with this time of creation. */
function createTicket(random: Random, createdAt: number): RbiTicket {
  const group = random.pick(categoryGroups)
  const sub = random.pick(group.subCategories)
  const order = sub.selectRecentOrder && random.chance(0.85) ? createOrder(random, createdAt) : undefined
  const isLate = order?.placedAt === undefined || createdAt - Date.parse(order.placedAt) > storeThresholdMinutes * minuteMs
  const { firstName, lastName, email, phone } = createPerson(random, 'iberia')
  return {
    id: random.uuid(),
    type: group.ticketType === 'STORE' && !isLate ? 'STORE' : 'GENERAL',
    category: group.key,
    subcategory: sub.key,
    subcategoryId: sub.issueId,
    comments: random.pick(sub.comments),
    source: random.weighted([
      [5, 'APP'],
      [2, 'WEB'],
      [1, 'KIOSK'],
      [1, 'PARTNER'],
    ] as const),
    ...(order || random.chance(0.5) ? { store: random.pick(stores) } : {}),
    ...(order ? { order } : {}),
    customer: {
      id: random.text('0123456789abcdef', 24),
      name: `${firstName} ${lastName}`,
      ...(random.chance(0.9) ? { email } : {}),
      ...(random.chance(0.6) ? { phone } : {}),
    },
    region: 'eu',
    createdAt: toIsoMillis(createdAt),
    ...(random.chance(0.2) ? { platform: random.pick(['ios', 'android']) } : {}),
  }
}

function createOrder(random: Random, createdAt: number) {
  const placedAt = createdAt - random.int(10, 200) * minuteMs
  return {
    id: `PLK-${random.text('0123456789', 8)}`,
    ...(random.chance(0.95) ? { placedAt: toIsoMillis(placedAt) } : {}),
    total: random.int(690, 6490) / 100,
    currency: 'EUR',
  }
}

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface RbiOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly secret: string
  /** What the sandbox's other systems tell too. */
  readonly story?: Story
}

/** RBI's guest ticketing sends every ticket of a guest as a signed webhook. */
export function createRbi({ random, until, count, secret, story }: RbiOptions): EventSimulator {
  const tickets = new Map(generateTickets(random, until, count, story).map((ticket) => [ticket.id, ticket]))
  return {
    routes: [],
    authorise: () => null,
    failure: (status) => ({ error: status }),
    tickets: () => tickets.size,
    ticket: (id) => tickets.get(id),
    history: () => [...tickets.values()].map((ticket, index) => [toWebhook(ticket, secret, formats[index % formats.length]!)]),
    unreadable: (now) => sign(JSON.stringify({ type: 'LOYALTY_EVENT', timestamp: toIsoMillis(now), data: {} }), secret),
    changeOne(now) {
      const ticket = createTicket(random, now)
      tickets.set(ticket.id, ticket)
      return [toWebhook(ticket, secret, toEvent)]
    },
  }
}

type BodyFormat = (ticket: RbiTicket) => unknown

const toEvent: BodyFormat = (ticket) => ({
  type: `${ticket.type}_SUPPORT_TICKET_EVENT`,
  timestamp: ticket.createdAt,
  data: ticket,
})
/** With the older name of the event. */
const toOldEvent: BodyFormat = (ticket) => ({ type: `${ticket.type}_SUPPORT_TICKET`, timestamp: ticket.createdAt, data: ticket })
/** The payload alone, as a partner submits it. */
const toBare: BodyFormat = (ticket) => ticket
/** Eight of ten follow the current documentation. */
const formats: readonly BodyFormat[] = [
  toEvent,
  toEvent,
  toEvent,
  toEvent,
  toOldEvent,
  toEvent,
  toEvent,
  toEvent,
  toEvent,
  toBare,
]

function toWebhook(ticket: RbiTicket, secret: string, toBody: BodyFormat): OutboundWebhook {
  return sign(JSON.stringify(toBody(ticket)), secret)
}

function sign(body: string, secret: string): OutboundWebhook {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return { sourceKey: 'rbi', query: '', headers: { 'content-type': 'application/json', 'x-signature': signature }, body }
}
