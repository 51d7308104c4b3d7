import type { Call } from '../domain/call.ts'
import { decodeId, type EntityRef } from '../domain/ids.ts'
import type { TicketSource } from '../domain/source.ts'
import type { TicketAction } from '../domain/ticket.ts'
import { rejected, type UserError, type WriteResult } from '../domain/writes.ts'
import { isOfTenant } from './reads.ts'
import type { Sources, TicketPayload, TicketWrites, WriteTarget } from './types.ts'
import { missingText } from './write-input.ts'
import { type PerformWrite, refuse } from './write-once.ts'

type Send = (call: Call) => Promise<WriteResult>

/** The writes of one operation: the ticket's source and its capability first, then the input, then one call. */
export function createTicketWrites(sources: Sources, perform: PerformWrite): TicketWrites {
  function toTicket(
    action: TicketAction,
    target: WriteTarget,
    input: object,
    problem: UserError | null,
    prepare: (source: TicketSource, ref: EntityRef) => Send | undefined,
  ): Promise<TicketPayload> {
    const ref = decodeId(target.id)
    const source = ref && findSource(sources, ref)
    if (!ref || !source) return refuse(rejected('NOT_FOUND', 'There is no such ticket.', ['input', 'id']))
    const send = source.info.actions.includes(action) ? prepare(source, ref) : undefined
    if (!send) return refuse(rejected('NOT_SUPPORTED', `${source.info.label} cannot ${verbs[action]} tickets.`))
    if (problem) return refuse({ ...rejected(problem.code, problem.message, problem.field) })
    return perform({ source, ref, action, input: { id: target.id, input }, key: target.idempotencyKey, send })
  }

  return {
    async create(input) {
      const source = sources.get(input.source)
      if (!source) return refuse(rejected('NOT_FOUND', 'There is no such source.', ['input', 'source']))
      if (!source.info.canCreate || !source.createTicket) {
        return refuse(rejected('NOT_SUPPORTED', `${source.info.label} cannot create tickets.`))
      }
      const { idempotencyKey, ...rest } = input
      const send: Send = (call) => source.createTicket!(input, call)
      return perform({ source, ref: null, action: 'CREATE', input: rest, key: idempotencyKey ?? null, send })
    },
    update: async (target, input) =>
      toTicket(
        'UPDATE',
        target,
        input,
        null,
        (source, ref) => source.updateTicket && ((call) => source.updateTicket!(ref, input, call)),
      ),
    reply: async (target, input) =>
      toTicket(
        'REPLY',
        target,
        input,
        missingText('body', input.body),
        (source, ref) => source.replyToTicket && ((call) => source.replyToTicket!(ref, input, call)),
      ),
    escalate: async (target, input) =>
      toTicket(
        'ESCALATE',
        target,
        input,
        null,
        (source, ref) => source.escalateTicket && ((call) => source.escalateTicket!(ref, input, call)),
      ),
    close: async (target, input) =>
      toTicket(
        'CLOSE',
        target,
        input,
        null,
        (source, ref) => source.closeTicket && ((call) => source.closeTicket!(ref, input, call)),
      ),
    reassign: async (target, input) =>
      toTicket(
        'REASSIGN',
        target,
        input,
        missingText('assignee', input.assignee),
        (source, ref) => source.reassignTicket && ((call) => source.reassignTicket!(ref, input, call)),
      ),
    transfer: async (target, input) =>
      toTicket(
        'TRANSFER',
        target,
        input,
        missingText('queueId', input.queueId),
        (source, ref) => source.transferTicket && ((call) => source.transferTicket!(ref, input, call)),
      ),
    route: async (target) =>
      toTicket('ROUTE', target, {}, null, (source, ref) => source.routeTicket && ((call) => source.routeTicket!(ref, call))),
  }
}

const verbs: Readonly<Record<TicketAction, string>> = {
  UPDATE: 'update',
  REPLY: 'reply to',
  ESCALATE: 'escalate',
  CLOSE: 'close',
  REASSIGN: 'reassign',
  TRANSFER: 'transfer',
  ROUTE: 'route',
}

/** Unknown, hidden and impossible ids look the same: there is no such ticket. */
function findSource(sources: Sources, ref: EntityRef): TicketSource | undefined {
  const source = sources.get(ref.sourceKey)
  const isIts = source && ref.kind === 'ticket' && isOfTenant(source, ref) && source.isExternalId(ref.externalId)
  return isIts ? source : undefined
}
