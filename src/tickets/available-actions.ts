import type { Viewer } from '../domain/call.ts'
import { may } from '../domain/permissions.ts'
import { ticketActions as allActions, type Ticket, type TicketAction } from '../domain/ticket.ts'
import type { SourceHealth } from '../sources/source.ts'
import type { ActionAvailability } from './types.ts'

/**
 * What this viewer may do to this ticket now, by what was last seen of it; the vendor has the last word.
 * Of several reasons against, the most lasting is given. ROUTE is named only where the source routes.
 */
export function ticketActions(ticket: Ticket, viewer: Viewer, health: SourceHealth): ActionAvailability[] {
  const offered = ticket.source.actions
  const mayWrite = may(viewer, 'tickets:write')
  return allActions
    .filter((action) => action !== 'ROUTE' || offered.includes('ROUTE'))
    .map((action) => {
      const reason = refusal(action)
      return { action, allowed: reason === null, reason }
    })

  function refusal(action: TicketAction): ActionAvailability['reason'] {
    if (!offered.includes(action)) return 'NOT_SUPPORTED_BY_SOURCE'
    if (!mayWrite) return 'FORBIDDEN'
    if (!suits(action, ticket)) return 'WRONG_STATE'
    return health.state === 'DOWN' ? 'SOURCE_DOWN' : null
  }
}

/** Closed and cancelled tickets take replies only, deleted ones nothing; only what nobody received can be routed. */
function suits(action: TicketAction, ticket: Ticket): boolean {
  if (ticket.deletedAt !== null) return false
  if (action === 'REPLY') return true
  if (action === 'ROUTE' && ticket.routing !== null && ticket.routing.type !== 'NONE') return false
  return ticket.status !== 'CLOSED' && ticket.status !== 'CANCELLED'
}
