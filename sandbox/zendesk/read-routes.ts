import type { Reply, Route } from '../simulator.ts'
import type { Call, Endpoints } from './endpoint.ts'
import { forbidden, noRecord, refused } from './errors.ts'
import { type Id, toId, toIds } from './json.ts'
import { type Listing, type SortKey, toPage } from './pages.ts'
import type { Audit, Comment, Ticket } from './records.ts'
import { type SideLoads, sideLoad } from './side-loads.ts'
import { isListed, mayRead, type ZendeskState } from './state.ts'
import { type Hosts, printAudit, printComment, printTicket, printUser } from './wire.ts'

const statusOrder = ['new', 'open', 'pending', 'hold', 'solved', 'closed', 'deleted']
const priorityOrder = [null, 'low', 'normal', 'high', 'urgent']

const cursorSorts: Readonly<Record<string, SortKey<Ticket>>> = {
  updated_at: ({ updatedAt }) => updatedAt,
  id: ({ id }) => id,
  status: ({ status }) => statusOrder.indexOf(status),
}
const offsetSorts: Readonly<Record<string, SortKey<Ticket>>> = {
  ...cursorSorts,
  created_at: ({ createdAt }) => createdAt,
  priority: ({ priority }) => priorityOrder.indexOf(priority),
  assignee: ({ assigneeId }) => assigneeId ?? 0n,
  group: ({ groupId }) => groupId ?? 0n,
  requester: ({ requesterId }) => requesterId,
}

export interface ReadContext {
  readonly state: ZendeskState
  readonly endpoints: Endpoints
  readonly sideLoads: SideLoads
  hostsOf(call: Call): Hosts
}

/** The ticket of the path's first group, when the caller may see it; else the refusal. */
export function findTicket({ state }: Pick<ReadContext, 'state'>, call: Call): Ticket | Reply {
  const ticket = state.ticket(toId(call.params[0]) ?? 0n)
  if (!ticket || ticket.status === 'deleted') return noRecord
  return mayRead(call.user, ticket) ? ticket : forbidden
}

export function isReply(found: Ticket | Reply): found is Reply {
  return !('subject' in found)
}

/** Tickets with what the call wants beside them. */
export function printTickets(context: ReadContext, call: Call, key: string, tickets: readonly Ticket[]) {
  const { state, sideLoads } = context
  const hosts = context.hostsOf(call)
  const printed = tickets.map((ticket) => ({
    ...printTicket(ticket, hosts, state.incidents(ticket.id).length > 0),
    ...sideLoad.intoTicket(call, sideLoads, ticket),
  }))
  return { [key]: printed, ...sideLoad.besideTickets(call, sideLoads, hosts, tickets) }
}

/** Reading tickets and what belongs to one. */
export function readRoutes(context: ReadContext): Route[] {
  const { state, endpoints } = context
  const visible = (call: Call, tickets: readonly Ticket[]) =>
    tickets.filter((ticket) => isListed(ticket) && mayRead(call.user, ticket))
  const list = (call: Call, tickets: readonly Ticket[]) =>
    toPage(call, {
      ...{ key: 'tickets', records: visible(call, tickets), cursorSorts, offsetSorts },
      print: (page) => printTickets(context, call, 'tickets', page),
    })
  const ofTicket = (handle: (call: Call, ticket: Ticket) => Reply) => (call: Call) => {
    const found = findTicket(context, call)
    return isReply(found) ? found : handle(call, found)
  }
  const usersOf = (ids: (ticket: Ticket) => readonly Id[]) =>
    ofTicket((call, ticket) => {
      const users = ids(ticket).flatMap((id) => state.user(id) ?? [])
      return { status: 200, body: { users: users.map((user) => printUser(user, context.hostsOf(call))), count: users.length } }
    })
  return [
    endpoints.on(
      'GET',
      '/tickets',
      'list',
      (call) => {
        const externalId = call.query.get('external_id')
        return list(call, externalId === null ? state.tickets() : state.tickets().filter((one) => one.externalId === externalId))
      },
      { limit: 'tickets-index' },
    ),
    endpoints.on('GET', '/tickets/show_many', 'show_many', (call) => showMany(context, call)),
    endpoints.on('GET', '/tickets/count', 'count', (call) => ({
      status: 200,
      body: { count: { value: visible(call, state.tickets()).length, refreshed_at: new Date(call.now).toISOString() } },
    })),
    endpoints.on(
      'GET',
      '/tickets/:id',
      'ticket',
      ofTicket((call, ticket) => {
        const { tickets, ...beside } = printTickets(context, call, 'tickets', [ticket])
        return { status: 200, body: { ticket: (tickets as readonly unknown[])[0], ...beside } }
      }),
    ),
    endpoints.on(
      'GET',
      '/tickets/:id/comments',
      'comments',
      ofTicket((call, ticket) => toPage(call, listComments(context, call, ticket))),
    ),
    endpoints.on(
      'GET',
      '/tickets/:id/audits',
      'audits',
      ofTicket((call, { id, audits }) =>
        toPage<Audit>(call, {
          ...{ key: 'audits', records: audits, order: ({ at }) => at },
          print: (page) => ({ audits: page.map((audit) => printAudit(id, audit)) }),
        }),
      ),
    ),
    endpoints.on(
      'GET',
      '/tickets/:id/tags',
      'tags',
      ofTicket((_, { tags }) => ({ status: 200, body: { tags } })),
    ),
    endpoints.on(
      'GET',
      '/tickets/:id/incidents',
      'incidents',
      ofTicket((call, { id }) => list(call, state.incidents(id))),
    ),
    endpoints.on(
      'GET',
      '/tickets/:id/related',
      'related',
      ofTicket((_, ticket) => ({ status: 200, body: printRelated(state, ticket) })),
    ),
    endpoints.on(
      'GET',
      '/tickets/:id/followers',
      'people',
      usersOf(({ followerIds }) => followerIds),
    ),
    endpoints.on(
      'GET',
      '/tickets/:id/email_ccs',
      'people',
      usersOf(({ emailCcIds }) => emailCcIds),
    ),
    endpoints.on(
      'GET',
      '/tickets/:id/collaborators',
      'people',
      usersOf((one) => [...one.followerIds, ...one.emailCcIds]),
    ),
    endpoints.on('GET', '/users/:id/tickets/requested', 'list', (call) => {
      const id = toId(call.params[0])
      return list(
        call,
        state.tickets().filter(({ requesterId }) => requesterId === id),
      )
    }),
  ]
}

/** Archived tickets too; what does not exist or is not visible is left out. */
function showMany(context: ReadContext, call: Call): Reply {
  const ids = toIds(call.query.get('ids'))
  if (ids.length > 100) return refused(400, 'TooManyValues', 'Only 100 records can be requested at once')
  const found = [...new Set(ids)].flatMap((id) => context.state.ticket(id) ?? [])
  const tickets = found.filter((ticket) => ticket.status !== 'deleted' && mayRead(call.user, ticket))
  return {
    status: 200,
    body: { ...printTickets(context, call, 'tickets', tickets), count: tickets.length, next_page: null, previous_page: null },
  }
}

function listComments(context: ReadContext, call: Call, { comments }: Ticket): Listing<Comment> {
  const hosts = context.hostsOf(call)
  const at: SortKey<Comment> = (comment) => comment.at
  return {
    ...{ key: 'comments', records: comments, order: at, cursorSorts: { created_at: at }, offsetSorts: { created_at: at } },
    print: (page) => ({
      comments: page.map((comment) => printComment(comment, hosts)),
      ...sideLoad.besideComments(call, context.sideLoads, hosts, page),
    }),
  }
}

function printRelated(state: ZendeskState, { id, followupSourceId, isArchived }: Ticket) {
  return {
    topic_id: null,
    followup_source_ids: followupSourceId === null ? [] : [String(followupSourceId)],
    from_archive: isArchived,
    incidents: state.incidents(id).length,
    jira_issue_ids: [],
  }
}
