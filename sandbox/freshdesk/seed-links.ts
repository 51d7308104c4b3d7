import type { Random } from '../random.ts'
import { closed } from './fields.ts'
import { agents } from './installation.ts'
import { type FreshdeskState, isListed } from './state.ts'

/** Some of the generated tickets after the told ones are deleted, spam, or associated: two parents with two children each, and a tracker of three. */
export function linkTickets(state: FreshdeskState, random: Random, told: number): void {
  const now = state.now()
  const open = state.tickets().filter((ticket) => ticket.id > told && isListed(ticket, now) && ticket.status !== closed)
  const [first, child, child2, second, child3, child4, tracker, ...rest] = random.some(open, open.length)
  if (!first || !child || !child2 || !second || !child3 || !child4 || !tracker || rest.length < 12) return
  for (const one of [child, child2]) state.put({ ...one, parentId: first.id })
  for (const one of [child3, child4]) state.put({ ...one, parentId: second.id })
  for (const one of rest.slice(0, 3)) state.put({ ...one, trackerId: tracker.id })
  for (const one of rest.slice(3, 7)) state.put({ ...one, deleted: true })
  for (const one of rest.slice(7, 10)) state.put({ ...one, spam: true, responderId: null })
  for (const one of rest.slice(10, 12)) state.put({ ...one, watcherIds: [agents[0]!.id, agents[1]!.id] })
}
