import type { Reply, Route } from '../simulator.ts'
import { check, type Shape } from './checks.ts'
import { addConversation } from './conversation-writes.ts'
import type { Call } from './endpoint.ts'
import { type FieldError, invalid, missing, notFound, wrongValue } from './errors.ts'
import { closed } from './fields.ts'
import { isObject } from './input.ts'
import { newNote } from './new-records.ts'
import { findTicket, isRefusal, type ReadContext } from './read-routes.ts'
import type { Agent, Ticket } from './records.ts'
import { type FreshdeskState, isListed, mayRead } from './state.ts'
import { statsAfterStatus } from './stats.ts'
import { asHtml, associationsOf, printListed, toHtml, toText } from './wire.ts'

/** Parents and children, trackers and related tickets, and merges. */
export function associationRoutes(context: ReadContext): Route[] {
  const { endpoints, state } = context
  return [
    endpoints.on('GET', '/tickets/:id/associated_tickets', 'associated', (call) => {
      const ticket = findTicket(state, call)
      if (isRefusal(ticket)) return ticket
      const scene = context.sceneOf(call)
      const tickets = partners(state, ticket, [1, 3]).map((one) => printListed(one, scene))
      return { status: 200, body: { tickets } }
    }),
    endpoints.on('GET', '/tickets/:id/prime_association', 'prime-association', (call) => {
      const ticket = findTicket(state, call)
      if (isRefusal(ticket)) return ticket
      const [prime] = partners(state, ticket, [2, 4])
      return prime ? { status: 200, body: printListed(prime, context.sceneOf(call)) } : notFound
    }),
    endpoints.on('PUT', '/tickets/merge', 'merge', (call) => merge(state, call)),
  ]
}

/** The tickets at the other end, where the ticket's association is one of these types. */
function partners(state: FreshdeskState, ticket: Ticket, types: readonly number[]): readonly Ticket[] {
  const found = associationsOf(ticket, state)
  return found && types.includes(found.type) ? found.ids.flatMap((id) => state.ticket(id) ?? []) : []
}

const mergeShape: Shape = {
  ...{ primary_id: 'id', ticket_ids: 'ids', convert_recepients_to_cc: 'boolean', note_in_primary: 'object' },
  note_in_secondary: 'object',
}

/** The secondary tickets are closed with a note, also without the fields that closing requires. */
function merge(state: FreshdeskState, call: Call): Reply {
  const { values, errors } = check(call.input, mergeShape)
  const faults: FieldError[] = [...errors]
  if (values.primary_id === undefined) faults.push(missing('primary_id', 'It should be a/an Positive Integer'))
  if (values.ticket_ids === undefined) faults.push(missing('ticket_ids', 'It should be a/an Array'))
  if (faults.length > 0) return invalid(...faults)
  const primary = state.ticket(Number(values.primary_id))
  const ids = (values.ticket_ids as readonly number[]).filter((id) => id !== primary?.id)
  const secondary = ids.map((id) => state.ticket(id))
  const isOpen = (one: Ticket | undefined): one is Ticket =>
    one !== undefined && isListed(one, call.now) && mayRead(call.agent, one)
  if (!isOpen(primary)) return invalid(wrongValue('primary_id', 'There is no ticket matching the given primary_id'))
  if (ids.length === 0 || !secondary.every(isOpen)) {
    return invalid(wrongValue('ticket_ids', `There are no records matching the ids: '${ids.join(',')}'`))
  }
  for (const one of secondary) mergeOne(state, call, primary.id, one, values)
  return { status: 204 }
}

function mergeOne(
  state: FreshdeskState,
  call: Call,
  primaryId: number,
  one: Ticket,
  values: Readonly<Record<string, unknown>>,
): void {
  const { agent, now } = call
  const stats = statsAfterStatus(one.stats, one, closed, now)
  const told = noteOf(values.note_in_secondary, `This ticket is closed and merged into ticket ${primaryId}`)
  addConversation(state, { ...one, status: closed, stats }, toNote(state, told, agent, now))
  const primary = state.ticket(primaryId)!
  const said = noteOf(values.note_in_primary, `Ticket with ID ${one.id} is merged. ${toText(one.description)}`)
  const requester = state.contact(one.requesterId)?.email
  const isCopied = values.convert_recepients_to_cc === true && requester != null && !primary.ccEmails.includes(requester)
  const ccEmails = isCopied ? [...primary.ccEmails, requester] : primary.ccEmails
  addConversation(state, { ...primary, ccEmails }, toNote(state, said, agent, now))
}

interface Note {
  readonly body: string
  readonly private: boolean
}

function noteOf(sent: unknown, text: string): Note {
  const { body, private: isPrivate } = isObject(sent) ? sent : {}
  return { body: typeof body === 'string' ? asHtml(body) : toHtml(text), private: isPrivate !== false }
}

function toNote(state: FreshdeskState, { body, private: isPrivate }: Note, agent: Agent, now: number) {
  return { ...newNote(state, body, agent, now), private: isPrivate }
}
