import { type Call, withoutCache } from '../domain/call.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { decodeId, type EntityRef } from '../domain/ids.ts'
import type { Ticket, TicketAction } from '../domain/ticket.ts'
import {
  type CreateTicket,
  type EscalateTicket,
  notDone,
  type ReassignTicket,
  type ReplyToTicket,
  rejected,
  type TransferTicket,
  type UpdateTicket,
  type UserError,
  type WriteResult,
} from '../domain/writes.ts'
import type { TicketSource } from '../sources/source.ts'
import { checkCreate, checkReassign, checkReply, checkUpdate, findUnsupported, requireText } from './check-input.ts'
import type { ExecuteWrite } from './idempotent-write.ts'
import type { AskedFor } from './recorded-write.ts'
import type { WriteSender } from './send-write.ts'
import { hasTenant } from './ticket-loader.ts'
import type { Sources, TicketPayload, TicketWrites, WriteTarget } from './ticket-service.ts'
import type { ResolveUploads } from './uploads.ts'

type Send = (call: Call) => Promise<WriteResult>

/** A write to an existing ticket. */
interface TargetedWrite<Input extends object> {
  readonly action: TicketAction
  readonly input: Input
  /** How to send it; undefined when the source does not have it. */
  readonly prepareSend: (source: TicketSource, ref: EntityRef) => Send | undefined
  /** What is wrong with the input, beside fields that the source does not take. */
  readonly check?: (source: TicketSource) => readonly UserError[]
  readonly reply?: ReplyToTicket
  /** What the change log tells of the input. */
  readonly asked?: AskedFor
  /** The input as version 0.1 named its fields, where that differs: answers that are stored under its keys are still given. */
  readonly keyedInput?: object
}

interface TicketWritesDeps {
  readonly sender: WriteSender
  readonly resolveUploads: ResolveUploads
}

/** The writes of one operation. Each checks the ticket's id and the source's capability, then the input, then executes. */
export function createTicketWrites(sources: Sources, execute: ExecuteWrite, deps: TicketWritesDeps): TicketWrites {
  const operation: WriteOperation = { sources, execute, ...deps }
  const to = <Input extends object>(target: WriteTarget, write: TargetedWrite<Input>) => writeTo(operation, target, write)
  return {
    create: (input) => create(operation, input),
    update: (target, input) => to(target, toUpdate(input)),
    reply: (target, input) => to(target, toReply(input)),
    escalate: (target, input) => to(target, toEscalation(input)),
    close: (target, input) => to(target, { action: 'CLOSE', input, prepareSend: calling('closeTicket', input) }),
    reopen: (target, input) => to(target, { action: 'REOPEN', input, prepareSend: calling('reopenTicket', input) }),
    reassign: (target, input) => to(target, toReassignment(input)),
    transfer: (target, input) => to(target, toTransfer(input)),
    route: (target) => to(target, { action: 'ROUTE', input: {}, prepareSend: routing }),
  }
}

interface WriteOperation extends TicketWritesDeps {
  readonly sources: Sources
  readonly execute: ExecuteWrite
}

async function create({ sources, execute, sender, resolveUploads }: WriteOperation, input: CreateTicket): Promise<TicketPayload> {
  const source = sources.get(input.source)
  if (!source) return notFound('There is no such source.', 'source')
  const subject = { source, ref: null }
  if (!source.info.canCreate || !source.createTicket) return sender.refuse(subject, [cannot(source, 'CREATE')])
  const problems = checkCreate(source, input)
  if (problems.length > 0) return sender.refuse(subject, problems)
  const attachments = await resolveUploads(source, input.attachments, null)
  if (attachments && 'userErrors' in attachments) return sender.refuse(subject, attachments.userErrors)
  const { idempotencyKey, ...rest } = input
  const send: Send = (call) => source.createTicket!({ ...input, ...(attachments && { attachments }) }, call)
  return execute({ ...subject, action: 'CREATE', input: rest, key: idempotencyKey ?? null, asked: {}, send })
}

async function writeTo<Input extends object>(
  { sources, execute, sender, resolveUploads }: WriteOperation,
  target: WriteTarget,
  write: TargetedWrite<Input>,
): Promise<TicketPayload> {
  const { action, input, prepareSend, check, reply, asked = {}, keyedInput = input } = write
  const ref = decodeId(target.id)
  const source = ref && findSource(sources, ref)
  if (!ref || !source) return notFound('There is no such ticket.', 'id')
  const send = source.info.actions.includes(action) ? prepareSend(source, ref) : undefined
  if (!send) return sender.refuse({ source, ref }, [cannot(source, action)])
  const problems = [...findUnsupported(source.info, action, input), ...(check?.(source) ?? [])]
  if (problems.length > 0) return sender.refuse({ source, ref }, problems)
  const attachments = await resolveUploads(source, reply?.attachments, target.id)
  if (attachments && 'userErrors' in attachments) return sender.refuse({ source, ref }, attachments.userErrors)
  const resolved = attachments && reply ? calling('replyToTicket', { ...reply, attachments })(source, ref) : undefined
  const { idempotencyKey: key } = target
  const sent = { asked, send: resolved ?? send, ...(reply && { reply }) }
  return execute({ source, ref, action, input: { id: target.id, input: keyedInput }, key, ...sent })
}

function toUpdate(input: UpdateTicket): TargetedWrite<UpdateTicket> {
  return { action: 'UPDATE', input, check: () => checkUpdate(input), prepareSend: updating(input), asked: { update: input } }
}

function toReply(input: ReplyToTicket): TargetedWrite<ReplyToTicket> {
  return {
    action: input.visibility === 'INTERNAL' ? 'NOTE' : 'REPLY',
    input,
    check: ({ info }) => checkReply(info, input),
    prepareSend: calling('replyToTicket', input),
    reply: input,
  }
}

function toEscalation(input: EscalateTicket): TargetedWrite<EscalateTicket> {
  return { action: 'ESCALATE', input, prepareSend: calling('escalateTicket', input), asked: { department: input.department } }
}

function toReassignment(input: ReassignTicket): TargetedWrite<ReassignTicket> {
  const prepareSend = calling('reassignTicket', input)
  return { action: 'REASSIGN', input, check: () => checkReassign(input), prepareSend, asked: input }
}

function toTransfer(input: TransferTicket): TargetedWrite<TransferTicket> {
  return {
    action: 'TRANSFER',
    input,
    check: () => requireText('queue', input.queue),
    prepareSend: calling('transferTicket', input),
    asked: input,
    keyedInput: { queueId: input.queue },
  }
}

function routing(source: TicketSource, ref: EntityRef): Send | undefined {
  return source.routeTicket && ((call) => source.routeTicket!(ref, call))
}

type Method =
  | 'updateTicket'
  | 'replyToTicket'
  | 'escalateTicket'
  | 'closeTicket'
  | 'reopenTicket'
  | 'reassignTicket'
  | 'transferTicket'
type InputOf<M extends Method> = Parameters<NonNullable<TicketSource[M]>>[1]

/** Sends by this method of the source, where the source has it. */
function calling<M extends Method>(method: M, input: InputOf<M>): TargetedWrite<InputOf<M>>['prepareSend'] {
  return (source, ref) => {
    const write = source[method] as ((ref: EntityRef, input: InputOf<M>, call: Call) => Promise<WriteResult>) | undefined
    return write && ((call) => write.call(source, ref, input, call))
  }
}

/**
 * The condition `ifUpdatedAt` goes to a source that takes it. For any other source the ticket is read before: best effort, because
 * another change may come between.
 */
function updating({ ifUpdatedAt, ...change }: UpdateTicket): TargetedWrite<UpdateTicket>['prepareSend'] {
  return (source, ref) => {
    const isConditional = ifUpdatedAt && source.info.capabilities.takes.UPDATE?.includes('ifUpdatedAt')
    const send = calling('updateTicket', isConditional ? { ifUpdatedAt, ...change } : change)(source, ref)
    if (!send || !ifUpdatedAt || isConditional) return send
    return async (call) => {
      const before = await readUnchanged(source, ref, ifUpdatedAt, call)
      return 'outcome' in before ? before : { ...(await send(call)), before }
    }
  }
}

/** The time of the latest update costs no call of its own. */
const nothingCostly: ReadonlySet<keyof Ticket> = new Set()

/** The ticket, or why it is not written to. */
async function readUnchanged(
  source: TicketSource,
  ref: EntityRef,
  ifUpdatedAt: string,
  call: Call,
): Promise<Ticket | WriteResult> {
  const [current] = await source.loadTickets([ref], withoutCache(call), nothingCostly)
  if (current instanceof DeskgraphError) return notDone(current)
  if (!current) return rejected('NOT_FOUND', `${source.info.label} does not know this ticket.`, ['input', 'id'])
  if (current.updatedAt === null || current.updatedAt <= ifUpdatedAt) return current
  return rejected('CONFLICT', 'The ticket has changed since you read it.', ['input', 'ifUpdatedAt'])
}

const verbs: Readonly<Record<TicketAction | 'CREATE', string>> = {
  CREATE: 'create tickets',
  UPDATE: 'update tickets',
  REPLY: 'reply to tickets',
  NOTE: 'keep a message internal',
  ESCALATE: 'escalate tickets',
  CLOSE: 'close tickets',
  REOPEN: 'reopen tickets',
  REASSIGN: 'reassign tickets',
  TRANSFER: 'transfer tickets',
  ROUTE: 'route tickets',
}

function cannot({ info }: TicketSource, action: TicketAction | 'CREATE'): UserError {
  const field = action === 'NOTE' ? ['input', 'visibility'] : null
  return { code: 'NOT_SUPPORTED', message: `${info.label} cannot ${verbs[action]}.`, field }
}

/** undefined for an unknown, a hidden and an impossible id alike, so that no answer reveals that a ticket exists. */
function findSource(sources: Sources, ref: EntityRef): TicketSource | undefined {
  const source = sources.get(ref.sourceKey)
  const isItsTicket = source && ref.kind === 'ticket' && hasTenant(source, ref) && source.isExternalId(ref.externalId)
  return isItsTicket ? source : undefined
}

function notFound(message: string, field: string): TicketPayload {
  const userErrors = [{ code: 'NOT_FOUND' as const, message, field: ['input', field] }]
  return { ticket: null, message: null, outcome: 'REJECTED', userErrors }
}
