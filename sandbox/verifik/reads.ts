import type { Reply, Route } from '../simulator.ts'
import { refuseSuccess, refuseWithCode } from './failures.ts'
import type { VerifikState } from './state.ts'
import type { VerifikTicket } from './wire.ts'

const maxLimit = 100

export function readRoutes(state: VerifikState): Route[] {
  return [
    { method: 'GET', path: /^\/v2\/support-tickets$/, operation: 'list', handle: ({ query }) => list(state, query) },
    {
      method: 'GET',
      path: /^\/v2\/support-tickets\/([^/]+)$/,
      operation: 'ticket',
      handle({ params }) {
        const ticket = state.find(params[0] ?? '')
        return ticket ? { status: 200, body: { success: true, data: ticket } } : ticketNotFound()
      },
    },
  ]
}

export function ticketNotFound(): Reply {
  return refuseWithCode(404, 'Support ticket not found', 'SUPPORT_TICKET_NOT_FOUND')
}

function list(state: VerifikState, query: URLSearchParams): Reply {
  const page = Number(query.get('page') ?? 1)
  const asked = Number(query.get('limit') ?? 10)
  if (!(Number.isInteger(page) && page >= 1 && Number.isInteger(asked) && asked >= 1)) {
    return refuseSuccess(400, 'Invalid query parameters', 'INVALID_PARAMETERS')
  }
  const limit = Math.min(asked, maxLimit)
  const matching = state.list().filter((ticket) => matches(ticket, query))
  const pagination = { page, limit, total: matching.length, pages: Math.ceil(matching.length / limit) }
  const data = matching.slice((page - 1) * limit, page * limit).map(toListItem)
  const counts = query.get('countByStatus') === 'true' ? { counts: countByStatus(state.list()) } : {}
  return { status: 200, body: { success: true, data, pagination, ...counts } }
}

function matches(ticket: VerifikTicket, query: URLSearchParams): boolean {
  return (['status', 'category', 'priority'] as const).every((field) => {
    const wanted = query.get(field)
    return wanted === null || ticket[field] === wanted
  })
}

/** Without threads, attachments and resolution, the description cut. */
function toListItem(ticket: VerifikTicket) {
  const { threads: _, attachments: __, resolution: ___, resolvedAt: ____, description, ...item } = ticket
  return { ...item, description: description.length > 60 ? `${description.slice(0, 57)}...` : description }
}

/** Of all tickets, whatever was asked for. */
function countByStatus(tickets: readonly VerifikTicket[]): Record<string, number> {
  const counts: Record<string, number> = { open: 0, pending: 0, in_progress: 0, resolved: 0, closed: 0 }
  for (const { status } of tickets) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
