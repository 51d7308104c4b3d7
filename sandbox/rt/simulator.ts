import type { Random } from '../random.ts'
import type { Simulator } from '../simulator.ts'
import { lookupRoutes, messageRoutes, personOf, ticketRoutes } from './routes.ts'
import { createRtState, type RtState, toTextPart } from './state.ts'
import { statuses } from './wire.ts'
import { writeRoutes } from './writes.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface RtOptions {
  readonly random: Random
  readonly until: number
  /** How many tickets lists have. One more is merged, and one is deleted. */
  readonly count: number
}

/** Request Tracker 5.0: its REST 2.0 and TicketSQL, as they were measured with a real one. */
export function createRt({ random, until, count }: RtOptions): Simulator {
  const state = createRtState(random, until, count)
  return {
    routes: [...ticketRoutes(state), ...messageRoutes(state), ...writeRoutes(state), ...lookupRoutes()],
    authorise: (request) => (personOf(request) ? null : { status: 401, body: { message: 'Unauthorized' } }),
    failure: (status) => ({ message: status === 404 ? 'Not Found' : 'Error' }),
    tickets: () => state.listed().length,
    ticket: (id) => state.tickets.get(Number(id)),
    changeOne(now) {
      changeOne(state, random, Math.floor(now / 1000))
      return []
    },
  }
}

/** A customer asks, or an agent changes the status. */
function changeOne(state: RtState, random: Random, now: number): void {
  const ticket = random.pick(state.listed())
  if (!ticket) return
  if (random.chance(0.6)) {
    state.record(ticket.id, 'Correspond', ticket.requestors[0] ?? 'carl', now, [toTextPart('Is there any news?')])
    state.change(ticket.id, {}, now)
    return
  }
  state.record(ticket.id, 'Status', 'ann', now)
  state.change(ticket.id, { status: random.pick(statuses) }, now)
}
