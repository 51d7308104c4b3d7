import { createPerson } from '../people.ts'
import type { Random } from '../random.ts'
import type { Story, StoryCustomer, StoryTicket } from '../story.ts'
import { dayMs, hourMs, minuteMs, startOfDay } from '../times.ts'
import { items, type Topic, topics } from './conversations.ts'
import * as account from './installation.ts'
import type { Id } from './json.ts'
import type { Attachment, Comment, FieldValue, Priority, Status, Ticket, User } from './records.ts'
import { linkTickets } from './seed-links.ts'
import type { ZendeskState } from './state.ts'
import { toldComments, toldFields, toldStatus, toTopic } from './story-tickets.ts'

export interface SeedOptions {
  readonly random: Random
  /** The latest time in a ticket. */
  readonly until: number
  readonly count: number
  /** What the other systems of the sandbox tell too. Its tickets come first; of the others every third is of one of its customers. */
  readonly story?: Story | undefined
}

/** Closed tickets that did not change for this long are archived. */
export const archivedAfterMs = 120 * dayMs
const historyMs = 200 * dayMs

/** What an id beyond 2^53 is larger by. */
const beyond = 9007199254740992n

/** Fills the account. The same random gives the same tickets, with the ids 1 to `count`. The last one and its comments have ids beyond 2^53. */
export function seed(state: ZendeskState, options: SeedOptions): void {
  const { random, count, story } = options
  const told = story?.ticketsOf('zendesk', count) ?? []
  for (const ticket of told) {
    const requester = addCustomer(state, ticket.customer)
    const subject = { id: state.nextTicketId(), topic: toTopic(ticket), requester, orderId: ticket.order.id, told: ticket }
    state.put(createTicket(state, options, subject), requester.id)
  }
  const shared = (story?.customers ?? []).map((customer) => ({ user: addCustomer(state, customer), orders: customer.orders }))
  for (let number = told.length + 1; number <= count; number++) {
    const topic = random.pick(topics)
    const known = shared.length > 0 && random.chance(1 / 3) ? random.pick(shared) : undefined
    const requester = known?.user ?? addWriter(state, random, topic)
    const order = known && random.pick(known.orders)
    const orderId = order?.id ?? `${random.text('abcdefghijklmnopqrstuvwxyz0123456789', 4)}-${random.text('0123456789', 4)}`
    const id = number === count ? beyond + 5n : state.nextTicketId()
    state.put(createTicket(state, options, { id, topic, requester, orderId }), requester.id)
  }
  linkTickets(state, random)
}

function addCustomer(state: ZendeskState, { name, email, phone }: StoryCustomer): User {
  const known = state.userByEmail(email)
  return known ?? state.putUser({ ...newUser(state, name, email), phone, externalId: `oneview:${email}` })
}

function addWriter(state: ZendeskState, random: Random, topic: Topic): User {
  const person = createPerson(random, topic.region)
  const organization = topic.isPartner ? random.pick(account.organizations) : null
  const email = organization ? person.email.replace(/@.*/, `@${organization.domains[0]}`) : person.email
  const known = state.userByEmail(email)
  const name = `${person.firstName} ${person.lastName}`
  const details = { phone: person.phone, locale: topic.locale, organizationId: organization?.id ?? null }
  return known ?? state.putUser({ ...newUser(state, name, email), ...details })
}

/** A customer without anything but a name and an address. */
export function newUser(state: Pick<ZendeskState, 'nextId' | 'now'>, name: string, email: string): User {
  return {
    ...{ id: state.nextId(), name, email, phone: null, role: 'end-user', locale: 'en-US', organizationId: null },
    ...{
      groupIds: [],
      restriction: null,
      isLight: false,
      externalId: null,
      createdAt: account.openedAt,
      updatedAt: account.openedAt,
    },
  }
}

interface Subject {
  readonly id: Id
  readonly topic: Topic
  readonly requester: User
  readonly orderId: string
  /** The ticket as the story tells it. Absent: one of the account alone. */
  readonly told?: StoryTicket
}

function createTicket(state: ZendeskState, options: SeedOptions, { id, topic, requester, orderId, told }: Subject): Ticket {
  const { random, until } = options
  const createdAt = told?.createdAt ?? until - Math.floor(random.next() ** 3 * historyMs) - random.int(3, 59) * minuteMs
  const age = until - createdAt
  const status = told ? toldStatus(told, age) : pickStatus(random, age)
  const group = account.groups.find(({ name }) => name === topic.group) ?? account.groups[0]!
  const members = account.staff.filter(({ groupIds, isLight }) => groupIds.includes(group.id) && !isLight)
  const assignee = status === 'new' ? null : random.pick(members)!
  const channel = topic.isPartner ? 'email' : random.pick(['email', 'web', 'native_messaging', 'api'] as const)
  const [item, minutes] = [random.pick(items)!, String(random.int(20, 95))]
  const write = (text: string) => text.replaceAll('{order}', orderId).replaceAll('{item}', item).replaceAll('{minutes}', minutes)
  const comments = told
    ? toldComments(state, told, { requester, assignee, channel })
    : createComments(state, random, {
        topic,
        requester,
        assignee,
        createdAt,
        until,
        channel,
        write,
        idsFrom: id > beyond ? beyond : 0n,
      })
  const lastAt = comments.at(-1)!.at
  const updatedAt = status === 'closed' ? Math.min(until, lastAt + 4 * dayMs) : lastAt
  return {
    id,
    externalId: random.chance(0.2) ? `order:${orderId}` : null,
    subject: told?.title ?? write(topic.subject),
    status,
    customStatusId: pickCustomStatus(random, status),
    priority: pickPriority(random, topic),
    type: random.pick(['question', 'incident', 'problem', null] as const),
    requesterId: requester.id,
    submitterId: requester.id,
    assigneeId: assignee?.id ?? null,
    groupId: group.id,
    organizationId: requester.organizationId,
    brandId: account.brands[topic.isPartner ? 1 : 0]!.id,
    formId: account.forms[topic.isPartner ? 1 : 0]!.id,
    channel,
    recipient: channel === 'email' ? (topic.isPartner ? 'partners@support.example' : 'help@support.example') : null,
    ...createFields(random, topic, orderId, createdAt, told),
    problemId: null,
    followupSourceId: null,
    followupIds: [],
    followerIds: random.chance(0.1) ? [account.staff[0]!.id] : [],
    emailCcIds: [],
    dueAt: null,
    satisfaction: pickSatisfaction(state, random, status),
    isArchived: status === 'closed' && until - updatedAt > archivedAfterMs,
    deletion: status === 'deleted' ? { at: updatedAt, actorId: account.staff[0]!.id, previous: 'solved' } : null,
    createdAt,
    updatedAt,
    // A rule of the account looked at some tickets again, which moves only this time.
    generatedAt: random.chance(0.15) ? random.later(updatedAt, 2 * dayMs, until) : updatedAt,
    comments,
    audits: comments.map(({ auditId, authorId, at, id: commentId, body, isPublic }) => ({
      ...{ id: auditId, authorId, channel, at },
      events: [{ id: commentId, type: 'Comment', author_id: authorId, body, public: isPublic }],
    })),
  }
}

function pickStatus(random: Random, age: number): Status {
  if (age > 30 * dayMs) return random.chance(0.97) ? 'closed' : 'deleted'
  if (age > 7 * dayMs) return random.pick(['solved', 'solved', 'closed', 'hold', 'pending'] as const)
  return random.pick(['new', 'open', 'open', 'pending', 'hold', 'solved'] as const)
}

function pickCustomStatus(random: Random, status: Status): Id {
  const category = status === 'closed' || status === 'deleted' ? 'solved' : status
  const possible = account.customStatuses.filter((one) => one.category === category)
  return random.chance(0.3) ? random.pick(possible)!.id : possible[0]!.id
}

function pickPriority(random: Random, topic: Topic): Priority | null {
  if (topic.tags.includes('safety')) return 'urgent'
  return random.pick(['low', 'normal', 'normal', 'high', null] as const)
}

function pickSatisfaction(state: ZendeskState, random: Random, status: Status): Ticket['satisfaction'] {
  if (status !== 'closed' && status !== 'solved') return null
  const score = random.pick(['offered', 'offered', 'good', 'good', 'bad'] as const)
  const comment = score === 'good' ? 'Quick and friendly.' : score === 'bad' ? 'It took too long.' : null
  return { id: state.nextId(), score, comment, reason: score === 'bad' ? 'The issue took too long to resolve' : null }
}

function createFields(random: Random, topic: Topic, orderId: string, createdAt: number, told?: StoryTicket) {
  const affected = random.some(['affected_food', 'affected_drinks', 'affected_cutlery'], random.int(0, 2))
  const fields: Record<string, FieldValue> = {
    [String(account.orderField.id)]: orderId,
    [String(account.countryField.id)]: topic.country,
    [String(account.reasonField.id)]: topic.reason,
    [String(account.refundField.id)]: topic.tags.includes('refund')
      ? (told?.order.amount.toFixed(2) ?? `${random.int(3, 60)}.${random.pick(['00', '50', '90'])}`)
      : null,
    [String(account.deliveredField.id)]: new Date(startOfDay(createdAt)).toISOString().slice(0, 10),
    [String(account.frequentField.id)]: random.chance(0.25),
    [String(account.affectedField.id)]: affected.length === 0 ? null : affected,
    [String(account.voucherField.id)]: topic.tags.includes('voucher') ? `SG-${random.int(1000, 9999)}` : null,
    ...(told && toldFields(told)),
  }
  // What a choice field holds is a tag of the ticket too.
  return { fields, tags: [...topic.tags, topic.country, topic.reason, ...affected].toSorted() }
}

interface Talk {
  readonly topic: Topic
  readonly requester: User
  readonly assignee: User | null
  readonly createdAt: number
  readonly until: number
  readonly channel: string
  write(text: string): string
  /** What is added to the ids of the comments. */
  readonly idsFrom: bigint
}

/** The opening, some of the replies, and often a note after the first one. */
function createComments(state: ZendeskState, random: Random, talk: Talk): readonly Comment[] {
  const { topic, requester, assignee, until, channel, write, idsFrom } = talk
  let at = talk.createdAt
  const comment = (author: User, text: string, isPublic: boolean, attachments: readonly Attachment[] = []): Comment => ({
    ...{ id: idsFrom + state.nextId(), auditId: state.nextId(), authorId: author.id, body: write(text), html: null, isPublic },
    ...{ channel: author === requester ? channel : 'web', attachments, at },
  })
  const later = () => {
    at = random.later(at, 5 * hourMs, until)
  }
  const comments = [comment(requester, topic.opening, true, random.chance(0.2) ? [createPhoto(state, random)] : [])]
  if (assignee === null) return comments
  topic.replies.slice(0, random.int(1, topic.replies.length)).forEach((text, index) => {
    later()
    comments.push(comment(index % 2 === 0 ? assignee : requester, text, true))
    if (index > 0 || random.chance(0.4)) return
    later()
    comments.push(comment(assignee, topic.note, false))
  })
  return comments
}

/** One transparent pixel (PNG). */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

function createPhoto(state: ZendeskState, random: Random): Attachment {
  return { id: state.nextId(), name: `photo-${random.int(1, 99)}.png`, contentType: 'image/png', bytes: pixel }
}
