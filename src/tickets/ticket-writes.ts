import type { Call } from '../domain/call.ts'
import { decodeId, type EntityRef } from '../domain/ids.ts'
import type { TicketAction } from '../domain/ticket.ts'
import type { ReplyToTicket, UserError, WriteResult } from '../domain/writes.ts'
import type { TicketSource } from '../sources/source.ts'
import type { ExecuteWrite } from './idempotent-write.ts'
import type { WriteSender } from './send-write.ts'
import { hasTenant } from './ticket-loader.ts'
import type { Sources, TicketPayload, TicketWrites, WriteTarget } from './ticket-service.ts'

type Send = (call: Call) => Promise<WriteResult>
/** How to send a write to this source; undefined when the source does not support it. */
type PrepareSend = (source: TicketSource, ref: EntityRef) => Send | undefined

/** The writes of one operation. Each checks the ticket's id and the source's capability, then the input, then executes. */
export function createTicketWrites(sources: Sources, execute: ExecuteWrite, { refuse }: WriteSender): TicketWrites {
  async function writeTo(
    target: WriteTarget,
    action: TicketAction,
    input: object,
    prepareSend: PrepareSend,
    { problem = null, reply }: { readonly problem?: UserError | null; readonly reply?: ReplyToTicket } = {},
  ): Promise<TicketPayload> {
    const ref = decodeId(target.id)
    const source = ref && findSource(sources, ref)
    if (!ref || !source) return notFound('There is no such ticket.', 'id')
    const send = source.info.actions.includes(action) ? prepareSend(source, ref) : undefined
    if (!send) return refuse({ source, ref }, [notSupported(`${source.info.label} cannot ${verbs[action]} tickets.`)])
    if (problem) return refuse({ source, ref }, [problem])
    const write = { source, ref, action, input: { id: target.id, input }, key: target.idempotencyKey, send }
    return execute(reply ? { ...write, reply } : write)
  }

  return {
    async create(input) {
      const source = sources.get(input.source)
      if (!source) return notFound('There is no such source.', 'source')
      if (!source.info.canCreate || !source.createTicket) {
        return refuse({ source, ref: null }, [notSupported(`${source.info.label} cannot create tickets.`)])
      }
      const { idempotencyKey, ...rest } = input
      const send: Send = (call) => source.createTicket!(input, call)
      return execute({ source, ref: null, action: 'CREATE', input: rest, key: idempotencyKey ?? null, send })
    },
    update: (to, input) => writeTo(to, 'UPDATE', input, calling('updateTicket', input)),
    reply: (to, input) =>
      writeTo(to, 'REPLY', input, calling('replyToTicket', input), { problem: requireText('body', input.body), reply: input }),
    escalate: (to, input) => writeTo(to, 'ESCALATE', input, calling('escalateTicket', input)),
    close: (to, input) => writeTo(to, 'CLOSE', input, calling('closeTicket', input)),
    reassign: (to, input) =>
      writeTo(to, 'REASSIGN', input, calling('reassignTicket', input), { problem: requireText('assignee', input.assignee) }),
    transfer: (to, input) =>
      writeTo(to, 'TRANSFER', input, calling('transferTicket', input), { problem: requireText('queueId', input.queueId) }),
    route: (to) => writeTo(to, 'ROUTE', {}, (source, ref) => source.routeTicket && ((call) => source.routeTicket!(ref, call))),
  }
}

type Method = 'updateTicket' | 'replyToTicket' | 'escalateTicket' | 'closeTicket' | 'reassignTicket' | 'transferTicket'
type InputOf<M extends Method> = Parameters<NonNullable<TicketSource[M]>>[1]

/** Sends by this method of the source, where the source has it. */
function calling<M extends Method>(method: M, input: InputOf<M>): PrepareSend {
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

/** undefined for an unknown, a hidden and an impossible id alike, so that no answer reveals that a ticket exists. */
function findSource(sources: Sources, ref: EntityRef): TicketSource | undefined {
  const source = sources.get(ref.sourceKey)
  const isItsTicket = source && ref.kind === 'ticket' && hasTenant(source, ref) && source.isExternalId(ref.externalId)
  return isItsTicket ? source : undefined
}

function notFound(message: string, field: string): TicketPayload {
  return {
    ticket: null,
    message: null,
    outcome: 'REJECTED',
    userErrors: [{ code: 'NOT_FOUND', message, field: ['input', field] }],
  }
}

function notSupported(message: string): UserError {
  return { code: 'NOT_SUPPORTED', message, field: null }
}

/** The user error when a required text is empty or blank; else null. */
function requireText(name: string, text: string): UserError | null {
  if (text.trim() !== '') return null
  return { code: 'REQUIRED', message: `\`${name}\` must not be empty.`, field: ['input', name] }
}
