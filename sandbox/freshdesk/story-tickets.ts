import { toHandle } from '../people.ts'
import { type Reason, type StoryTicket, toMirrorText } from '../story.ts'
import { dayMs } from '../times.ts'
import { closed, mirrorFields, places, resolved } from './fields.ts'
import { agents, groups, supportEmail } from './installation.ts'
import { newContact, newNote, newReply } from './new-records.ts'
import type { Agent, Contact, Conversation, FieldValue, Ticket } from './records.ts'
import { dueFor } from './service-levels.ts'
import type { FreshdeskState } from './state.ts'
import { statsOf } from './stats.ts'
import { toHtml } from './wire.ts'

// The tickets that the story of the sandbox tells, in the words of this account: complaints, and talks with restaurants.

interface About {
  readonly type: string
  readonly group: string
  readonly cause: string
  readonly priority: 1 | 2 | 3 | 4
  readonly tags: readonly string[]
}

const about = (type: string, group: string, cause: string, priority: About['priority'], ...tags: string[]): About => ({
  ...{ type, group, cause, priority, tags },
})

const aboutReasons: Readonly<Record<Reason, About>> = {
  late: about('Incident', 'Member Care', 'Courier', 2, 'delivery', 'late'),
  missing: about('Incident', 'Member Care', 'Kitchen', 2, 'delivery', 'missing_item'),
  'wrong-item': about('Incident', 'Member Care', 'Kitchen', 2, 'delivery', 'wrong_item'),
  address: about('Incident', 'Member Care', 'Courier', 2, 'delivery', 'address'),
  refund: about('Refund', 'Billing', 'Kitchen', 2, 'refund'),
  'double-charge': about('Refund', 'Billing', 'Payment provider', 3, 'payment', 'double_charge'),
  voucher: about('Question', 'Billing', 'Our app', 1, 'voucher'),
  allergy: about('Problem', 'Member Care', 'Kitchen', 4, 'safety', 'allergy'),
  invoice: about('Question', 'Billing', 'Kitchen', 1, 'invoice'),
  menu: about('Problem', 'Member Care', 'Our app', 2, 'menu'),
  privacy: about('Question', 'Member Care', 'Customer error', 2, 'privacy'),
  'app-fault': about('Problem', 'Member Care', 'Our app', 3, 'app'),
  damaged: about('Incident', 'Gift Shop', 'Courier', 2, 'damaged'),
  'identity-check': about('Question', 'Member Care', 'Customer error', 3, 'identity'),
}

const countries: Readonly<Record<string, string>> = {
  ...{ SG: 'Singapore', MY: 'Malaysia', TW: 'Taiwan', TH: 'Thailand', PH: 'Philippines', PK: 'Pakistan' },
  ...{ DE: 'Germany', ES: 'Spain', CO: 'Colombia', BR: 'Brazil', FR: 'France', PL: 'Poland', HU: 'Hungary' },
}

/** The ticket as this account has it. Its id is the next one. */
export function tellTicket(state: FreshdeskState, told: StoryTicket, requester: Contact, until: number): Ticket {
  const { reason, kind, messages, createdAt, updatedAt } = told
  const { type, cause, priority, tags, group: ofReason } = aboutReasons[reason]
  const group = groups.find(({ name }) => name === (kind === 'partner' ? 'Restaurant Partners' : ofReason)) ?? groups[0]!
  const members = agents.filter(({ groupIds }) => groupIds.includes(group.id))
  const id = state.nextTicketId()
  const agent = told.state === 'new' ? null : members[id % members.length]!
  const status = toStatus(told, until - updatedAt)
  const [first, ...rest] = messages
  const conversations = rest.map((message) => toConversation(state, message, requester, agent ?? members[0]!))
  const isOurs = first!.by !== 'customer'
  return {
    ...{ id, subject: told.title, description: toHtml(first!.text), status, priority, source: isOurs ? 10 : 1, type },
    ...{ requesterId: requester.id, responderId: agent?.id ?? null, groupId: group.id, companyId: requester.companyId },
    ...{ productId: null, emailConfigId: null, internalAgentId: null, internalGroupId: null, ccEmails: [] },
    ...{ toEmails: [isOurs ? (requester.email ?? '') : supportEmail], spam: false, deleted: false },
    ...{ tags: kind === 'partner' ? [...tags, 'partner'] : tags, customFields: toFields(told, status, cause) },
    ...{ attachments: [], conversations, watcherIds: [], ratings: [], parentId: null, trackerId: null },
    stats: statsOf({ createdAt, conversations, status, changedAt: updatedAt }),
    ...{ due: dueFor(priority, createdAt), nextDue: null, createdAt, updatedAt },
  }
}

/** Who writes: the customer, or of a talk with a restaurant the restaurant. */
export function requesterOf(state: FreshdeskState, { kind, customer, order, language }: StoryTicket): Contact {
  const partner = { name: order.shop, email: `${toHandle(order.shop, '-') || 'kitchen'}@partners.example` }
  const { name, email } = kind === 'partner' ? partner : customer
  const details = kind === 'partner' ? { language } : { language, phone: customer.phone, uniqueExternalId: `oneview:${email}` }
  return state.contactByEmail(email) ?? state.putContact({ ...newContact(state, name, email), ...details })
}

/** As an automation of the account closes resolved tickets after four weeks. */
function toStatus({ state }: StoryTicket, age: number): number {
  if (state === 'solved') return age > 28 * dayMs ? closed : resolved
  return state === 'waiting' ? 6 : 2
}

function toConversation(
  state: FreshdeskState,
  { by, text, at }: StoryTicket['messages'][number],
  requester: Contact,
  agent: Agent,
): Conversation {
  if (by === 'note') return newNote(state, toHtml(text), agent, at)
  return newReply(state, { body: toHtml(text), author: by === 'customer' ? requester : agent, requester, at })
}

function toFields({ order, country, mirrors }: StoryTicket, status: number, cause: string): Readonly<Record<string, FieldValue>> {
  const name = countries[country] ?? null
  const labels = mirrorFields.map((field) => {
    const mirror = mirrors.find(({ system }) => system === field.system)
    return [field.name, mirror ? toMirrorText(mirror) : null]
  })
  return {
    ...{ cf_order_number: order.id, cf_root_cause: status === resolved || status === closed ? cause : null },
    ...{ cf_refund_amount: null, cf_guests: null, cf_event_date: null, cf_vip: false },
    ...{ cf_country: name, cf_city: (name && places[name]?.[0]) ?? null, cf_details: null },
    ...(Object.fromEntries(labels) as Record<string, FieldValue>),
  }
}
