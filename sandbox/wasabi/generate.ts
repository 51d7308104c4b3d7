import type { Random } from '../random.ts'
import type { Story, StoryTicket } from '../story.ts'
import { dayMs, hourMs, minuteMs, toIsoLocal, toIsoMillis, toIsoSeconds } from '../times.ts'

/** A customer-care ticket. */
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

/** The reason of a ticket. Which fields it has depends on the type. */
export interface WasabiReason {
  readonly type: string
  readonly orderIds?: readonly string[]
  readonly subscriptionContractIds?: readonly string[]
  readonly subtype?: string
}

/** A snapshot of a ticket as an event. */
export interface WasabiEnvelope {
  readonly eventType: 'CUSTOMER_CARE_TICKET'
  readonly eventAction: 'CREATED' | 'UPDATED'
  readonly version: number
  readonly body: WasabiBody
}

/** The event of a created or updated ticket. */
export function toEnvelope(eventAction: 'CREATED' | 'UPDATED', body: WasabiBody): WasabiEnvelope {
  return { eventType: 'CUSTOMER_CARE_TICKET', eventAction, version: 1, body }
}

/** The example of the vendor's page, repaired where it is not JSON. Its times have no offset; it is open and has a `resolvedAt`. */
const documentedEnvelope: WasabiEnvelope = toEnvelope('CREATED', {
  ticketId: '12345678',
  customerId: '12345678',
  status: 'OPEN',
  reason: { type: 'WRONG_PRODUCT' },
  ticketOrigin: 'zendesk',
  resolvedAt: '2024-02-07T12:45:00',
  firstReplyTimeInMinutes: 12,
  createdAt: '2024-02-06T10:00:00',
  updatedAt: '2024-02-06T12:45:00',
})

const digits = '0123456789'
const orderReasons = [
  'WRONG_PRODUCT',
  'PRODUCT_QUALITY',
  'WRONG_CHARGE',
  'REQUEST_REFUND',
  'LATE_DELIVERY',
  'MISSED_DELIVERY',
  'DAMAGED_DELIVERY',
]
const origins = ['email', 'phone', 'web form', 'zendesk', 'Web Form', 'chat', 'instagram', 'app', 'E-Mail']
const tags = [
  'subscription',
  'first-box',
  'vip',
  'cold-chain',
  'courier-dhl',
  'courier-dpd',
  'vegan',
  'gift',
  'retour',
  'señalado',
]

/** The snapshots of `count` tickets, each in the order of sending, including the documented one. The same random gives the same snapshots. */
export function generateSnapshots(random: Random, until: number, count: number, story?: Story): WasabiEnvelope[][] {
  const customers = Array.from({ length: Math.ceil(count / 3) }, () => random.text(digits, 8))
  const told = story?.ticketsOf('wasabi', count) ?? []
  const ids = new Set([documentedEnvelope.body.ticketId, ...told.map(({ id }) => id)])
  const histories: WasabiEnvelope[][] = [[documentedEnvelope], ...told.map((ticket) => toTold(ticket, random.pick(customers)!))]
  while (histories.length < count) {
    // Ids are unique only within a type: some customers' numbers are also ticket numbers.
    const ticketId = random.chance(0.05) ? random.pick(customers) : random.text(digits, 8)
    if (ids.has(ticketId)) continue
    ids.add(ticketId)
    histories.push(createHistory(random, until, ticketId, random.pick(customers)))
  }
  return histories
}

/** A box of the story: Zendesk has the complaint, and the event has no text. */
function toTold(told: StoryTicket, customerId: string): WasabiEnvelope[] {
  const created: WasabiBody = {
    ...{ ticketId: told.id, customerId, status: 'OPEN', reason: { type: told.title, orderIds: [told.order.id] } },
    ...{
      ticketOrigin: 'zendesk',
      tags: ['courier-dhl'],
      createdAt: toIsoMillis(told.createdAt),
      updatedAt: toIsoMillis(told.createdAt),
    },
  }
  if (told.state !== 'solved') return [toEnvelope('CREATED', created)]
  const at = toIsoMillis(told.updatedAt)
  const resolved = { ...created, status: 'RESOLVED', firstReplyTimeInMinutes: 12, resolvedAt: at, updatedAt: at }
  return [toEnvelope('CREATED', created), toEnvelope('UPDATED', resolved)]
}

function createHistory(random: Random, until: number, ticketId: string, customerId: string): WasabiEnvelope[] {
  const createdAt = until - dayMs - Math.floor(random.next() ** 2 * 60 * dayMs)
  const write = random.weighted([
    [5, toIsoSeconds],
    [3, toIsoMillis],
    [2, toIsoLocal],
  ] as const)
  const created = createTicket(random, ticketId, customerId, write(createdAt))
  const updates = createUpdates(random, created, createdAt, until, write)
  return [toEnvelope('CREATED', created), ...updates.map((body) => toEnvelope('UPDATED', body))]
}

/** A new ticket. */
export function createTicket(random: Random, ticketId: string, customerId: string, createdAt: string): WasabiBody {
  return {
    ticketId,
    customerId,
    status: 'OPEN',
    ...(random.chance(0.92) ? { reason: createReason(random) } : {}),
    ...(random.chance(0.9) ? { ticketOrigin: random.pick(origins) } : {}),
    ...(random.chance(0.6) ? { tags: random.some(tags, random.int(0, 3)) } : {}),
    createdAt,
    updatedAt: createdAt,
  }
}

function createUpdates(
  random: Random,
  created: WasabiBody,
  from: number,
  until: number,
  write: (epochMs: number) => string,
): WasabiBody[] {
  const last = random.weighted([
    [5, 'OPEN'],
    [3, 'IN_PROGRESS'],
    [5, 'RESOLVED'],
    [0.2, 'AWAITING_COURIER'],
  ] as const)
  if (last === 'OPEN') return []
  const repliedAt = random.later(from + 2 * minuteMs, 8 * hourMs, until)
  const reply = { firstReplyTimeInMinutes: random.chance(0.3) ? random.int(10, 3000) / 8 : random.int(2, 300) }
  const picked: WasabiBody = {
    ...created,
    ...reply,
    status: last === 'RESOLVED' ? 'IN_PROGRESS' : last,
    updatedAt: write(repliedAt),
  }
  if (last !== 'RESOLVED') return [picked]
  const resolvedAt = random.later(repliedAt + minuteMs, 20 * hourMs, until)
  const resolved = { ...picked, status: 'RESOLVED', resolvedAt: write(resolvedAt), updatedAt: write(resolvedAt) }
  // The first reply resolves two of three tickets.
  return random.chance(0.67) ? [resolved] : [picked, resolved]
}

function createReason(random: Random): WasabiReason {
  return random.weighted<() => WasabiReason>([
    [8, () => ({ type: random.pick(orderReasons), ...(random.chance(0.8) ? { orderIds: createIds(random, 1, 3) } : {}) })],
    [2, () => ({ type: 'CANCELLATION', subscriptionContractIds: createIds(random, 0, 2) })],
    [
      1,
      () => ({
        type: 'SUBJECT_ACCESS_REQUEST',
        ...(random.chance(0.6) ? { subtype: random.pick(['ERASURE', 'ACCESS', 'RECTIFICATION']) } : {}),
      }),
    ],
    [0.2, () => ({ type: 'LOYALTY_POINTS' })],
  ])()
}

function createIds(random: Random, min: number, max: number): string[] {
  return Array.from({ length: random.int(min, max) }, () => random.text(digits, 9))
}
