import type { Random } from '../random.ts'
import { hasBearer, type Simulator } from '../simulator.ts'
import type { Story } from '../story.ts'
import { toEpochSeconds } from '../times.ts'
import { lookupRoutes, readRoutes, toFailure, writeRoutes } from './routes.ts'
import { createOneViewState, type OneViewState } from './state.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface OneViewOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly token: string
  /** What the sandbox's other systems tell too. */
  readonly story?: Story
}

/** Delivery Hero OneView ticket-detail, below `/ticket-detail`. Operations that the document only names answer by its data structures. */
export function createOneView({ random, until, count, token, story }: OneViewOptions): Simulator {
  const state = createOneViewState(random, until, count, story)
  return {
    routes: [...readRoutes(state), ...lookupRoutes(), ...writeRoutes(state)],
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

/** An agent closes or escalates a ticket, or a customer opens a new one. */
function changeOne(state: OneViewState, random: Random, now: number): void {
  const ticket = random.pick(state.open())
  if (!ticket) return
  const change = random.weighted([
    [3, { status: 'CLOSED', statusReason: 'refund issued' }],
    [3, { status: 'ESCALATED', statusReason: 'repeat complaint' }],
    [4, { status: 'ASSIGNED', statusReason: 'customer replied' }],
  ] as const)
  if (change.status !== 'ASSIGNED') {
    state.change(ticket, change, now)
    return
  }
  const { status, statusReason } = change
  state.add({
    ...ticket,
    id: random.uuid(),
    status,
    statusReason,
    createdAt: toEpochSeconds(now),
    UpdatedAt: toEpochSeconds(now),
  })
}
