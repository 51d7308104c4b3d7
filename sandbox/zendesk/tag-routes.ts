import type { Reply, Route } from '../simulator.ts'
import { toIsoSeconds } from '../times.ts'
import { asObject, type Call } from './endpoint.ts'
import { forbidden, invalidRecord, noRecord } from './errors.ts'
import { toId } from './json.ts'
import { toPage } from './pages.ts'
import { findTicket, isReply, type ReadContext } from './read-routes.ts'
import type { Satisfaction, Ticket } from './records.ts'
import { applyWishes, commit } from './ticket-changes.ts'
import { toTags } from './ticket-input.ts'
import { findClosed, findStale } from './write-routes.ts'

/** Tags by their own addresses: `POST` sets them, `PUT` adds, `DELETE` removes. */
export function tagRoutes(context: ReadContext): Route[] {
  const { state, endpoints } = context
  const on = (method: string, status: number, combine: (old: readonly string[], sent: readonly string[]) => readonly string[]) =>
    endpoints.on(
      method,
      '/tickets/:id/tags',
      'change_tags',
      (call) => {
        const ticket = findTicket(context, call)
        if (isReply(ticket)) return ticket
        const sent = call.body()
        const refusal = findStale(sent, ticket) ?? findClosed(ticket)
        if (refusal) return refusal
        const tags = toTags(combine(ticket.tags, [sent.tags ?? []].flat().map(String)))
        const changed = commit(state, ticket, applyWishes(ticket, { tags }, call.user), null, call.user)
        return status === 204 ? { status } : { status, body: { tags: changed.tags } }
      },
      { limit: 'tickets-update' },
    )
  return [
    on('POST', 201, (_, sent) => sent),
    on('PUT', 200, (old, sent) => [...old, ...sent]),
    on('DELETE', 204, (old, sent) => old.filter((tag) => !sent.includes(tag))),
  ]
}

/** What requesters think of the answers. They alone may say it, of a solved ticket. */
export function ratingRoutes(context: ReadContext): Route[] {
  const { state, endpoints } = context
  return [
    endpoints.on('GET', '/satisfaction_ratings', 'ratings', (call) => {
      const rated = state
        .tickets()
        .flatMap((ticket) =>
          ticket.satisfaction === null ? [] : [{ id: ticket.satisfaction.id, ticket, rating: ticket.satisfaction }],
        )
      return toPage(call, {
        ...{ key: 'satisfaction_ratings', records: rated },
        print: (page) => ({ satisfaction_ratings: page.map(({ ticket, rating }) => print(ticket, rating, call)) }),
      })
    }),
    endpoints.on(
      'POST',
      '/tickets/:id/satisfaction_rating',
      'rate',
      (call): Reply => {
        const ticket = state.ticket(toId(call.params[0]) ?? 0n)
        if (!ticket || ticket.status === 'deleted') return noRecord
        if (call.user.id !== ticket.requesterId) return forbidden
        const { score, comment } = asObject(call.body().satisfaction_rating)
        const isRated = score === 'good' || score === 'bad'
        if (!isRated || ticket.status !== 'solved')
          return invalidRecord({ base: [{ description: 'Satisfaction rating: is invalid' }] })
        const id = ticket.satisfaction?.id ?? state.nextId()
        const rating: Satisfaction = { id, score, comment: typeof comment === 'string' ? comment : null, reason: null }
        state.put({ ...ticket, satisfaction: rating, updatedAt: call.now, generatedAt: call.now }, call.user.id)
        return { status: 200, body: { satisfaction_rating: [print(ticket, rating, call)] } }
      },
      { for: 'anyone' },
    ),
  ]
}

function print(ticket: Ticket, { id, score, comment, reason }: Satisfaction, { origin }: Pick<Call, 'origin'>) {
  const { id: ticketId, assigneeId, groupId, requesterId, updatedAt } = ticket
  return {
    ...{ url: `${origin}/api/v2/satisfaction_ratings/${id}.json`, id, score, comment, reason, ticket_id: ticketId },
    ...{ assignee_id: assigneeId, group_id: groupId, requester_id: requesterId },
    ...{ created_at: toIsoSeconds(updatedAt), updated_at: toIsoSeconds(updatedAt) },
  }
}
