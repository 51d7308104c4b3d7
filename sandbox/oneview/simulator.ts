import type { Random } from '../random.ts'
import { hasBearer, type Simulator } from '../simulator.ts'
import { toEpochSeconds } from '../times.ts'
import { toFailure } from './failures.ts'
import { lookupRoutes, readRoutes } from './reads.ts'
import { createOneViewState, type OneViewState } from './state.ts'
import { writeRoutes } from './writes.ts'

export interface OneViewOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly token: string
}

/** Delivery Hero OneView ticket-detail, below `/ticket-detail`. Inferred operations answer as its data structures suggest. */
export function createOneView({ random, until, count, token }: OneViewOptions): Simulator {
  const state = createOneViewState(random, until, count)
  return {
    routes: [...readRoutes(state), ...lookupRoutes(), ...writeRoutes(state)],
    authorise: (request) => (hasBearer(request, token) ? null : { status: 401, body: toFailure(401) }),
    failure: toFailure,
    tickets: state.size,
    ticket: state.find,
    step: (now) => {
      step(state, random, now)
      return []
    },
  }
}

/** An agent does something, or a customer writes. */
function step(state: OneViewState, random: Random, now: number): void {
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
