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
    backlog: () => [...tickets.values()].map((ticket, index) => [toOutbound(ticket, secret, index % 10 === 9)]),
    step(now) {
      const ticket = createTicket(random, now)
      tickets.set(ticket.id, ticket)
      return [toOutbound(ticket, secret, false)]
    },
  }
}

/** The webhook of a ticket; `old`: by the event's older name. */
function toOutbound(ticket: RbiTicket, secret: string, old: boolean): Outbound {
  const type = `${ticket.type}_SUPPORT_TICKET${old ? '' : '_EVENT'}`
  const body = JSON.stringify({ type, timestamp: ticket.createdAt, data: ticket })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return { sourceKey: 'rbi', query: '', headers: { 'content-type': 'application/json', 'x-signature': signature }, body }
}
