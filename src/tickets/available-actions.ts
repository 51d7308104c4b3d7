import type { Viewer } from '../domain/call.ts'
import { may } from '../domain/permissions.ts'
import { type Ticket, type TicketAction, ticketActions } from '../domain/ticket.ts'
import type { TicketSource } from '../sources/source.ts'

/** Whether one action on a ticket is likely to succeed now. */
export interface ActionAvailability {
  readonly action: TicketAction
  readonly allowed: boolean
  /** Why not; null when allowed. Of several reasons the most lasting one. */
  readonly reason: 'NOT_SUPPORTED_BY_SOURCE' | 'FORBIDDEN' | 'WRONG_STATE' | 'SOURCE_DOWN' | null
  /** Of UPDATE: the fields of its input that the source takes. Else empty. */
  readonly fields: readonly string[]
}

/**
 * What this viewer may do to the ticket, judged by the state in which the ticket was last seen. The source decides in the end
 * (DECISION-19). `isDown`: calls to its source fail at once. One entry per action, in the order of `ticketActions`; ROUTE only where the source routes.
 */
export function availableActions(
  ticket: Ticket,
  viewer: Viewer,
  isDown: boolean,
  source?: Pick<TicketSource, 'suitsState'>,
): ActionAvailability[] {
  const { actions, capabilities } = ticket.source
  const mayWrite = may(viewer, 'tickets:write')
  return ticketActions
    .filter((action) => action !== 'ROUTE' || actions.includes('ROUTE'))
    .map((action) => {
      const reason = refusalReason(action)
      const fields = action === 'UPDATE' ? capabilities.updatableFields : []
      return { action, allowed: reason === null, reason, fields }
    })

  function refusalReason(action: TicketAction): ActionAvailability['reason'] {
    if (!actions.includes(action)) return 'NOT_SUPPORTED_BY_SOURCE'
    if (!mayWrite) return 'FORBIDDEN'
    if (!(source?.suitsState?.(action, ticket) ?? suitsState(action, ticket))) return 'WRONG_STATE'
    return isDown ? 'SOURCE_DOWN' : null
  }
}

const ended: readonly Ticket['status'][] = ['CLOSED', 'CANCELLED']
const reopenable: readonly Ticket['status'][] = [...ended, 'RESOLVED', 'UNKNOWN']

/**
 * Closed and cancelled tickets accept messages, and can be reopened as resolved ones can. Deleted ones accept no action. Only a ticket
 * without a recipient can be routed.
 */
function suitsState(action: TicketAction, { deletedAt, status, routing }: Ticket): boolean {
  if (deletedAt !== null) return false
  if (action === 'REPLY' || action === 'NOTE') return true
  if (action === 'REOPEN') return reopenable.includes(status)
  if (action === 'ROUTE' && routing !== null && routing.type !== 'NONE') return false
  return !ended.includes(status)
}
