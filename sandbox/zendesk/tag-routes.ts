import type { Route } from '../simulator.ts'
import { findTicket, isReply, type ReadContext } from './read-routes.ts'
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
