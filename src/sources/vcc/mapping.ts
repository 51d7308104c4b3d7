import { encodeId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Agent, Customer, Resolution, Ticket, TicketStatus } from '../../domain/ticket.ts'
import { type JsonRecord, toId, toInstantFromEpoch, toInstantFromIso, toText } from '../decode.ts'
import { toUnknownTicket } from '../event-fed-ticket.ts'
import type { Origin } from '../source.ts'
import type { VccEvent } from './decode.ts'
import { isKnownSubStatus, knownSubStatus, mergedFields, type VccState } from './state.ts'

/** The table says integer, the samples send ISO text with an offset: either. */
function toTime(value: unknown): Instant | null {
  return toInstantFromIso(value) ?? toInstantFromEpoch(value)
}

const statuses = ['park', 'closed']

/** The fields of an event whose word is none that VCC Live documents. */
export function findUnknownWords({ fields }: VccEvent): readonly string[] {
  const [status, subStatus] = [toText(fields.status), toText(fields.subStatus)]
  return [
    ...(status !== null && !statuses.includes(status) ? ['status'] : []),
    ...(subStatus !== null && !isKnownSubStatus(subStatus) ? ['subStatus'] : []),
  ]
}

/** The unified status of VCC's pair. A sparse update may come without the status: its sub-status then tells. */
export function toStatus(status: string | null, subStatus: string | null): TicketStatus {
  const outcome = subStatus === 'successful' || subStatus === 'unsuccessful'
  if (status === 'closed' || (status === null && outcome)) return 'CLOSED'
  if (status !== 'park' && status !== null) return 'UNKNOWN'
  if (subStatus === 'waiting4entity') return 'PENDING'
  return status === 'park' || subStatus === 'waiting4agent' ? 'OPEN' : 'UNKNOWN'
}

function toResolution(status: TicketStatus, subStatus: string | null): Resolution | null {
  const isOutcome = subStatus === 'successful' || subStatus === 'unsuccessful'
  return status === 'CLOSED' && isOutcome ? { status: subStatus, reason: null, resolvedAt: null } : null
}

function toAgent(externalId: string | null, name: string | null, { source, tenant }: Origin): Agent | null {
  if (externalId === null) return null
  return { id: encodeId('agent', source.key, tenant, externalId), externalId, name, email: null }
}

/** `agentUserName` is the stable one; a name alone still says who. */
function toAssignee(fields: JsonRecord, origin: Origin): Agent | null {
  const name = toText(fields.agentName)
  return toAgent(toText(fields.agentUserName) ?? name, name, origin)
}

/** A customer record is unique only within its project, which therefore is part of its id. `contactId` stays in raw. */
function toCustomer(fields: JsonRecord, projectId: string, { source, tenant }: Origin): Customer | null {
  const externalId = toId(fields.entityId)
  if (externalId === null) return null
  const id = encodeId('customer', source.key, `${tenant}/${projectId}`, externalId)
  return { id, source, externalId, name: null, firstName: null, lastName: null, email: null, phone: null }
}

/** The ticket that the layers make. `updatedAt`: when the last applied event came; VCC gives no time of its own. */
export function toTicket(
  state: VccState,
  ids: { projectId: string; ticketId: string },
  origin: Origin,
  updatedAt: Instant,
): Ticket {
  const fields = mergedFields(state)
  const subStatus = knownSubStatus(state)
  const sourceStatus = [toText(fields.status), toText(fields.subStatus)].filter((part) => part !== null).join('/')
  const status = toStatus(toText(fields.status), subStatus)
  const firstOpenedAt = toTime(fields.firstOpenTime)
  return {
    ...toUnknownTicket(`${ids.projectId}-${ids.ticketId}`, origin, fields),
    number: toText(fields.ticketNo),
    title: toText(fields.title),
    description: toText(fields.description),
    status,
    sourceStatus: sourceStatus || null,
    type: toText(fields.type),
    queue: toText(fields.projectName),
    assignee: toAssignee(fields, origin),
    createdBy: toAgent(toId(fields.createdUserId), toText(fields.createdUserName), origin),
    updatedBy: toAgent(toId(fields.userId), null, origin),
    customer: toCustomer(fields, ids.projectId, origin),
    resolution: toResolution(status, subStatus),
    dueAt: toTime(fields.softDeadline),
    createdAt: firstOpenedAt,
    firstOpenedAt,
    lastOpenedAt: toTime(fields.lastOpenTime),
    updatedAt,
    deletedAt: state.deletedAt,
  }
}
