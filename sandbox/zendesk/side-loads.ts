import { toIsoSeconds } from '../times.ts'
import type { Call } from './endpoint.ts'
import type { Id } from './json.ts'
import type { Comment, Ticket } from './records.ts'
import { policyMetrics } from './service-levels.ts'
import type { ZendeskState } from './state.ts'
import { type Hosts, printBrand, printGroup, printOrganization, printUser } from './wire.ts'

/** What `include=` may ask for. */
export interface SideLoads {
  readonly state: ZendeskState
}

const wanted = (call: Call) => new Set((call.query.get('include') ?? '').split(','))

/** The people, groups, organizations and brands of some tickets, each once; and what belongs into a ticket itself. */
export const sideLoad = {
  besideTickets(call: Call, { state }: SideLoads, hosts: Hosts, tickets: readonly Ticket[]): Record<string, unknown> {
    const names = wanted(call)
    const ids = (read: (ticket: Ticket) => readonly (Id | null)[]) => unique(tickets.flatMap(read))
    const users = ids((one) => [one.requesterId, one.submitterId, one.assigneeId, ...one.followerIds, ...one.emailCcIds])
    return {
      ...(names.has('users') && { users: printUsers(state, hosts, users) }),
      ...(names.has('groups') && { groups: ids(({ groupId }) => [groupId]).flatMap((id) => printGroup(id, hosts) ?? []) }),
      ...(names.has('organizations') && {
        organizations: ids(({ organizationId }) => [organizationId]).flatMap((id) => printOrganization(id, hosts) ?? []),
      }),
      ...(names.has('brands') && { brands: ids(({ brandId }) => [brandId]).flatMap((id) => printBrand(id, hosts) ?? []) }),
    }
  },

  /** Not for a single ticket: there `slas` is ignored. */
  intoTicket(call: Call, _: SideLoads, ticket: Ticket): Record<string, unknown> {
    const names = wanted(call)
    const isList = call.params.length === 0
    return {
      ...(names.has('comment_count') && { comment_count: ticket.comments.length }),
      ...(names.has('dates') && { dates: { assignee_updated_at: null, requester_updated_at: toIsoSeconds(ticket.updatedAt) } }),
      ...(names.has('slas') && isList && { slas: { policy_metrics: policyMetrics(ticket, call.now) } }),
    }
  },

  besideComments(call: Call, { state }: SideLoads, hosts: Hosts, comments: readonly Comment[]): Record<string, unknown> {
    if (!wanted(call).has('users')) return {}
    return { users: printUsers(state, hosts, unique(comments.map(({ authorId }) => authorId))) }
  },
}

function printUsers(state: ZendeskState, hosts: Hosts, ids: readonly Id[]) {
  return ids.flatMap((id) => state.user(id) ?? []).map((user) => printUser(user, hosts))
}

function unique(ids: readonly (Id | null)[]): Id[] {
  return [...new Set(ids.filter((id) => id !== null))]
}
