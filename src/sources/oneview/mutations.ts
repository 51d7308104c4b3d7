import type { Call } from '../../domain/call.ts'
import type { EntityRef } from '../../domain/ids.ts'
import {
  applied,
  appliedUnseen,
  type CloseTicket,
  type EscalateTicket,
  type ReassignTicket,
  rejected,
  type TransferTicket,
  type WriteResult,
} from '../../domain/writes.ts'
import type { Answer } from '../http-client/types.ts'
import { toWriteResult } from '../write-result.ts'
import { type OneView, toPath } from './context.ts'
import { toOneViewTicket } from './decode.ts'
import { isExternalId } from './external-id.ts'

export interface TicketWrite {
  readonly operation: string
  readonly method: 'POST' | 'PATCH'
  /** The configured path, with {id}. */
  readonly path: string
  /** What is absent or null is left out. */
  readonly body: Readonly<Record<string, string | null | undefined>>
  /** The one field that a 400 is most likely about; null where there are several. */
  readonly field: readonly string[] | null
}

/** Sends one change of one ticket. Every change answers with the ticket, or with nothing. */
export async function writeTicket(oneView: OneView, ref: EntityRef, write: TicketWrite, call: Call): Promise<WriteResult> {
  const { info, upstream } = oneView
  if (!isExternalId(ref.externalId)) return rejected('NOT_FOUND', `${info.label} does not know this ticket.`)
  const { operation, method, field } = write
  const body = Object.fromEntries(Object.entries(write.body).filter(([, value]) => value !== null && value !== undefined))
  const written = await upstream.write({ operation, method, path: toPath(write.path, ref.externalId), body }, call)
  const toApplied = (answer: Answer) => {
    const wire = toOneViewTicket(answer.body)
    return wire?.id === ref.externalId ? applied(oneView.toTicket(wire, oneView.origin())) : appliedUnseen(ref)
  }
  return toWriteResult(written, { source: info, ref, toApplied, toField: () => field })
}

/** With a department: v2 [documented]; without one: v1 [inferred from TicketEscalateParam]. */
export async function escalateTicket(oneView: OneView, ref: EntityRef, input: EscalateTicket, call: Call): Promise<WriteResult> {
  const { info, config } = oneView
  const { statusReason, resolutionReason } = input
  const department = input.department || null
  const field = ['input', 'department']
  if (department !== null) {
    if (!config.capabilities.escalateV2)
      return rejected('NOT_SUPPORTED', `${info.label} does not escalate to a department.`, field)
    const body = { statusReason, resolutionReason, department }
    return writeTicket(
      oneView,
      ref,
      { operation: 'escalateV2', method: 'POST', path: config.paths.escalateV2, body, field },
      call,
    )
  }
  if (!config.capabilities.escalateV1) return rejected('REQUIRED', `${info.label} escalates to a department only.`, field)
  const body = { statusReason, resolutionReason }
  return writeTicket(
    oneView,
    ref,
    { operation: 'escalateV1', method: 'POST', path: config.paths.escalateV1, body, field: null },
    call,
  )
}

export function closeTicket(oneView: OneView, ref: EntityRef, input: CloseTicket, call: Call): Promise<WriteResult> {
  const { statusReason, resolutionStatus, resolutionReason } = input
  const write = {
    operation: 'close',
    method: 'POST',
    path: oneView.config.paths.close,
    body: { statusReason, resolutionStatus, resolutionReason },
    // The others are free text; the status is one of a list that the server decides.
    field: resolutionStatus ? ['input', 'resolutionStatus'] : null,
  } as const
  return writeTicket(oneView, ref, write, call)
}

export async function reassignTicket(oneView: OneView, ref: EntityRef, input: ReassignTicket, call: Call): Promise<WriteResult> {
  const { reason, assignee } = input
  const field = ['input', 'assignee']
  if (assignee.trim() === '') return rejected('REQUIRED', 'Name the agent who takes over.', field)
  const path = oneView.config.paths.reassign
  return writeTicket(oneView, ref, { operation: 'reassign', method: 'POST', path, body: { reason, assignee }, field }, call)
}

export async function transferTicket(oneView: OneView, ref: EntityRef, input: TransferTicket, call: Call): Promise<WriteResult> {
  const { queueId } = input
  const field = ['input', 'queueId']
  if (queueId.trim() === '') return rejected('REQUIRED', 'Name the queue by its id.', field)
  const path = oneView.config.paths.transfer
  return writeTicket(oneView, ref, { operation: 'transfer', method: 'POST', path, body: { queueId }, field }, call)
}
