import type { FieldChange, TicketEventKind } from './events.ts'
import type { Ticket, TicketStatus } from './ticket.ts'
import { diffTickets } from './ticket-diff.ts'

const ended: ReadonlySet<TicketStatus> = new Set<TicketStatus>(['RESOLVED', 'CLOSED', 'CANCELLED'])

/**
 * What happened to a ticket, by its states before and after. A change of status counts first, then queue, assignee and message.
 * UPDATED where the state before is not known.
 */
export function kindOf(before: Ticket | null, after: Ticket): TicketEventKind {
  if (before === null) return 'UPDATED'
  if (before.deletedAt === null && after.deletedAt !== null) return 'DELETED'
  if (before.status !== after.status) {
    return after.status === 'CLOSED' || after.status === 'ESCALATED' ? after.status : 'STATUS_CHANGED'
  }
  const changed = new Set(diffTickets(before, after).map(({ field }) => field))
  if (changed.has('queue')) return 'TRANSFERRED'
  if (changed.has('assignee') || changed.has('group')) return 'REASSIGNED'
  return changed.has('message') ? 'MESSAGE' : 'UPDATED'
}

/** One sentence for a timeline, with the target of the change where `changes` tell it: "Escalated to partner-service". */
export function summarize(kind: TicketEventKind, changes: readonly FieldChange[] | null): string {
  const changeTo = (field: string) => changes?.find((change) => change.field === field)
  switch (kind) {
    case 'CREATED':
      return 'Created'
    case 'CLOSED':
      return 'Closed'
    case 'DELETED':
      return 'Deleted'
    case 'MESSAGE':
      return 'New message'
    case 'ESCALATED':
      return withTarget('Escalated', changeTo('escalation'))
    case 'TRANSFERRED':
      return withTarget('Transferred', changeTo('queue'))
    case 'REASSIGNED':
      return summarizeAssignment(changeTo('assignee'), changeTo('group'))
    case 'STATUS_CHANGED':
      return summarizeStatus(changeTo('status'))
    default:
      return summarizeFields(changes?.map(({ field }) => field) ?? [])
  }
}

function withTarget(verb: string, change: FieldChange | undefined): string {
  return change?.after ? `${verb} to ${change.after}` : verb
}

function summarizeAssignment(assignee: FieldChange | undefined, group: FieldChange | undefined): string {
  const target = assignee?.after ?? group?.after
  if (target) return `Reassigned to ${target}`
  return assignee?.after === null ? 'Unassigned' : 'Reassigned'
}

function summarizeStatus(change: FieldChange | undefined): string {
  if (!change?.before || !change.after) return change?.after ? `Status changed to ${change.after}` : 'Status changed'
  const isReopened = ended.has(change.before as TicketStatus) && !ended.has(change.after as TicketStatus)
  return isReopened ? 'Reopened' : `Status changed from ${change.before} to ${change.after}`
}

/** "Updated title, tags and priority"; "Updated" without a field. */
export function summarizeFields(fields: readonly string[]): string {
  if (fields.length === 0) return 'Updated'
  const last = fields.at(-1)!
  return fields.length === 1 ? `Updated ${last}` : `Updated ${fields.slice(0, -1).join(', ')} and ${last}`
}
