import type { Random } from '../random.ts'
import type { Simulator } from '../simulator.ts'
import { lookupRoutes, readRoutes, userOf, writeRoutes } from './routes.ts'
import { createRedmineState, type RedmineState } from './state.ts'
import { statuses, toListed } from './wire.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface RedmineOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
}

/** Redmine 5.0: its REST API, as it was measured with a real one. */
export function createRedmine({ random, until, count }: RedmineOptions): Simulator {
  const state = createRedmineState(random, until, count)
  return {
    routes: [...readRoutes(state), ...lookupRoutes(), ...writeRoutes(state)],
    authorise: (request) => (userOf(request) ? null : { status: 401 }),
    failure: (status) => (status === 422 ? { errors: ['It is not valid'] } : undefined),
    tickets: state.size,
    ticket(id) {
      const issue = state.find(Number(id))
      return issue && toListed(issue)
    },
    changeOne: (now) => {
      changeOne(state, random, now)
      return []
    },
  }
}

/** A customer asks, or an agent changes the status. */
function changeOne(state: RedmineState, random: Random, now: number): void {
  const issue = random.pick(state.all())
  if (!issue) return
  const statusId = random.pick(statuses).id
  if (random.chance(0.6)) {
    state.change(issue.id, {}, { userId: issue.authorId, notes: 'Is there any news?', isPrivate: false, details: [] }, now)
    return
  }
  const details = [{ name: 'status_id', old_value: String(issue.statusId), new_value: String(statusId) }]
  state.change(issue.id, { statusId }, { userId: 5, notes: '', isPrivate: false, details }, now)
}
