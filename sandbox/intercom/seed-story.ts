import type { Random } from '../random.ts'
import type { Reason, Story, StoryCustomer, StoryTicket } from '../story.ts'
import { newContact } from './contact-routes.ts'
import type { Author, Contact, Ticket, TicketCategory } from './records.ts'
import { adminAuthor, contactAuthor, type IntercomState } from './state.ts'
import * as changes from './ticket-changes.ts'
import { admins, bot, companies, mirrorAttributes, openedAt } from './workspace.ts'

interface Options {
  readonly random: Random
  readonly count: number
  readonly story: Story
}

/** Tells the story's tickets of Intercom, with the ids and numbers that their mirrors in other systems name. Returns how many. */
export function tellStory(state: IntercomState, { random, count, story }: Options): number {
  const told = story.ticketsOf('intercom', count)
  for (const ticket of told) state.put(tell(state, random, ticket))
  return told.length
}

/** Who the customer is here. One in sixteen is a lead: known by the address alone. */
export function contactOf(
  state: IntercomState,
  customer: StoryCustomer,
  from: { readonly country: string; readonly language: string; readonly typeId: string },
): Contact {
  const isLead = customer.id.endsWith('0')
  const contact = newContact(state, { email: customer.email, externalId: isLead ? null : customer.id, now: openedAt })
  const company = from.typeId === '55' ? [companies[customer.orders.length % companies.length]!.id] : []
  return (
    state.contactByEmail(customer.email) ??
    state.putContact({
      ...contact,
      ...{ role: isLead ? 'lead' : 'user', name: isLead ? null : customer.name, phone: customer.phone },
      ...{ country: from.country, language: from.language, companyIds: company },
      custom: { orders: customer.orders.length, last_order: customer.orders[0]!.id },
    })
  )
}

const moneyReasons: ReadonlySet<Reason> = new Set(['refund', 'double-charge', 'voucher', 'invoice'])
const components: Partial<Record<Reason, string>> = { 'double-charge': 'Payments', refund: 'Payments', voucher: 'Vouchers' }
const teamOf = { '53': '5017691', '54': '5017692', '55': '5017693', '56': '5017694' } as const
const categoryOf: Readonly<Record<keyof typeof teamOf, TicketCategory>> = {
  ...{ '53': 'Customer', '54': 'Customer', '55': 'Back-office', '56': 'Tracker' },
}

function typeIdOf({ kind, reason }: StoryTicket): keyof typeof teamOf {
  if (kind === 'bug') return '56'
  if (kind === 'complaint') return moneyReasons.has(reason) ? '54' : '53'
  return '55'
}

function attributesOf(
  { title, messages, order, mirrors, reason }: StoryTicket,
  typeId: keyof typeof teamOf,
): Ticket['attributes'] {
  const byType = {
    53: { 'Order number': order.id, 'Minutes late': null, Photo: [], 'Delivered on': null },
    54: { 'Order number': order.id, Amount: order.amount, Approved: null },
    55: { Restaurant: order.shop },
    56: { Component: components[reason] ?? 'App' },
  }
  return {
    ...{ _default_title_: title, _default_description_: messages[0]!.text, ...byType[typeId] },
    ...{
      Priority: reason === 'allergy' ? 'Urgent' : 'Normal',
      ...mirrorValues(mirrors),
    },
  }
}

/** By the names of their attributes; null where there is none. */
export function mirrorValues(mirrors: StoryTicket['mirrors']): Readonly<Record<string, string | null>> {
  const labelOf = (system: string) => mirrors.find((mirror) => mirror.system === system)?.label ?? null
  return Object.fromEntries(mirrorAttributes.map(({ name, system }) => [name, labelOf(system)]))
}

const statesOf = { new: '8269', open: '8270', waiting: '8271', solved: '8272' } as const

function tell(state: IntercomState, random: Random, story: StoryTicket): Ticket {
  const typeId = typeIdOf(story)
  const contact = contactOf(state, story.customer, { ...story, typeId })
  const agent = random.pick(admins.filter(({ teamIds, hasSeat }) => hasSeat && teamIds.includes(teamOf[typeId])))!
  const isForCustomer = categoryOf[typeId] === 'Customer'
  const attributes = attributesOf(story, typeId)
  const opened = {
    ...changes.openTicket(state, { typeId, contact, attributes, at: story.createdAt }),
    id: story.id,
    number: story.label,
  }
  const doing = (author: Author, at: number) => ({ ids: state, author, at })
  let ticket = changes.setState(opened, '8269', doing(bot, story.createdAt))
  ticket = changes.assign(ticket, { type: 'team', id: teamOf[typeId] }, doing(bot, story.createdAt))
  const [, ...later] = story.messages
  for (const [index, { by, text, at }] of later.entries()) {
    if (index === 0) ticket = changes.assign(ticket, { type: 'admin', id: agent.id }, doing(adminAuthor(agent), at))
    // Customers do not write in tickets of the back office: what they said there is noted.
    const isSaid = by !== 'note' && isForCustomer
    const author = by === 'customer' && isForCustomer ? contactAuthor(contact) : adminAuthor(agent)
    ticket = changes.say(ticket, { type: isSaid ? 'comment' : 'note', body: changes.toHtml(text) }, doing(author, at))
  }
  if (story.state === 'new') return ticket
  const last = doing(adminAuthor(agent), story.updatedAt)
  ticket = changes.setState(ticket, statesOf[story.state], last)
  return story.state === 'solved' ? changes.setOpen(ticket, false, last) : ticket
}
