import { createHmac } from 'node:crypto'
import type { Random } from '../random.ts'
import type { EventSimulator, Outbound } from '../simulator.ts'
import { createTicket, generateTickets, type RbiTicket } from './generate.ts'

export interface RbiOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly secret: string
}

/** RBI's guest ticketing: guests raise tickets, and each comes as a signed webhook. */
export function createRbi({ random, until, count, secret }: RbiOptions): EventSimulator {
  const tickets = new Map(generateTickets(random, until, count).map((ticket) => [ticket.id, ticket]))
  return {
    routes: [],
    authorise: () => null,
    failure: (status) => ({ error: status }),
    tickets: () => tickets.size,
    ticket: (id) => tickets.get(id),
    backlog: () => [...tickets.values()].map((ticket, index) => [toOutbound(ticket, secret, forms[index % forms.length]!)]),
    step(now) {
      const ticket = createTicket(random, now)
      tickets.set(ticket.id, ticket)
      return [toOutbound(ticket, secret, toEvent)]
    },
  }
}

type Form = (ticket: RbiTicket) => unknown

const toEvent: Form = (ticket) => ({ type: `${ticket.type}_SUPPORT_TICKET_EVENT`, timestamp: ticket.createdAt, data: ticket })
/** By the event's older name. */
const toOldEvent: Form = (ticket) => ({ type: `${ticket.type}_SUPPORT_TICKET`, timestamp: ticket.createdAt, data: ticket })
/** Only the payload, as a partner submits it. */
const toBare: Form = (ticket) => ticket
/** Eight of ten are as the current documentation has it. */
const forms: readonly Form[] = [toEvent, toEvent, toEvent, toEvent, toOldEvent, toEvent, toEvent, toEvent, toEvent, toBare]

function toOutbound(ticket: RbiTicket, secret: string, form: Form): Outbound {
  const body = JSON.stringify(form(ticket))
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return { sourceKey: 'rbi', query: '', headers: { 'content-type': 'application/json', 'x-signature': signature }, body }
}
