import type { Reply, Route } from '../simulator.ts'
import { minuteMs, toIsoSeconds } from '../times.ts'
import { asObject, type Call } from './endpoint.ts'
import { forbidden, invalidRecord, noRecord } from './errors.ts'
import { toId } from './json.ts'
import { toPage } from './pages.ts'
import { findTicket, isReply, type ReadContext } from './read-routes.ts'
import type { Satisfaction, Ticket } from './records.ts'

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

/** How long the answers to a ticket took. The id of its metrics is the ticket's. */
export function metricRoutes(context: ReadContext): Route[] {
  const show = (key: string) => (call: Call) => {
    const ticket = findTicket(context, call)
    if (isReply(ticket)) return ticket
    const metric = printMetric(ticket, call)
    return { status: 200, body: { ticket_metric: key === 'list' ? [metric] : metric } }
  }
  const { endpoints } = context
  return [
    endpoints.on('GET', '/tickets/:id/metrics', 'metrics', show('one')),
    endpoints.on('GET', '/ticket_metrics/:id', 'metrics', show('list')),
  ]
}

function printMetric(ticket: Ticket, { origin }: Pick<Call, 'origin'>) {
  const { id, comments, createdAt, updatedAt, status, assigneeId, requesterId } = ticket
  const answers = comments.filter(({ isPublic, authorId }) => isPublic && authorId !== requesterId)
  const minutes = (until: number | undefined) => {
    const spent = until === undefined ? null : Math.floor((until - createdAt) / minuteMs)
    return { calendar: spent, business: spent }
  }
  const solvedAt = status === 'solved' || status === 'closed' ? updatedAt : undefined
  const [created, updated] = [toIsoSeconds(createdAt), toIsoSeconds(updatedAt)]
  return {
    ...{ url: `${origin}/api/v2/ticket_metrics/${id}.json`, id, ticket_id: id, created_at: created, updated_at: updated },
    ...{ group_stations: 1, assignee_stations: assigneeId === null ? 0 : 1, reopens: 0, replies: answers.length },
    ...{ assigned_at: assigneeId === null ? null : created, initially_assigned_at: assigneeId === null ? null : created },
    ...{
      assignee_updated_at: updated,
      requester_updated_at: updated,
      status_updated_at: updated,
      custom_status_updated_at: updated,
    },
    ...{
      latest_comment_added_at: toIsoSeconds(comments.at(-1)?.at ?? createdAt),
      solved_at: solvedAt === undefined ? null : updated,
    },
    ...{ reply_time_in_minutes: minutes(answers[0]?.at), first_resolution_time_in_minutes: minutes(solvedAt) },
    ...{ full_resolution_time_in_minutes: minutes(solvedAt), agent_wait_time_in_minutes: minutes(solvedAt) },
    ...{ requester_wait_time_in_minutes: minutes(solvedAt), on_hold_time_in_minutes: { calendar: 0, business: 0 } },
  }
}
