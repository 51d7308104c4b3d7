import type { Viewer } from '../domain/call.ts'
import { may } from '../domain/permissions.ts'
import { type Ticket, type TicketAction, ticketActions } from '../domain/ticket.ts'
import type { SourceHealth } from '../sources/source.ts'

/** Whether one action on a ticket is likely to succeed now. */
export interface ActionAvailability {
  readonly action: TicketAction
  readonly allowed: boolean
  /** Why not; null when allowed. Of several reasons the most lasting one. */
  readonly reason: 'NOT_SUPPORTED_BY_SOURCE' | 'FORBIDDEN' | 'WRONG_STATE' | 'SOURCE_DOWN' | null
}

/**
 * What this viewer may do to the ticket, judged by the state in which the ticket was last seen. The source decides in the end
 * (DECISION-19). One entry per action, in the order of `ticketActions`; ROUTE only where the source routes.
 */
export function availableActions(ticket: Ticket, viewer: Viewer, health: SourceHealth): ActionAvailability[] {
  const supported = ticket.source.actions
  const mayWrite = may(viewer, 'tickets:write')
  return ticketActions
    .filter((action) => action !== 'ROUTE' || supported.includes('ROUTE'))
    .map((action) => {
      const reason = refusalReason(action)
      return { action, allowed: reason === null, reason }
    })

  function refusalReason(action: TicketAction): ActionAvailability['reason'] {
    if (!supported.includes(action)) return 'NOT_SUPPORTED_BY_SOURCE'
    if (!mayWrite) return 'FORBIDDEN'
    if (!suitsState(action, ticket)) return 'WRONG_STATE'
    return health.state === 'DOWN' ? 'SOURCE_DOWN' : null
  }
}

/** Closed and cancelled tickets accept replies only, deleted ones no action. Only a ticket without a recipient can be routed. */
function suitsState(action: TicketAction, ticket: Ticket): boolean {
  if (ticket.deletedAt !== null) return false
  if (action === 'REPLY') return true
  if (action === 'ROUTE' && ticket.routing !== null && ticket.routing.type !== 'NONE') return false
  return ticket.status !== 'CLOSED' && ticket.status !== 'CANCELLED'
}
