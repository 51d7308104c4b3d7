import type { Random } from '../random.ts'
import type { Story, StoryOrder } from '../story.ts'
import { dayMs, hourMs, minuteMs, startOfDay, toEpochSeconds } from '../times.ts'
import type { Attachment, AttributeValue, Contact, Ticket } from './records.ts'
import { linkTickets } from './seed-links.ts'
import { contactOf, mirrorValues, tellStory } from './seed-story.ts'
import { adminAuthor, contactAuthor, type IntercomState } from './state.ts'
import * as changes from './ticket-changes.ts'
import { type Topic, topics } from './topics.ts'
import { admins, bot, formerAdmin } from './workspace.ts'

export interface SeedOptions {
  readonly random: Random
  /** The latest time in a ticket. */
  readonly until: number
  readonly count: number
  /** What the sandbox's systems have in common: at most a third of the tickets, and all customers. */
  readonly story: Story
}

const historyMs = 180 * dayMs

/** From so many tickets on there is one with more parts than an answer holds. */
const countWithLongHistory = 50

/** The first tickets of its own are open and in these states, so that a small workspace shows each of them. */
const shownStates = [
  { typeId: '54', stateId: '8273' },
  { typeId: '53', stateId: '8274' },
  { typeId: '53', stateId: '8271' },
  { typeId: '53', stateId: '8275' },
  { typeId: '56', stateId: '8270' },
  { typeId: '55', stateId: '8272' },
]

/** Fills the workspace. The same random gives the same tickets. */
export function seed(state: IntercomState, options: SeedOptions): void {
  const { random, count, story } = options
  const told = tellStory(state, options)
  for (let number = told + 1; number <= count; number++) {
    const shown = shownStates[number - told - 1]
    const topic = random.pick(topics.filter(({ typeId }) => !shown || typeId === shown.typeId))!
    const customer = random.pick(story.customers.filter(({ region }) => region === topic.region))!
    const contact = contactOf(state, customer, topic)
    const ticket = createTicket(state, options, { topic, contact, order: random.pick(customer.orders)!, stateId: shown?.stateId })
    state.put(number === count && count >= countWithLongHistory ? withLongHistory(state, ticket, options.until) : ticket)
  }
  linkTickets(state, options)
}

interface Subject {
  readonly topic: Topic
  readonly contact: Contact
  readonly order: StoryOrder
  /** The state that it stays in. Undefined: any. */
  readonly stateId: string | undefined
}

function createTicket(state: IntercomState, { random, until }: SeedOptions, { topic, contact, order, stateId }: Subject): Ticket {
  const createdAt = until - Math.floor(random.next() ** 3 * historyMs) - random.int(3, 59) * minuteMs
  const minutes = String(random.int(20, 95))
  const values = { '{order}': order.id, '{item}': order.item, '{shop}': order.shop, '{minutes}': minutes }
  const write = (text: string) => Object.entries(values).reduce((filled, [name, value]) => filled.replaceAll(name, value), text)
  const attributes = {
    _default_title_: write(topic.title),
    _default_description_: write(topic.description),
    ...createAttributes(random, topic, { order, minutes, createdAt }),
  }
  const opened = changes.openTicket(state, { typeId: topic.typeId, contact, attributes, at: createdAt })
  const ticket = { ...opened, tagIds: random.chance(0.6) ? topic.tagIds : [] }
  return liveThrough(state, random, { ticket, topic, contact, until, stateId, write })
}

interface Facts {
  readonly order: StoryOrder
  readonly minutes: string
  readonly createdAt: number
}

function createAttributes(random: Random, topic: Topic, { order, minutes, createdAt }: Facts) {
  const priority = topic.tagIds.includes('123') ? 'Urgent' : random.pick(['Low', 'Normal', 'Normal', 'High', null] as const)
  const byType: Readonly<Record<Topic['typeId'], Readonly<Record<string, AttributeValue>>>> = {
    53: {
      'Order number': order.id,
      'Minutes late': topic.tagIds.includes('124') ? Number(minutes) : null,
      Photo: random.chance(0.2) ? [createPhoto(random)] : [],
      'Delivered on': random.chance(0.3) ? toEpochSeconds(startOfDay(createdAt)) : null,
    },
    54: { 'Order number': order.id, Amount: order.amount, Approved: random.chance(0.5) },
    55: { Restaurant: order.shop },
    56: { Component: random.pick(['App', 'Payments', 'Vouchers'] as const) },
  }
  return { ...byType[topic.typeId], Priority: priority, ...mirrorValues([]) }
}

function createPhoto(random: Random): Attachment {
  const id = `photo-${random.text('0123456789', 8)}`
  return { id, name: 'photo.png', contentType: 'image/png', bytes: pixel, width: 1, height: 1 }
}

/** One transparent pixel (PNG). */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

interface Life {
  readonly ticket: Ticket
  readonly topic: Topic
  readonly contact: Contact
  readonly until: number
  readonly stateId: string | undefined
  write(text: string): string
}

/** What happened to the ticket until now: routed, taken, answered, noted, and by its age resolved and closed. */
function liveThrough(
  state: IntercomState,
  random: Random,
  { ticket: opened, topic, contact, until, stateId, write }: Life,
): Ticket {
  let at = opened.createdAt
  let ticket = changes.setState(opened, '8269', { ids: state, author: bot, at })
  const age = until - at
  const agents = admins.filter(({ teamIds, hasSeat }) => hasSeat && teamIds.includes(topic.team))
  const agent = age > 60 * dayMs && random.chance(0.2) ? formerAdmin : random.pick(agents)!
  const doing = (author = adminAuthor(agent)) => {
    at = random.later(at, 4 * hourMs, until)
    return { ids: state, author, at }
  }
  if (random.chance(0.9)) ticket = changes.assign(ticket, { type: 'team', id: topic.team }, doing(bot))
  if (stateId === undefined && age < dayMs && random.chance(0.4)) return ticket
  ticket = changes.assign(ticket, { type: 'admin', id: agent.id }, doing())
  ticket = changes.setState(ticket, pickProgress(random, ticket.typeId), doing())
  topic.replies.slice(0, random.int(1, 3)).forEach((text, index) => {
    const author = index % 2 === 0 ? adminAuthor(agent) : contactAuthor(contact)
    const attachments = author.type === 'user' && random.chance(0.3) ? [createPhoto(random)] : []
    ticket = changes.say(ticket, { type: 'comment', body: changes.toHtml(write(text)), attachments }, doing(author))
    if (index === 0 && random.chance(0.4)) ticket = changes.setState(ticket, '8271', doing())
  })
  if (topic.replies.length > 0 && random.chance(0.1)) ticket = changes.say(ticket, askIfSolved(random), doing())
  if (random.chance(0.6)) ticket = changes.say(ticket, { type: 'note', body: changes.toHtml(write(topic.note)) }, doing())
  if (random.chance(0.3)) ticket = changes.setAttributes(ticket, { Priority: random.pick(['Normal', 'High'] as const) }, doing())
  if (stateId !== undefined) return changes.setState(ticket, stateId, doing())
  if (age < 3 * dayMs && random.chance(0.15)) return changes.snooze(ticket, until + random.int(1, 3) * dayMs, doing())
  return random.chance(age > 7 * dayMs ? 0.95 : 0.3) ? finish(random, ticket, doing) : ticket
}

/** Two buttons in the customer's messenger. The API shows no text of them. */
function askIfSolved(random: Random): changes.Message {
  const choices = ['Yes', 'No'].map((text) => ({ text, uuid: random.uuid() }))
  return { type: 'quick_reply', body: null, choices }
}

function pickProgress(random: Random, typeId: string): string {
  if (typeId === '54' && random.chance(0.4)) return '8273'
  return (typeId === '53' || typeId === '55') && random.chance(0.4) ? '8274' : '8270'
}

/** Resolved, and mostly closed. One in twenty is closed without being resolved; one in four is resolved and open, and so is what was declined. */
function finish(random: Random, ticket: Ticket, doing: () => changes.Doing): Ticket {
  const isCustomers = ticket.typeId === '53' || ticket.typeId === '54'
  if (random.chance(0.05)) return changes.setOpen(ticket, false, doing())
  const isDeclined = isCustomers && random.chance(0.1)
  const resolved = changes.setState(ticket, isDeclined ? '8275' : '8272', doing())
  return isDeclined || Number(ticket.number) % 4 === 0 ? resolved : changes.setOpen(resolved, false, doing())
}

/** A program changed the priority again and again. */
function withLongHistory(state: IntercomState, ticket: Ticket, until: number): Ticket {
  let long = ticket
  for (let index = 0; index < 520; index++) {
    const doing = { ids: state, author: bot, at: Math.min(until, ticket.updatedAt + index * 1000), isByApp: true }
    long = changes.setAttributes(long, { Priority: index % 2 === 0 ? 'Low' : 'High' }, doing)
  }
  return long
}
