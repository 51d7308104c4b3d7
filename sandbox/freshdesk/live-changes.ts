import type { Random } from '../random.ts'
import { addConversation } from './conversation-writes.ts'
import { customFields, isDone, resolved } from './fields.ts'
import { agents, groups } from './installation.ts'
import { newNote, newReply } from './new-records.ts'
import type { Outbox } from './outbox.ts'
import type { Agent, Contact, Ticket } from './records.ts'
import { withNextDue } from './service-levels.ts'
import { agentById, type FreshdeskState, isListed } from './state.ts'
import { statsAfterStatus } from './stats.ts'
import { topics } from './topics.ts'
import { toHtml } from './wire.ts'

interface Living {
  readonly state: FreshdeskState
  readonly random: Random
  readonly outbox: Outbox
  readonly slaDelayMs: number
}

/** A customer asks again, or an agent answers, or a ticket moves on: one change, as it happens all day. */
export function changeOne(living: Living): void {
  const { state, random } = living
  const now = state.now()
  const ticket = random.pick(state.tickets().filter((one) => isListed(one, now) && !isDone(one.status)))
  const requester = ticket && state.contact(ticket.requesterId)
  if (!ticket || !requester) return
  const agent = agentById(ticket.responderId) ?? agents[0]!
  const kind = random.weighted([
    [4, ask],
    [4, answer],
    [2, remark],
    [1, reprioritise],
    [1, hand],
    [2, resolve],
  ] as const)
  kind(living, { ticket, requester, agent })
}

interface Scene {
  readonly ticket: Ticket
  readonly requester: Contact
  readonly agent: Agent
}

/** Texts in the customer's language. */
function textsFor({ random }: Living, { language }: Contact) {
  const own = topics.filter((topic) => topic.language === language)
  const topic = random.pick(own.length > 0 ? own : topics)!
  return { question: topic.replies[1] ?? topic.opening, reply: topic.replies[0]!, note: topic.note }
}

const filled = (text: string) => toHtml(text.replaceAll(/\{(order|amount|guests)\}/g, '…'))

function withStatus(state: FreshdeskState, ticket: Ticket, status: number): Ticket {
  return { ...ticket, status, stats: statsAfterStatus(ticket.stats, ticket, status, state.now()) }
}

/** A customer's message opens the ticket again. */
function ask(living: Living, { ticket, requester }: Scene): void {
  const { state } = living
  const body = filled(textsFor(living, requester).question)
  const added = newReply(state, { body, author: requester, requester, at: state.now(), isTweet: ticket.source === 5 })
  addConversation(state, withStatus(state, ticket, 2), added)
}

function answer(living: Living, { ticket, requester, agent }: Scene): void {
  const { state, outbox } = living
  const body = filled(textsFor(living, requester).reply)
  const added = newReply(state, { body, author: agent, requester, at: state.now() })
  addConversation(state, withStatus(state, { ...ticket, responderId: agent.id }, 6), added)
  outbox.send({ ticketId: ticket.id, to: added.toEmails, body })
}

function remark(living: Living, { ticket, requester, agent }: Scene): void {
  const { state } = living
  addConversation(state, ticket, newNote(state, filled(textsFor(living, requester).note), agent, state.now()))
}

function reprioritise({ state, random, slaDelayMs }: Living, { ticket }: Scene): void {
  const priority = random.pick([1, 2, 3, 4].filter((one) => one !== ticket.priority))!
  const now = state.now()
  state.put(withNextDue({ ...ticket, priority, updatedAt: now }, now, slaDelayMs))
}

function hand({ state, random }: Living, { ticket }: Scene): void {
  const group = random.pick(groups.filter(({ id }) => id !== ticket.groupId))!
  state.put({ ...ticket, groupId: group.id, responderId: null, updatedAt: state.now() })
}

function resolve({ state, random }: Living, { ticket }: Scene): void {
  const required = customFields.filter(({ requiredForClosure }) => requiredForClosure)
  const values = required.map(({ name, choices }) => [
    name,
    ticket.customFields[name] ?? random.pick(choices as readonly string[]),
  ])
  const filledIn = { ...ticket, customFields: { ...ticket.customFields, ...Object.fromEntries(values) } }
  state.put({ ...withStatus(state, filledIn, resolved), updatedAt: state.now() })
}
