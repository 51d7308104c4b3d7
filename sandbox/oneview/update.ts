import type { Reply, SimulatorRequest } from '../simulator.ts'
import { toEpochSeconds } from '../times.ts'
import { findReason } from './contact-reason-tree.ts'
import { refuse } from './failures.ts'
import type { OneViewState } from './state.ts'
import type { OneViewTicket } from './wire.ts'

type Body = Readonly<Record<string, unknown>>
type Update = (body: Body, ticket: OneViewTicket) => Partial<OneViewTicket> | null

/** What each `TicketUpdateType` does; null: a parameter that it requires is missing or not known. */
const updates: Readonly<Record<string, Update>> = {
  UPDATE_CCR(body, ticket) {
    const reason = findReason(String(body.ccr ?? ''))
    if (!reason) return null
    const localCcr = reason.local[ticket.metadata?.language ?? ''] ?? reason.label
    return { metadata: { ...ticket.metadata, ccr: reason.label, localCcr } }
  },
  UPDATE_ORDER_ID(body, ticket) {
    if (typeof body.geid !== 'string' || body.geid === '' || typeof body.orderId !== 'string') return null
    const { orderId: _, ...rest } = ticket.metadata ?? {}
    return { metadata: { ...rest, entityId: body.geid, ...(body.orderId === '' ? {} : { orderId: body.orderId }) } }
  },
  UPDATE_CHAT_RESPONSE_TIME: (_, ticket) => ({ content: { ...ticket.content, chatResponseTime: toEpochSeconds(Date.now()) } }),
  UPDATE_PICKED_TIME: (_, ticket) => ({ content: { ...ticket.content, pickedTime: toEpochSeconds(Date.now()) } }),
  CLOSE_CHAT_ROOM: (_, ticket) => ({ content: { ...ticket.content, chatRoomClosed: true } }),
}

/** `PATCH`: leaves the status alone, so `UpdatedAt` stays. */
export function updateTicket(state: OneViewState, request: SimulatorRequest): Reply {
  const ticket = state.find(request.params[0] ?? '')
  if (!ticket) return refuse(404)
  const body = request.json()
  const update = typeof body.type === 'string' && Object.hasOwn(updates, body.type) ? updates[body.type] : undefined
  const changes = update?.(body, ticket) ?? null
  if (!changes) return refuse(400)
  if (ticket.status === 'CLOSED') return refuse(409)
  return { status: 200, body: state.change(ticket, changes, null) }
}
