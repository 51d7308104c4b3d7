import type { Random } from '../random.ts'
import { dayMs, hourMs } from '../times.ts'
import { staff } from './installation.ts'
import type { Comment, Ticket } from './records.ts'
import type { ZendeskState } from './state.ts'

/** Gives some of the generated tickets what a ticket has from other tickets and people. No time of a ticket moves. */
export function linkTickets(state: ZendeskState, random: Random): void {
  for (const { id } of state.tickets()) {
    const ticket = state.ticket(id)!
    const earlier = state.tickets().filter((other) => other.createdAt < ticket.createdAt && other.status !== 'deleted')
    const changed = [asIncident, asFollowUp, asMerged, asTask, asEnteredByAgent, withCopies].reduce(
      (before, change) => change(before, earlier, random, state),
      ticket,
    )
    if (changed !== ticket) state.put(changed, ticket.submitterId)
  }
}

type Linking = (ticket: Ticket, earlier: readonly Ticket[], random: Random, state: ZendeskState) => Ticket

const asIncident: Linking = (ticket, earlier, random) => {
  if (ticket.type !== 'incident' || random.chance(0.6)) return ticket
  const problem = random.pick(earlier.filter(({ type }) => type === 'problem'))
  return problem ? { ...ticket, problemId: problem.id } : ticket
}

/** The requester wrote again about a ticket that was closed before. */
const asFollowUp: Linking = (ticket, earlier, random, state) => {
  if (random.chance(0.6)) return ticket
  const source = earlier.find(
    ({ requesterId, status, updatedAt }) =>
      requesterId === ticket.requesterId && status === 'closed' && updatedAt < ticket.createdAt,
  )
  if (!source) return ticket
  state.put({ ...source, followupIds: [...source.followupIds, ticket.id] }, source.submitterId)
  return { ...ticket, followupSourceId: source.id }
}

/** The requester wrote twice, and an agent closed the second ticket for the first one. */
const asMerged: Linking = (ticket, earlier, random, state) => {
  const target = earlier.find(({ requesterId }) => requesterId === ticket.requesterId)
  if (ticket.status !== 'closed' || !target || random.chance(0.8)) return ticket
  const last = ticket.comments.at(-1)!
  const comment: Comment = {
    ...{ ...last, id: state.nextId(), auditId: state.nextId(), authorId: ticket.assigneeId ?? staff[0]!.id, attachments: [] },
    ...{ body: `This request was closed and merged into request #${target.id} "${target.subject}".`, isPublic: false },
  }
  return { ...ticket, tags: [...ticket.tags, 'closed_by_merge'].toSorted(), comments: [...ticket.comments, comment] }
}

const asTask: Linking = (ticket, _, random) =>
  ticket.type === 'question' && random.chance(0.2)
    ? { ...ticket, type: 'task', dueAt: ticket.createdAt + 3 * dayMs + hourMs }
    : ticket

/** The customer called, and an agent wrote it down: the agent is the submitter and the author of the first comment. */
const asEnteredByAgent: Linking = (ticket, _, random) => {
  const [first, ...rest] = ticket.comments
  if (!first || ticket.assigneeId === null || random.chance(0.9)) return ticket
  const written = { ...first, authorId: ticket.assigneeId, channel: 'web' }
  return { ...ticket, channel: 'web', submitterId: ticket.assigneeId, comments: [written, ...rest] }
}

const withCopies: Linking = (ticket, earlier, random) => {
  const other = random.pick(earlier)
  return other && random.chance(0.08) ? { ...ticket, emailCcIds: [other.requesterId] } : ticket
}
