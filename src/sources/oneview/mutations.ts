import type { Call } from '../../domain/call.ts'
import { type EntityRef, isExternalId } from '../../domain/ids.ts'
import {
  applied,
  appliedUnseen,
  type CloseTicket,
  type ConversationEvent,
  type EscalateTicket,
  notDone,
  type ReassignTicket,
  rejected,
  type TransferTicket,
  type UpdateTicket,
  type WriteResult,
} from '../../domain/writes.ts'
import type { Answer } from '../http-client/types.ts'
import { fillPath, toWriteResult } from '../vendor-api.ts'
import { toOneViewTicket } from './decode.ts'
import type { OneView } from './index.ts'
import { toTicketEntity } from './mapping.ts'
import { readWireTicket } from './queries.ts'

interface TicketWrite {
  /** The operation's name in metrics. */
  readonly operation: string
  readonly method: 'POST' | 'PATCH'
  /** The configured path, with `{id}`. */
  readonly path: string
  /** Absent and null fields are not sent. */
  readonly body: Readonly<Record<string, string | null | undefined>>
  /** The input field that a 400 is most likely about; null: several are possible. */
  readonly field: readonly string[] | null
}

/** Sends one change of one ticket. OneView answers with the ticket, or without a body: the ticket is then read again. */
async function write(oneView: OneView, ref: EntityRef, { operation, method, field, ...request }: TicketWrite, call: Call) {
  const { info, upstream } = oneView
  if (!isExternalId(ref.externalId)) return rejected('NOT_FOUND', `${info.label} does not know this ticket.`)
  const path = fillPath(request.path, ref.externalId)
  const body = Object.fromEntries(Object.entries(request.body).filter(([, value]) => (value ?? null) !== null))
  const written = await upstream.write({ operation, method, path, body }, call)
  const toApplied = (answer: Answer): WriteResult => {
    const wire = toOneViewTicket(answer.body)
    return wire?.id === ref.externalId ? applied(oneView.toTicket(wire, oneView.origin(), false)) : appliedUnseen(ref)
  }
  return toWriteResult(written, { source: info, ref, toApplied, toField: () => field })
}

/** With a department: v2, which is documented. Without: v1, which is inferred from `TicketEscalateParam`. */
export async function escalateTicket(oneView: OneView, ref: EntityRef, input: EscalateTicket, call: Call): Promise<WriteResult> {
  const { info, config } = oneView
  const { capabilities, paths } = config
  const { statusReason, resolutionReason } = input
  const department = input.department || null
  const field = ['input', 'department']
  if (department === null) {
    if (!capabilities.escalateV1) return rejected('REQUIRED', `${info.label} escalates to a department only.`, field)
    const body = { statusReason, resolutionReason }
    return write(oneView, ref, { operation: 'escalateV1', method: 'POST', path: paths.escalateV1, body, field: null }, call)
  }
  if (!capabilities.escalateV2) return rejected('NOT_SUPPORTED', `${info.label} does not escalate to a department.`, field)
  const body = { statusReason, resolutionReason, department }
  return write(oneView, ref, { operation: 'escalateV2', method: 'POST', path: paths.escalateV2, body, field }, call)
}

/** `TicketCloseParam`. A 400 is about the status, which the server takes from a list; the reasons are free text. */
export function closeTicket(oneView: OneView, ref: EntityRef, input: CloseTicket, call: Call): Promise<WriteResult> {
  const { statusReason, resolutionStatus, resolutionReason } = input
  const body = { statusReason, resolutionStatus, resolutionReason }
  const field = resolutionStatus ? ['input', 'resolutionStatus'] : null
  return write(oneView, ref, { operation: 'close', method: 'POST', path: oneView.config.paths.close, body, field }, call)
}

/** `TicketReassignParam`. */
export async function reassignTicket(oneView: OneView, ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult> {
  const { reason, assignee } = input
  const field = ['input', 'assignee']
  if (!assignee?.trim()) return rejected('REQUIRED', 'Name the agent who takes over.', field)
  const path = oneView.config.paths.reassign
  return write(oneView, ref, { operation: 'reassign', method: 'POST', path, body: { reason, assignee }, field }, call)
}

/** `TicketTransferParam`. */
export async function transferTicket(oneView: OneView, ref: EntityRef, input: TransferTicket, call: Call): Promise<WriteResult> {
  const { queue: queueId } = input
  const field = ['input', 'queue']
  if (queueId.trim() === '') return rejected('REQUIRED', 'Name the queue by its key.', field)
  const path = oneView.config.paths.transfer
  return write(oneView, ref, { operation: 'transfer', method: 'POST', path, body: { queueId }, field }, call)
}

/** The vendor's values of `TicketUpdateType` that take no parameters. */
const eventTypes: Readonly<Record<ConversationEvent, string>> = {
  CHAT_RESPONSE_TIME: 'UPDATE_CHAT_RESPONSE_TIME',
  PICKED_TIME: 'UPDATE_PICKED_TIME',
  CLOSE_CHAT_ROOM: 'CLOSE_CHAT_ROOM',
}

/** `TicketUpdateParam`. One call makes one kind of change: an input with none or several is refused and not sent. */
export async function updateTicket(oneView: OneView, ref: EntityRef, input: UpdateTicket, call: Call): Promise<WriteResult> {
  const { label } = oneView.info
  const { contactReasonCode: ccr = null, orderId = null, event = null } = input
  const kinds = [ccr, orderId, event].filter((kind) => kind !== null).length
  if (kinds !== 1) return rejected('INVALID', `${label} takes one of contactReasonCode, orderId and event at a time.`, ['input'])
  if (event !== null) return writeUpdate(oneView, ref, { type: eventTypes[event] }, ['input', 'event'], call)
  if (orderId !== null) return updateOrder(oneView, ref, orderId, input.entityId || null, call)
  const field = ['input', 'contactReasonCode']
  if (ccr === null || ccr.trim() === '') return rejected('REQUIRED', 'Name the contact reason by its code.', field)
  return writeUpdate(oneView, ref, { type: 'UPDATE_CCR', ccr }, field, call)
}

/** An order needs its entity: the named one, else that of the ticket, which is read for it. The order '' removes the order. */
async function updateOrder(
  oneView: OneView,
  ref: EntityRef,
  orderId: string,
  namedEntity: string | null,
  call: Call,
): Promise<WriteResult> {
  const { info, config } = oneView
  const notFound = rejected('NOT_FOUND', `${info.label} does not know this ticket.`)
  if (!isExternalId(ref.externalId)) return notFound
  let entity = namedEntity
  if (entity === null && config.capabilities.ticket) {
    const ticket = await readWireTicket(oneView, ref.externalId, call).catch(notDone)
    if (ticket === null) return notFound
    if ('outcome' in ticket) return ticket
    entity = toTicketEntity(ticket)
  }
  if (entity === null)
    return rejected('REQUIRED', 'The ticket names no entity: say which one the order belongs to.', ['input', 'entityId'])
  return writeUpdate(oneView, ref, { type: 'UPDATE_ORDER_ID', orderId, geid: entity }, ['input', 'orderId'], call)
}

function writeUpdate(oneView: OneView, ref: EntityRef, body: TicketWrite['body'], field: readonly string[], call: Call) {
  return write(oneView, ref, { operation: 'update', method: 'PATCH', path: oneView.config.paths.update, body, field }, call)
}
