import type { Random } from '../random.ts'
import type { Story } from '../story.ts'
import { generateTickets } from './generate.ts'
import type { VerifikTicket } from './wire.ts'

/** Verifik's tickets in the order of its list: the latest update first. */
export interface VerifikState {
  size(): number
  find(id: string): VerifikTicket | undefined
  list(): readonly VerifikTicket[]
  put(ticket: VerifikTicket): VerifikTicket
}

/** The generated tickets as a new state. */
export function createVerifikState(random: Random, until: number, count: number, story?: Story): VerifikState {
  const tickets = new Map(generateTickets(random, until, count, story).map((ticket) => [ticket._id, ticket]))
  let sorted: VerifikTicket[] | null = null
  return {
    size: () => tickets.size,
    find: (id) => tickets.get(id),
    list: () => {
      sorted ??= [...tickets.values()].sort((one, other) => Date.parse(other.updatedAt) - Date.parse(one.updatedAt))
      return sorted
    },
    put: (ticket) => {
      tickets.set(ticket._id, ticket)
      sorted = null
      return ticket
    },
  }
}
