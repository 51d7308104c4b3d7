import type { Call } from '../domain/call.ts'
import { decodeId, type EntityRef } from '../domain/ids.ts'
import type { TicketAction } from '../domain/ticket.ts'
import { rejected, type UserError, type WriteResult } from '../domain/writes.ts'
import type { TicketSource } from '../sources/source.ts'
import { type ExecuteWrite, refuse } from './idempotent-write.ts'
import { isOfTenant } from './reads.ts'
import type { Sources, TicketPayload, TicketWrites, WriteTarget } from './types.ts'
import { missingText } from './write-input.ts'

type Send = (call: Call) => Promise<WriteResult>
/** How to send to this source; undefined: it cannot do that. */
type Prepare = (source: TicketSource, ref: EntityRef) => Send | undefined

/** The writes of one operation: the ticket's source and its capability first, then the input, then one call. */
export function createTicketWrites(sources: Sources, perform: ExecuteWrite): TicketWrites {
  async function toTicket(
    action: TicketAction,
    target: WriteTarget,
    input: object,
    prepare: Prepare,
    problem: UserError | null = null,
  ): Promise<TicketPayload> {
    const ref = decodeId(target.id)
    const source = ref && findSource(sources, ref)
    if (!ref || !source) return refuse(rejected('NOT_FOUND', 'There is no such ticket.', ['input', 'id']))
    const send = source.info.actions.includes(action) ? prepare(source, ref) : undefined
    if (!send) return refuse(rejected('NOT_SUPPORTED', `${source.info.label} cannot ${verbs[action]} tickets.`))
    if (problem) return refuse(rejected(problem.code, problem.message, problem.field))
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
    update: (to, input) => toTicket('UPDATE', to, input, sending(input, 'updateTicket')),
    reply: (to, input) => toTicket('REPLY', to, input, sending(input, 'replyToTicket'), missingText('body', input.body)),
    escalate: (to, input) => toTicket('ESCALATE', to, input, sending(input, 'escalateTicket')),
    close: (to, input) => toTicket('CLOSE', to, input, sending(input, 'closeTicket')),
    reassign: (to, input) =>
      toTicket('REASSIGN', to, input, sending(input, 'reassignTicket'), missingText('assignee', input.assignee)),
    transfer: (to, input) =>
      toTicket('TRANSFER', to, input, sending(input, 'transferTicket'), missingText('queueId', input.queueId)),
    route: (to) => toTicket('ROUTE', to, {}, (source, ref) => source.routeTicket && ((call) => source.routeTicket!(ref, call))),
  }
}

type Method = 'updateTicket' | 'replyToTicket' | 'escalateTicket' | 'closeTicket' | 'reassignTicket' | 'transferTicket'
type InputOf<M extends Method> = Parameters<NonNullable<TicketSource[M]>>[1]

function sending<M extends Method>(input: InputOf<M>, method: M): Prepare {
  return (source, ref) => {
    const write = source[method] as ((ref: EntityRef, input: InputOf<M>, call: Call) => Promise<WriteResult>) | undefined
    return write && ((call) => write.call(source, ref, input, call))
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
