import type { Random } from '../random.ts'
import { hasBearer, type Simulator } from '../simulator.ts'
import type { Story } from '../story.ts'
import { toIsoMillis } from '../times.ts'
import { readRoutes, toFailure, writeRoutes } from './routes.ts'
import { createVerifikState, type VerifikState } from './state.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface VerifikOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly token: string
  /** What the sandbox's other systems tell too. */
  readonly story?: Story
}

/** Verifik's support tickets: the v2 API, and the legacy API for messages. */
export function createVerifik({ random, until, count, token, story }: VerifikOptions): Simulator {
  const state = createVerifikState(random, until, count, story)
  return {
    routes: [...readRoutes(state), ...writeRoutes(state, random)],
    authorise: (request) => (hasBearer(request, token) ? null : { status: 401, body: toFailure(401) }),
    failure: toFailure,
    tickets: state.size,
    ticket: state.find,
    changeOne: (now) => {
      changeOne(state, random, now)
      return []
    },
  }
}

const followUps = [
  'Any news on this? Our release is tomorrow.',
  'It happened again at noon, same request id.',
  '¿Hay alguna novedad? El cliente pregunta.',
  'Confirmado, ya funciona. Pueden cerrar el caso.',
  'Segue o log que pediram.',
]

/** A client writes a message, or the status of a ticket changes. */
function changeOne(state: VerifikState, random: Random, now: number): void {
  const ticket = random.pick(state.list().filter(({ status }) => status !== 'closed' && status !== 'cancelled'))
  if (!ticket) return
  const updatedAt = toIsoMillis(now)
  if (random.chance(0.6)) {
    const author = typeof ticket.client === 'string' ? ticket.client : ticket.client._id
    const message = { author, message: random.pick(followUps), timestamp: updatedAt, type: 'user' }
    state.put({ ...ticket, threads: [...ticket.threads, message], updatedAt })
    return
  }
  state.put({ ...ticket, status: ticket.status === 'in_progress' ? 'pending' : 'in_progress', updatedAt })
}
