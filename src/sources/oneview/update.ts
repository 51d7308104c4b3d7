import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import { type OneViewUpdateEvent, rejected, type UpdateTicket, type WriteResult } from '../../domain/writes.ts'
import type { OneView } from './context.ts'
import { isExternalId } from './external-id.ts'
import { toTicketEntity } from './mapping.ts'
import { type TicketWrite, writeTicket } from './mutations.ts'
import { readWireTicket } from './queries.ts'

/** The vendor's TicketUpdateType without parameters. */
const eventTypes: Readonly<Record<OneViewUpdateEvent, string>> = {
  CHAT_RESPONSE_TIME: 'UPDATE_CHAT_RESPONSE_TIME',
  PICKED_TIME: 'UPDATE_PICKED_TIME',
  CLOSE_CHAT_ROOM: 'CLOSE_CHAT_ROOM',
}
const foreign = ['title', 'description', 'priority', 'category', 'status', 'tags'] as const

/** TicketUpdateParam: one kind of update per call, and nothing is sent unless it is exactly one. */
export async function updateTicket(oneView: OneView, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const { label } = oneView.info
  const unwanted = foreign.find((field) => (input[field] ?? null) !== null)
  if (unwanted) return rejected('NOT_SUPPORTED', `${label} cannot change this.`, ['input', unwanted])
  const { contactReasonCode: ccr = null, orderId = null, event = null } = input
  const kinds = [ccr, orderId, event].filter((kind) => kind !== null).length
  if (kinds !== 1) return rejected('INVALID', `${label} takes one of contactReasonCode, orderId and event at a time.`, ['input'])
  if (event !== null) return send(oneView, ref, { type: eventTypes[event] }, ['input', 'event'], call)
  if (orderId !== null) return updateOrder(oneView, ref, orderId, input.entityId || null, call)
  if (ccr === null || ccr.trim() === '')
    return rejected('REQUIRED', 'Name the contact reason by its code.', ['input', 'contactReasonCode'])
  return send(oneView, ref, { type: 'UPDATE_CCR', ccr }, ['input', 'contactReasonCode'], call)
}

/** An order needs its entity: the one named, else the ticket's own. '' as the order removes it. */
async function updateOrder(
  oneView: OneView,
  ref: EntityRef,
  orderId: string,
  named: string | null,
  call: Call,
): Promise<WriteResult> {
  const { info, config } = oneView
  if (!isExternalId(ref.externalId)) return rejected('NOT_FOUND', `${info.label} does not know this ticket.`)
  const canLook = named === null && config.capabilities.ticket
  const ticket = canLook ? await readWireTicket(oneView, ref.externalId, call) : null
  if (canLook && ticket === null) return rejected('NOT_FOUND', `${info.label} does not know this ticket.`)
  const geid = named ?? (ticket && toTicketEntity(ticket))
  if (geid === null)
    return rejected('REQUIRED', 'The ticket names no entity: say which one the order belongs to.', ['input', 'entityId'])
  return send(oneView, ref, { type: 'UPDATE_ORDER_ID', orderId, geid }, ['input', 'orderId'], call)
}

function send(oneView: OneView, ref: EntityRef, body: TicketWrite['body'], field: string[], call: Call): Promise<WriteResult> {
  return writeTicket(oneView, ref, { operation: 'update', method: 'PATCH', path: oneView.config.paths.update, body, field }, call)
}
