import { encodeId } from '../../domain/ids.ts'
import type { Instant } from '../../domain/instant.ts'
import type { Agent, Customer, Resolution, SlaTarget, Ticket, TicketStatus } from '../../domain/ticket.ts'
import { type JsonRecord, toId, toInstantFromEpoch, toInstantFromIso, toText } from '../decode.ts'
import { createTicket } from '../mapped-ticket.ts'
import type { Origin } from '../source.ts'
import type { vccTable } from './capabilities.ts'
import type { VccEvent } from './decode.ts'
import { findKnownSubStatus, mergedFields, type VccState } from './state.ts'
import { isKnownStatus, isKnownSubStatus, isOutcome, joinStatus, statuses } from './statuses.ts'

/** The fields of an event whose value VCC Live does not document; a metric counts them. */
export function findUnknownFields({ fields }: VccEvent): readonly string[] {
  const [status, subStatus] = [toText(fields.status), toText(fields.subStatus)]
  return [
    ...(status !== null && !isKnownStatus(status) ? ['status'] : []),
    ...(subStatus !== null && !isKnownSubStatus(subStatus) ? ['subStatus'] : []),
  ]
}

/** The unified status of VCC's `status` and the last documented `subStatus` (VCC-09). */
export function toStatus(status: string | null, subStatus: string | null): TicketStatus {
  return statuses.toValue(joinStatus(status, subStatus) ?? '')
}

function toResolution(status: TicketStatus, subStatus: string | null): Resolution | null {
  return status === 'CLOSED' && isOutcome(subStatus) ? { status: subStatus, reason: null, resolvedAt: null } : null
}

function toAgent(externalId: string | null, name: string | null, { source, tenant }: Origin): Agent | null {
  if (externalId === null) return null
  return { id: encodeId('agent', source.key, tenant, externalId), externalId, name, email: null }
}

/** `agentUserName` is the stable id (VCC-07); without it the display name identifies the agent. */
function toAssignee(fields: JsonRecord, origin: Origin): Agent | null {
  const name = toText(fields.agentName)
  return toAgent(toText(fields.agentUserName) ?? name, name, origin)
}

/** `entityId` is unique only within its project, so the project is part of the global id. `contactId` stays in raw (VCC-07). */
function toCustomer(fields: JsonRecord, projectId: string, { source, tenant }: Origin): Customer | null {
  const externalId = toId(fields.entityId)
  if (externalId === null) return null
  const id = encodeId('customer', source.key, `${tenant}/${projectId}`, externalId)
  return { id, externalId, name: null, firstName: null, lastName: null, email: null, phone: null }
}

/** The unified ticket. `updatedAt` is when the last applied event arrived, because VCC Live sends no time of its own (DECISION-25). */
export function toTicket(
  state: VccState,
  ids: { projectId: string; ticketId: string },
  origin: Origin,
  updatedAt: Instant,
): Ticket {
  const fields = mergedFields(state)
  const subStatus = findKnownSubStatus(state)
  const status = toStatus(toText(fields.status), subStatus)
  const firstOpenedAt = toTime(fields.firstOpenTime)
  const softDeadline = toTime(fields.softDeadline)
  return createTicket<typeof vccTable>(`${ids.projectId}-${ids.ticketId}`, origin, fields, {
    number: toText(fields.ticketNo),
    title: toText(fields.title),
    description: toText(fields.description),
    status,
    sourceStatus: joinStatus(toText(fields.status), toText(fields.subStatus)),
    type: toText(fields.type),
    queue: toText(fields.projectName),
    assignee: toAssignee(fields, origin),
    createdBy: toAgent(toId(fields.createdUserId), toText(fields.createdUserName), origin),
    updatedBy: toAgent(toId(fields.userId), null, origin),
    customer: toCustomer(fields, ids.projectId, origin),
    resolution: toResolution(status, subStatus),
    slaTargets: softDeadline === null ? null : [toSlaTarget(softDeadline)],
    dueAt: softDeadline,
    createdAt: firstOpenedAt,
    firstOpenedAt,
    lastOpenedAt: toTime(fields.lastOpenTime),
    updatedAt,
    deletedAt: state.deletedAt,
  })
}

/** VCC Live tells neither what the deadline is for nor whether it was kept. */
function toSlaTarget(dueAt: Instant): SlaTarget {
  return { name: 'Soft deadline', kind: 'OTHER', dueAt, breached: null, paused: null, completedAt: null }
}

/** ISO text with an offset, as the samples have it, or epoch seconds, as the table says (VCC-05). */
function toTime(value: unknown): Instant | null {
  return toInstantFromIso(value) ?? toInstantFromEpoch(value)
}
