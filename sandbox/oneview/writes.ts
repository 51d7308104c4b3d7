import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { refuse } from './failures.ts'
import { departments, queues, resolutionStatuses } from './lookups.ts'
import type { OneViewState } from './state.ts'
import { updateTicket } from './update.ts'
import type { OneViewTicket } from './wire.ts'

type Body = Readonly<Record<string, unknown>>
/** What a write changes, or the status of its refusal. */
type Change = Partial<OneViewTicket> | number

export function writeRoutes(state: OneViewState): Route[] {
  const write = (operation: string, path: string, toChange: (body: Body, ticket: OneViewTicket) => Change): Route => ({
    method: 'POST',
    path: new RegExp(`^/ticket-detail/${path}$`),
    operation,
    handle: (request) => apply(state, request, toChange),
  })
  return [
    write('escalateV2', 'v2/tickets/([^/]+)/escalate', escalateV2),
    write('escalate', 'v1/tickets/([^/]+)/escalate', escalate),
    write('close', 'v1/tickets/([^/]+)/close', closeTicket),
    write('reassign', 'v1/tickets/([^/]+)/reassign', reassign),
    write('transfer', 'v1/tickets/([^/]+)/transfer', transfer),
    {
      method: 'PATCH',
      path: /^\/ticket-detail\/v1\/tickets\/([^/]+)$/,
      operation: 'update',
      handle: (request) => updateTicket(state, request),
    },
  ]
}

function apply(state: OneViewState, request: SimulatorRequest, toChange: (body: Body, ticket: OneViewTicket) => Change): Reply {
  const ticket = state.find(request.params[0] ?? '')
  if (!ticket) return refuse(404)
  const change = toChange(request.json(), ticket)
  if (typeof change === 'number') return refuse(change)
  if (ticket.status === 'CLOSED') return refuse(409)
  return { status: 200, body: state.change(ticket, change, Date.now()) }
}

function escalateV2(body: Body, ticket: OneViewTicket): Change {
  if (!departments.some(({ id }) => id === body.department)) return 400
  return { ...escalate(body, ticket), content: { ...ticket.content, ...toResolution(body), department: body.department } }
}

function escalate(body: Body, ticket: OneViewTicket): Partial<OneViewTicket> {
  return { status: 'ESCALATED', ...toStatusReason(body), content: { ...ticket.content, ...toResolution(body) } }
}

function closeTicket(body: Body, ticket: OneViewTicket): Change {
  const { resolutionStatus } = body
  if (resolutionStatus !== undefined && !resolutionStatuses.some((known) => known === resolutionStatus)) return 400
  const resolution = { ...toResolution(body), ...(resolutionStatus === undefined ? {} : { resolutionStatus }) }
  return { status: 'CLOSED', ...toStatusReason(body), content: { ...ticket.content, ...resolution } }
}

function reassign(body: Body): Change {
  if (typeof body.assignee !== 'string' || body.assignee === '') return 400
  return {
    status: 'ASSIGNED',
    Assignee: body.assignee,
    statusReason: typeof body.reason === 'string' ? body.reason : 'reassigned',
  }
}

/** `chat-eng-sg` in the list of queues is `chat-sg-en` in a ticket. */
function transfer(body: Body): Change {
  const queue = queues.find(({ id }) => id === body.queueId)
  if (!queue) return 400
  const [channel, language, country] = queue.name.split('-')
  return {
    status: 'ASSIGNED',
    Assignee: null,
    queue: `${channel}-${country}-${language?.slice(0, 2)}`,
    statusReason: 'transferred',
  }
}

function toStatusReason({ statusReason }: Body): Partial<OneViewTicket> {
  return typeof statusReason === 'string' ? { statusReason } : {}
}

function toResolution({ resolutionReason }: Body): Record<string, unknown> {
  return typeof resolutionReason === 'string' ? { resolutionReason } : {}
}
