import { type JsonRecord, readKey, toId, toRecord } from '../decode.ts'
import { EventProblem } from '../webhook-handler.ts'

// "Ticket Status (Async)", the webhook's documentation: `{action, ticket}`.

export const vccActions = ['add', 'update', 'delete'] as const
export type VccAction = (typeof vccActions)[number]

export interface VccEvent {
  readonly action: VccAction
  readonly projectId: string
  readonly ticketId: string
  /** The fields as sent; an update names only what changed. `substatus`, as the table spells it, is `subStatus` here. */
  readonly fields: JsonRecord
}

function toAction(value: unknown): VccAction {
  const action = vccActions.find((known) => known === value)
  if (!action) throw new EventProblem('`action` is none of add, update and delete.')
  return action
}

function requireId(ticket: JsonRecord, field: string): string {
  const id = toId(ticket[field])
  if (id === null || !/^\d{1,30}$/.test(id)) throw new EventProblem(`\`ticket.${field}\` is not a whole number.`)
  return id
}

/** The samples spell `subStatus`, the table `substatus`: one name from here on. */
function withOneSubStatus(ticket: JsonRecord): JsonRecord {
  const value = readKey(ticket, 'subStatus')
  const others = Object.entries(ticket).filter(([key]) => key.toLowerCase() !== 'substatus')
  return value === undefined ? ticket : Object.fromEntries([...others, ['subStatus', value]])
}

/** Decodes a webhook's body. Throws EventProblem that names the place. */
export function toVccEvent(body: unknown): VccEvent {
  const event = toRecord(body)
  if (!event) throw new EventProblem('The body is not a JSON object.')
  const action = toAction(event.action)
  const ticket = toRecord(event.ticket)
  if (!ticket) throw new EventProblem('`ticket` is not an object.')
  return {
    action,
    projectId: requireId(ticket, 'projectId'),
    ticketId: requireId(ticket, 'ticketId'),
    fields: withOneSubStatus(ticket),
  }
}
