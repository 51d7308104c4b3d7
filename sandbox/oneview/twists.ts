import type { Random } from '../random.ts'
import { toEpochSeconds } from '../times.ts'
import type { OneViewTicket } from './wire.ts'

type Twist = (ticket: OneViewTicket, random: Random, until: number) => OneViewTicket

/** What really comes beside the documented form, each rare. */
const twists: readonly Twist[] = [
  // Only the id is required.
  ({ id }) => ({ id }),
  (ticket) => ({ ...ticket, status: 'ON_HOLD_BY_BOT' }),
  (ticket) => ({ ...ticket, createdAt: String(ticket.createdAt), UpdatedAt: String(ticket.UpdatedAt) }),
  (ticket) => ({ ...ticket, createdAt: Number(ticket.createdAt) * 1000, UpdatedAt: Number(ticket.UpdatedAt) * 1000 }),
  (ticket) => ({ ...ticket, UpdatedAt: 0 }),
  // Many tickets share one second: a workflow closed them together.
  (ticket, _, until) => ({
    ...ticket,
    status: 'CLOSED',
    statusReason: 'close by workflow timeout',
    UpdatedAt: toEpochSeconds(until) - 86_400,
    createdAt: Math.min(Number(ticket.createdAt), toEpochSeconds(until) - 90_000),
  }),
  (ticket) => ({ ...ticket, Assignee: null }),
  ({ channel: _, ...ticket }) => ticket,
  ({ metadata: _, ...ticket }) => ticket,
  (ticket) => ({ ...ticket, metadata: { ccr: ticket.metadata?.ccr ?? 'other', country: ticket.metadata?.country ?? 'sg' } }),
  ({ vendor: _, ...ticket }) => ticket,
  (ticket) => ({ ...ticket, vendor: { id: ticket.vendor?.id ?? 'bgaj', vertical: 'ghost_kitchens' } }),
  (ticket) => ({ ...ticket, customer: { id: ticket.customer?.id ?? 'anonymous' } }),
  (ticket) => ({
    ...ticket,
    customer: {
      id: ticket.customer?.id ?? 'anonymous',
      lastName: ticket.customer?.lastName ?? 'Tan',
      name: ticket.customer?.lastName ?? 'Tan',
    },
  }),
  // A case system writes all keys in lower case.
  ({ Assignee, UpdatedAt, ...ticket }) => ({ ...ticket, assignee: Assignee, updatedAt: UpdatedAt }) as OneViewTicket,
]

/** Seven of eight tickets stay as they are; the eighth gets one of the twists. */
export function twist(random: Random, ticket: OneViewTicket, until: number): OneViewTicket {
  return random.chance(0.125) ? random.pick(twists)(ticket, random, until) : ticket
}
