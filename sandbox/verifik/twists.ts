import type { Random } from '../random.ts'
import type { VerifikTicket } from './wire.ts'

type Twist = (ticket: VerifikTicket) => VerifikTicket

/** What older revisions of the API left behind, each rare. */
const twists: readonly Twist[] = [
  (ticket) => ({ ...ticket, status: 'progress' }),
  (ticket) => ({ ...ticket, status: 'cancelled' }),
  (ticket) => ({ ...ticket, status: 'reopened' }),
  (ticket) => ({ ...ticket, category: 'integration' }),
  (ticket) => ({ ...ticket, category: 'smartCheck' }),
  (ticket) => ({ ...ticket, priority: 'critical' }),
  ({ assignedTo, ...ticket }) => ({ ...ticket, assignee: assignedTo ?? null }),
  ({ tags: _, ...ticket }) => ticket,
  (ticket) => ({ ...ticket, threads: [] }),
  (ticket) => ({
    ...ticket,
    threads: ticket.threads.map((message) => ({ ...message, attachments: ['66a1b2c3d4e5f60718293a4b'] })),
  }),
  // A night job wrote many at once.
  (ticket) => {
    const night = `${ticket.updatedAt.slice(0, 10)}T00:00:00Z`
    return Date.parse(night) < Date.parse(ticket.createdAt) ? ticket : { ...ticket, updatedAt: night }
  },
]

/** Seven of eight tickets stay as they are; the eighth gets one of the twists. */
export function twist(random: Random, ticket: VerifikTicket): VerifikTicket {
  return random.chance(0.125) ? random.pick(twists)(ticket) : ticket
}
