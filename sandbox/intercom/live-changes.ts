import type { Random } from '../random.ts'
import type { Ticket } from './records.ts'
import { mirrorValues } from './seed-story.ts'
import { adminAuthor, contactAuthor, findAdmin, type IntercomState, typeOf } from './state.ts'
import * as changes from './ticket-changes.ts'
import { topics } from './topics.ts'
import { admins, bot } from './workspace.ts'

/** A customer writes for the first time or again, or a teammate answers, notes, takes or resolves a ticket: one change, as it happens all day. */
export function changeOne(state: IntercomState, random: Random): void {
  const ticket = random.pick(state.tickets().filter(({ isOpen }) => isOpen))
  if (ticket && random.chance(0.9)) changeTicket(state, random, ticket)
  else writeFirst(state, random)
}

function changeTicket(state: IntercomState, random: Random, ticket: Ticket): void {
  const agent = findAdmin(ticket.adminId) ?? random.pick(admins.filter(({ hasSeat }) => hasSeat))!
  const doing = { ids: state, author: adminAuthor(agent), at: state.now() }
  const topic = random.pick(topics.filter(({ typeId }) => typeId === ticket.typeId))
  const customer = state.contact(ticket.contactIds[0]!)!
  const say =
    (type: 'comment' | 'note', text: string, by = doing) =>
    (one: Ticket) =>
      changes.say(one, { type, body: changes.toHtml(fill(text, ticket)) }, by)
  const take = (one: Ticket) => changes.assign(one, { type: 'admin', id: agent.id }, doing)
  const note = say('note', topic?.note ?? 'Looked at it again.')
  const inside = [note, take, (one: Ticket) => changes.setState(take(one), '8270', doing)]
  const replies = topic?.replies ?? []
  const outside = [
    ...[note, take],
    say('comment', replies[1] ?? 'Is there news?', { ...doing, author: contactAuthor(customer) }),
    (one: Ticket) => changes.setState(say('comment', replies[0] ?? 'I am looking into it.')(one), '8271', doing),
    (one: Ticket) =>
      changes.setOpen(changes.setState(say('comment', replies.at(-1) ?? 'Done.')(one), '8272', doing), false, doing),
  ]
  const isForCustomer = typeOf(ticket.typeId)!.category === 'Customer'
  state.put(random.pick(isForCustomer ? outside : inside)!(ticket))
}

function writeFirst(state: IntercomState, random: Random): void {
  const contact = random.pick(state.contacts())
  if (!contact) return
  const topic = random.pick(topics.filter(({ typeId }) => typeId === '53'))!
  const attributes = {
    ...{
      _default_title_: topic.title,
      _default_description_: topic.description,
      'Order number': String(contact.custom.last_order ?? ''),
    },
    ...{ 'Minutes late': null, Photo: [], 'Delivered on': null, Priority: null, ...mirrorValues([]) },
  }
  const blank = changes.openTicket(state, { typeId: '53', contact, attributes, at: state.now() })
  const filled = { _default_title_: fill(topic.title, blank), _default_description_: fill(topic.description, blank) }
  const ticket = { ...blank, attributes: { ...attributes, ...filled } }
  state.put(changes.setState(ticket, '8269', { ids: state, author: bot, at: state.now() }))
}

function fill(text: string, { attributes }: Ticket): string {
  const order = String(attributes['Order number'] ?? '')
  return text
    .replaceAll('{order}', order)
    .replaceAll('{item}', 'order')
    .replaceAll('{shop}', 'the restaurant')
    .replaceAll('{minutes}', '35')
}
