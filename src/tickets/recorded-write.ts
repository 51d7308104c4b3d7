import { kindOf, summarize, summarizeFields } from '../domain/change-description.ts'
import type { FieldChange, NewChange, TicketEventKind } from '../domain/events.ts'
import type { ThreadMessage, Ticket, TicketAction } from '../domain/ticket.ts'
import { changesOf, messageAdded, textOf } from '../domain/ticket-diff.ts'
import { withFields } from '../domain/ticket-view.ts'
import type { UpdateTicket } from '../domain/writes.ts'

/** What a write asked for, as far as the change log tells it. */
export interface AskedFor {
  readonly department?: string | null | undefined
  /** The key of a queue. */
  readonly queue?: string | null | undefined
  readonly assignee?: string | null | undefined
  readonly group?: string | null | undefined
  readonly unassign?: boolean | null | undefined
  /** The input of `updateTicket`. */
  readonly update?: UpdateTicket
}

/** A write that the source has done. */
export interface DoneWrite {
  readonly action: TicketAction | 'CREATE'
  readonly asked: AskedFor
  /** The ticket after the write. */
  readonly ticket: Ticket
  /** The ticket as it was read for this write, or before it in the same operation; null: it is not known. */
  readonly before: Ticket | null
  /** The message that a reply wrote; null: none, or it is not known which one. */
  readonly message: ThreadMessage | null
}

const kinds: Readonly<Record<DoneWrite['action'], TicketEventKind>> = {
  CREATE: 'CREATED',
  UPDATE: 'UPDATED',
  REPLY: 'MESSAGE',
  NOTE: 'MESSAGE',
  ESCALATE: 'ESCALATED',
  CLOSE: 'CLOSED',
  REOPEN: 'STATUS_CHANGED',
  REASSIGN: 'REASSIGNED',
  TRANSFER: 'TRANSFERRED',
  ROUTE: 'ROUTED',
}
const summaries: Readonly<Partial<Record<DoneWrite['action'], string>>> = {
  REPLY: 'Replied',
  NOTE: 'Added a note',
  REOPEN: 'Reopened',
  ROUTE: 'Routed',
}

/** How the change log describes a write of this gateway: by what was asked, and by the difference from a known state (DECISION-35). */
export function describeWrite(write: DoneWrite): Required<Pick<NewChange, 'kind' | 'summary' | 'asked'>> {
  const { action, ticket, before } = write
  const asked = toChanges(write)
  const kind = action === 'UPDATE' ? kindOfUpdate(write) : kinds[action]
  return { kind, asked, summary: summaries[action] ?? summarizeWrite(kind, write, changesOf({ before, ticket, asked })) }
}

/** The status that was asked for makes the kind also where the status before is not known. */
function kindOfUpdate({ asked: { update }, before, ticket }: DoneWrite): TicketEventKind {
  const isStatusAsked = Boolean(update?.status ?? update?.statusOption)
  if (before === null && isStatusAsked) return kindOf(withFields(ticket, { status: 'UNKNOWN' }), ticket)
  return before !== null && before.status !== ticket.status ? kindOf(before, ticket) : 'UPDATED'
}

function summarizeWrite(
  kind: TicketEventKind,
  { asked: { update }, ticket, before }: DoneWrite,
  changes: readonly FieldChange[] | null,
): string {
  if (kind === 'UPDATED') return summarizeFields(update ? fieldsOf(update) : [])
  if (kind === 'STATUS_CHANGED' && before === null) return `Status changed to ${ticket.status}`
  return summarize(kind, changes)
}

/** What was asked, as the ticket shows it; in the words of the request where the ticket does not show it. */
function toChanges({ asked, ticket, message }: DoneWrite): readonly FieldChange[] {
  const { department, queue, assignee, group, unassign } = asked
  const changes: FieldChange[] = []
  const add = (field: string, wanted: string, isShown: boolean) =>
    changes.push({ field, before: null, after: (isShown ? textOf(ticket, field) : null) ?? wanted })
  if (department) add('escalation', department, false)
  if (queue) add('queue', queue, ticket.queueKey === queue)
  if (assignee) add('assignee', assignee, isNamed(ticket.assignee, assignee))
  if (group) add('group', group, isNamed(ticket.group, group))
  if (unassign) changes.push({ field: 'assignee', before: null, after: null })
  if (message) changes.push(messageAdded(message))
  return changes
}

type Named = { readonly externalId?: string | null; readonly email?: string | null; readonly name?: string | null }

function isNamed(someone: Named | null, wanted: string): boolean {
  return someone !== null && [someone.externalId, someone.email, someone.name].includes(wanted)
}

/** The fields of the input by the names of `Ticket`. */
const fieldNames: Readonly<Partial<Record<keyof UpdateTicket, string>>> = {
  statusOption: 'status',
  addTags: 'tags',
  removeTags: 'tags',
  customFields: 'custom fields',
  contactReasonCode: 'reason',
  orderId: 'orders',
}
const notFields: ReadonlySet<string> = new Set<keyof UpdateTicket>(['ifUpdatedAt', 'entityId', 'event'])

function fieldsOf(update: UpdateTicket): readonly string[] {
  const given = Object.entries(update).filter(([field, value]) => value != null && !notFields.has(field))
  return [...new Set(given.map(([field]) => fieldNames[field as keyof UpdateTicket] ?? field))]
}
