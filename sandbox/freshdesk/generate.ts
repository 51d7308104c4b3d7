import { createPerson } from '../people.ts'
import type { Random } from '../random.ts'
import type { Story, StoryCustomer } from '../story.ts'
import { dayMs, hourMs, minuteMs, startOfDay } from '../times.ts'
import { closed, isDone, mirrorFields, resolved } from './fields.ts'
import * as account from './installation.ts'
import { newContact, newNote, newReply } from './new-records.ts'
import type { Agent, Attachment, Contact, Conversation, FieldValue, Rating, Ticket } from './records.ts'
import { linkTickets } from './seed-links.ts'
import { dueFor } from './service-levels.ts'
import type { FreshdeskState } from './state.ts'
import { statsOf } from './stats.ts'
import { requesterOf, tellTicket } from './story-tickets.ts'
import { type Topic, topics } from './topics.ts'
import { toHtml } from './wire.ts'

export interface SeedOptions {
  readonly random: Random
  /** The latest time in a ticket. */
  readonly until: number
  readonly count: number
  /** What the systems of the sandbox have in common. Of the account's own tickets every third is of one of its customers. */
  readonly story?: Story | undefined
}

const historyMs = 220 * dayMs

/** Fills the account. The same random gives the same tickets, with the ids 1 to `count`. */
export function seed(state: FreshdeskState, options: SeedOptions): void {
  const { random, count, story, until } = options
  const told = story?.ticketsOf('freshdesk', count) ?? []
  for (const ticket of told) state.put(tellTicket(state, ticket, requesterOf(state, ticket), until))
  const shared = (story?.customers ?? []).map((customer) => ({ contact: addCustomer(state, customer), orders: customer.orders }))
  for (let number = told.length + 1; number <= count; number++) {
    const topic = random.pick(topics)
    const known = shared.length > 0 && random.chance(1 / 3) ? random.pick(shared) : undefined
    const requester = known?.contact ?? addWriter(state, random, topic)
    const orderId = (known && random.pick(known.orders)?.id) ?? `M-${random.int(100_000, 999_999)}`
    state.put(createTicket(state, options, { topic, requester, orderId }))
  }
  linkTickets(state, random, told.length)
}

function addCustomer(state: FreshdeskState, { name, email, phone }: StoryCustomer): Contact {
  const known = state.contactByEmail(email)
  return known ?? state.putContact({ ...newContact(state, name, email), phone, uniqueExternalId: `oneview:${email}` })
}

function addWriter(state: FreshdeskState, random: Random, topic: Topic): Contact {
  const person = createPerson(random, topic.region)
  const company = topic.isCompany ? random.pick(account.companies) : null
  const email = company ? person.email.replace(/@.*/, `@${company.domains[0]}`) : person.email
  const known = state.contactByEmail(email)
  const name = `${person.firstName} ${person.lastName}`
  const details = { phone: person.phone, language: topic.language, companyId: company?.id ?? null }
  return known ?? state.putContact({ ...newContact(state, name, email), ...details })
}

interface Subject {
  readonly topic: Topic
  readonly requester: Contact
  readonly orderId: string
}

const sourcesOfPeople = [
  [10, 1],
  [6, 2],
  [2, 3],
  [1, 5],
  [1, 6],
  [3, 7],
  [2, 9],
] as const

function createTicket(state: FreshdeskState, { random, until }: SeedOptions, subject: Subject): Ticket {
  const { topic, requester, orderId } = subject
  const id = state.nextTicketId()
  const createdAt = until - Math.floor(random.next() ** 3 * historyMs) - random.int(3, 59) * minuteMs
  const status = pickStatus(random, until - createdAt)
  const group = account.groups.find(({ name }) => name === topic.group) ?? account.groups[0]!
  const members = account.agents.filter(({ groupIds }) => groupIds.includes(group.id))
  const isNew = status === 2 && random.chance(0.3)
  const agent = isNew ? null : random.pick(members)!
  const source = topic.isCompany ? 1 : random.weighted(sourcesOfPeople)
  const write = writerOf(random, topic, orderId)
  const opening = source === 5 ? 'View the message on Twitter' : write(topic.opening)
  const talk: Talk = { topic, requester, agent, createdAt, until, source, write }
  const conversations = createConversations(state, random, talk)
  const lastAt = conversations.at(-1)?.createdAt ?? createdAt
  const updatedAt = isDone(status) ? random.later(lastAt, 4 * dayMs, until) : lastAt
  return {
    ...{ id, subject: source === 5 ? opening : write(topic.subject), description: toHtml(opening), status, source },
    ...{ priority: topic.priority, type: topic.type, requesterId: requester.id, responderId: agent?.id ?? null },
    ...{
      groupId: group.id,
      companyId: requester.companyId,
      productId: topic.tags.includes('membership') ? account.productId : null,
    },
    ...{ emailConfigId: source === 1 ? account.emailConfigId : null, internalAgentId: null, internalGroupId: null },
    ...{ ccEmails: random.chance(0.1) ? ['office@example.com'] : [], toEmails: source === 1 ? [account.supportEmail] : null },
    ...{ spam: false, deleted: false, tags: topic.tags, customFields: createFields(random, topic, orderId, createdAt, status) },
    ...{ attachments: random.chance(0.15) ? [createPhoto(state, random, createdAt)] : [], conversations },
    ...{ watcherIds: random.chance(0.1) ? [account.agents[0]!.id] : [], parentId: null, trackerId: null },
    ratings: createRatings(state, random, { status, requester, agent, groupId: group.id, at: updatedAt }),
    stats: statsOf({ createdAt, conversations, status, changedAt: updatedAt }),
    ...{ due: dueFor(topic.priority, createdAt), nextDue: null, createdAt, updatedAt },
  }
}

/** Fills the placeholders, for one ticket always with the same. */
function writerOf(random: Random, topic: Topic, orderId: string): (text: string) => string {
  const amount = `${random.int(9, 120)}.${random.pick(['00', '50', '90'])} ${topic.region === 'europe' ? 'EUR' : 'SGD'}`
  const guests = String(random.int(8, 60))
  return (text) => text.replaceAll('{order}', orderId).replaceAll('{amount}', amount).replaceAll('{guests}', guests)
}

function pickStatus(random: Random, age: number): number {
  if (age > 40 * dayMs) return closed
  if (age > 7 * dayMs) return random.pick([resolved, resolved, closed, 3, 6, 7] as const)
  return random.pick([2, 2, 2, 3, 6, 7, 8, 9, resolved] as const)
}

function createFields(random: Random, topic: Topic, orderId: string, createdAt: number, status: number) {
  const [country, city] = topic.place
  const fields: Record<string, FieldValue> = {
    cf_order_number: orderId,
    cf_root_cause: isDone(status) ? topic.cause : null,
    cf_refund_amount: topic.type === 'Refund' ? random.int(300, 6000) / 100 : null,
    cf_guests: topic.isCompany ? random.int(8, 60) : null,
    cf_event_date: topic.isCompany ? new Date(startOfDay(createdAt + 9 * dayMs)).toISOString().slice(0, 10) : null,
    cf_vip: random.chance(0.1),
    ...{ cf_country: country, cf_city: city, cf_details: null },
    ...Object.fromEntries(mirrorFields.map(({ name }) => [name, null])),
  }
  return fields
}

interface Talk {
  readonly topic: Topic
  readonly requester: Contact
  readonly agent: Agent | null
  readonly createdAt: number
  readonly until: number
  readonly source: number
  write(text: string): string
}

/** Some of the replies, and often a note after the first one. Some customers write many short messages. */
function createConversations(state: FreshdeskState, random: Random, talk: Talk): readonly Conversation[] {
  const { topic, requester, agent, until, source, write } = talk
  if (agent === null) return []
  let at = talk.createdAt
  const later = () => {
    at = random.later(at, 5 * hourMs, until)
    return at
  }
  const say = (text: string, from: Agent | Contact) => {
    const body = from === requester && source === 5 ? 'View the message on Twitter' : write(text)
    return newReply(state, { body: toHtml(body), author: from, requester, at: later(), isTweet: source === 5 })
  }
  const conversations: Conversation[] = []
  topic.replies.slice(0, random.int(1, topic.replies.length)).forEach((text, index) => {
    conversations.push(say(text, index % 2 === 0 ? agent : requester))
    if (index === 0 && random.chance(0.5)) conversations.push(newNote(state, toHtml(write(topic.note)), agent, later()))
  })
  const more = random.chance(0.05) ? random.int(12, 44) : 0
  for (let number = 0; number < more; number++) {
    conversations.push(say(random.pick(chatter)!, number % 3 === 2 ? agent : requester))
  }
  return conversations
}

/** What is written in between, in a thread that grows long. */
const chatter = [
  ...['Are you still there?', 'Any news on {order}?', 'I am looking into it, one moment please.', 'Yes, exactly.', 'Thank you.'],
  ...['I have asked the team and will write again.', 'It is {amount}, as I wrote above.', '👍', 'OK', 'Still nothing here.'],
]

interface Rated {
  readonly status: number
  readonly requester: Contact
  readonly agent: Agent | null
  readonly groupId: number
  readonly at: number
}

function createRatings(state: FreshdeskState, random: Random, rated: Rated): readonly Rating[] {
  if (!isDone(rated.status) || random.chance(0.6)) return []
  const [score, feedback] = random.pick([
    [103, 'Quick and kind.'],
    [102, null],
    [100, null],
    [-102, 'I had to ask three times.'],
    [-103, 'Nothing was solved.'],
  ] as const)
  const { requester, agent, groupId, at } = rated
  return [
    {
      id: state.nextId(),
      feedback,
      ratings: { default_question: score },
      agentId: agent?.id ?? null,
      groupId,
      userId: requester.id,
      at,
    },
  ]
}

/** One transparent pixel (PNG). */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

function createPhoto(state: FreshdeskState, random: Random, at: number): Attachment {
  return { id: state.nextId(), name: `photo-${random.int(1, 99)}.png`, contentType: 'image/png', bytes: pixel, at }
}
