import type { Reply, Route } from '../simulator.ts'
import { toEpochSeconds } from '../times.ts'
import type { Context } from './context.ts'
import type { Call } from './endpoint.ts'
import { noAdmin, noResource, noTicket, refused } from './errors.ts'
import { toPredicate } from './query.ts'
import type { Admin, Ticket } from './records.ts'
import { toPage } from './search-pages.ts'
import { findAdmin, typeOf } from './state.ts'
import { searchableTickets } from './ticket-search.ts'
import { printAdmin, printFullState, printFullType, printTeam, printTicket } from './wire.ts'
import { admins, openedAt, states, tags, teams, ticketTypes, workspaceId, workspaceName, zone } from './workspace.ts'

const ok = (body: unknown): Reply => ({ status: 200, body })

/** Tickets by id and by search. */
export function ticketRoutes({ state, endpoints, oddities, printingOf }: Context): Route[] {
  const sorts = { updated_at: (ticket: Ticket) => ticket.updatedAt, created_at: (ticket: Ticket) => ticket.createdAt }
  return [
    endpoints.on('POST', '/tickets/search', 'search', (call) => {
      const found = state.tickets().filter(toPredicate(call.body.query, searchableTickets))
      const { rows, pages } = toPage(found, call.body, { perPage: 20, sorts, oddities })
      const tickets = rows.map((ticket) => printTicket(ticket, printingOf(call)))
      return ok({ type: 'ticket.list', pages, total_count: found.length, tickets })
    }),
    endpoints.on('GET', '/tickets/:id', 'ticket', (call) => {
      const ticket = state.ticket(call.params[0] ?? '')
      return ticket ? ok(printTicket(ticket, printingOf(call))) : noTicket()
    }),
  ]
}

/** The workspace: who works there, and what its tickets are made of. */
export function workspaceRoutes({ endpoints }: Context): Route[] {
  return [
    endpoints.on('GET', '/me', 'me', ({ admin }) => ok(printMe(admin))),
    endpoints.on('GET', '/admins', 'admins', () => ok({ type: 'admin.list', admins: admins.map(printAdmin) })),
    endpoints.on('GET', '/admins/:id', 'admin', ({ params }) => found(findAdmin(params[0] ?? ''), printAdmin, noAdmin)),
    endpoints.on('GET', '/teams', 'teams', () => ok({ type: 'team.list', teams: teams.map(printTeam) })),
    endpoints.on('GET', '/teams/:id', 'team', ({ params }: Call) =>
      found(
        teams.find(({ id }) => id === params[0]),
        printTeam,
        () => refused(404, 'team_not_found', 'Team not found'),
      ),
    ),
    endpoints.on('GET', '/ticket_types', 'ticket-types', () => ok({ type: 'list', data: ticketTypes.map(printFullType) })),
    endpoints.on('GET', '/ticket_types/:id', 'ticket-type', ({ params }) =>
      found(typeOf(params[0] ?? ''), printFullType, noResource),
    ),
    endpoints.on('GET', '/ticket_states', 'ticket-states', () => ok({ type: 'list', data: states.map(printFullState) })),
    endpoints.on('GET', '/tags', 'tags', () => ok({ type: 'list', data: tags.map((tag) => ({ type: 'tag', ...tag })) })),
  ]
}

function found<Row>(row: Row | undefined, print: (row: Row) => unknown, missing: () => Reply): Reply {
  return row === undefined ? missing() : ok(print(row))
}

function printMe(admin: Admin) {
  return {
    ...{ type: 'admin', id: admin.id, email: admin.email, name: admin.name, job_title: admin.jobTitle, email_verified: true },
    app: {
      ...{ type: 'app', id_code: workspaceId, name: workspaceName, created_at: toEpochSeconds(openedAt), secure: false },
      ...{ identity_verification: false, timezone: zone.name, region: 'US' },
    },
    avatar: { type: 'avatar', image_url: 'https://static.intercomassets.example/default-avatars/admins/128.png' },
    ...{ has_inbox_seat: admin.hasSeat, away_mode_enabled: admin.isAway, away_mode_reassign: false },
    team_ids: admin.teamIds.map(Number),
  }
}
