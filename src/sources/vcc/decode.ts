import { type JsonRecord, readKey, toId, toRecord } from '../decode.ts'
import { EventProblem } from '../webhook-handler.ts'

const vccActions = ['add', 'update', 'delete'] as const

/** An event of VCC Live's "Ticket Status (Async)" webhook, whose body is `{action, ticket}`. */
export interface VccEvent {
  readonly action: (typeof vccActions)[number]
  readonly projectId: string
  readonly ticketId: string
  /** The fields as sent; an update has only the changed ones. The sub-status is always under `subStatus`. */
  readonly fields: JsonRecord
}

/** Decodes a webhook's body. Throws EventProblem that names the faulty field. */
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
    fields: unifySubStatusKey(ticket),
  }
}

function toAction(value: unknown): VccEvent['action'] {
  const action = vccActions.find((known) => known === value)
  if (!action) throw new EventProblem('`action` is none of add, update and delete.')
  return action
}

function requireId(ticket: JsonRecord, field: string): string {
  const id = toId(ticket[field])
  if (id === null || !/^\d{1,30}$/.test(id)) throw new EventProblem(`\`ticket.${field}\` is not a whole number.`)
  return id
}

/** The documented samples spell the key `subStatus`, the documented table `substatus` (VCC-03). */
function unifySubStatusKey(ticket: JsonRecord): JsonRecord {
  const value = readKey(ticket, 'subStatus')
  const others = Object.entries(ticket).filter(([key]) => key.toLowerCase() !== 'substatus')
  return value === undefined ? ticket : Object.fromEntries([...others, ['subStatus', value]])
}
