import type { Reply, Route } from '../simulator.ts'
import { check } from './checks.ts'
import { type FieldError, invalid, missing, notFound, wrongValue } from './errors.ts'
import { findTicket, isRefusal, type ReadContext } from './read-routes.ts'
import type { Attachment, Ticket } from './records.ts'
import { agentById, type FreshdeskState, mayRead } from './state.ts'
import { findWritable } from './ticket-writes.ts'

/** Watchers of tickets. Any agent can be added; only the caller can be removed. */
export function watcherRoutes({ endpoints, state }: ReadContext): Route[] {
  return [
    endpoints.on('GET', '/tickets/:id/watchers', 'watchers', (call) => {
      const ticket = findTicket(state, call)
      return isRefusal(ticket) ? ticket : { status: 200, body: { watcher_ids: ticket.watcherIds } }
    }),
    endpoints.on('POST', '/tickets/:id/watch', 'watch', (call) => {
      const ticket = findWritable(state, call)
      if (isRefusal(ticket)) return ticket
      const { values, errors } = check(call.input, { user_id: 'id' })
      const id = Number(values.user_id)
      const faults: FieldError[] = [...errors]
      if (values.user_id === undefined) faults.push(missing('user_id', 'It should be a/an Positive Integer'))
      else if (!agentById(id)) faults.push(wrongValue('user_id', 'There is no agent matching the given user_id'))
      if (faults.length > 0) return invalid(...faults)
      state.put({ ...ticket, watcherIds: [...new Set([...ticket.watcherIds, id])] })
      return { status: 204 }
    }),
    endpoints.on('PUT', '/tickets/:id/unwatch', 'unwatch', (call) => {
      const ticket = findWritable(state, call)
      if (isRefusal(ticket)) return ticket
      if (!ticket.watcherIds.includes(call.agent.id)) return notFound
      state.put({ ...ticket, watcherIds: ticket.watcherIds.filter((id) => id !== call.agent.id) })
      return { status: 204 }
    }),
    endpoints.on('DELETE', '/attachments/:id', 'delete-attachment', ({ params, agent, now }): Reply => {
      const id = Number(params[0])
      const ticket = state.tickets().find((one) => mayRead(agent, one) && holds(one, id))
      if (!ticket) return notFound
      removeFile(state, ticket, id, now)
      return { status: 204 }
    }),
  ]
}

const has = (files: readonly Attachment[], id: number) => files.some((file) => file.id === id)

function holds({ attachments, conversations }: Ticket, id: number): boolean {
  return has(attachments, id) || conversations.some((one) => has(one.attachments, id))
}

function removeFile(state: FreshdeskState, ticket: Ticket, id: number, now: number): void {
  const rest = (files: readonly Attachment[]) => files.filter((file) => file.id !== id)
  const conversations = ticket.conversations.map((one) => ({ ...one, attachments: rest(one.attachments) }))
  state.put({ ...ticket, attachments: rest(ticket.attachments), conversations, updatedAt: now })
}
