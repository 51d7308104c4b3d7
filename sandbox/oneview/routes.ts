import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { toEpochSeconds } from '../times.ts'
import { findReason, searchReasons, toTiers } from './contact-reasons.ts'
import { departments, queues, resolutionStatuses } from './fixtures.ts'
import type { OneViewState } from './state.ts'
import type { OneViewTicket } from './wire.ts'

const maxPageSize = 100

/** The list of tickets and the ticket by id. */
export function readRoutes(state: OneViewState): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/ticket-detail\/v1\/tickets$/,
      operation: 'list',
      handle({ query }) {
        const page = Number(query.get('page') ?? 1)
        const asked = Number(query.get('pageSize') ?? 10)
        if (!(Number.isInteger(page) && page >= 1 && Number.isInteger(asked) && asked >= 1)) return refuse(400)
        const pageSize = Math.min(asked, maxPageSize)
        return { status: 200, body: { list: state.page(page, pageSize), page, pageSize } }
      },
    },
    {
      method: 'GET',
      path: /^\/ticket-detail\/v1\/tickets\/([^/]+)$/,
      operation: 'ticket',
      handle({ params }) {
        const ticket = state.find(params[0] ?? '')
        return ticket ? { status: 200, body: ticket } : refuse(404)
      },
    },
  ]
}

/** Departments, resolution statuses, queues and contact reasons. */
export function lookupRoutes(): Route[] {
  return [
    lookup('v2/escalation/departments', 'departments', () => departments),
    lookup('v1/resolution-statuses', 'resolutionStatuses', () => ({ list: resolutionStatuses })),
    lookup('v1/queues', 'queues', () => ({ list: queues })),
    lookup('v1/ccr', 'ccr', () => ({ status_code: 200, data: toTiers() })),
    lookup('v1/ccr/search', 'ccrSearch', (query) => ({ list: searchReasons(query.get('q') ?? '') })),
  ]
}

function lookup(path: string, operation: string, answer: (query: URLSearchParams) => unknown): Route {
  return {
    method: 'GET',
    path: new RegExp(`^/ticket-detail/${path}$`),
    operation,
    handle: ({ query }) => ({ status: 200, body: answer(query) }),
  }
}

type Body = Readonly<Record<string, unknown>>
/** The changes of a write, or the HTTP status of its refusal. */
type Change = Partial<OneViewTicket> | number

/** The writes. A closed ticket refuses all of them with 409. */
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

/** The queue `chat-eng-sg` is `chat-sg-en` in a ticket. */
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

type Update = (body: Body, ticket: OneViewTicket) => Partial<OneViewTicket> | null

/** The changes of each `TicketUpdateType`; null when a required parameter is missing or unknown. */
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

/** `PATCH` does not change the status, so `UpdatedAt` stays. */
function updateTicket(state: OneViewState, request: SimulatorRequest): Reply {
  const ticket = state.find(request.params[0] ?? '')
  if (!ticket) return refuse(404)
  const body = request.json()
  const update = typeof body.type === 'string' && Object.hasOwn(updates, body.type) ? updates[body.type] : undefined
  const changes = update?.(body, ticket) ?? null
  if (!changes) return refuse(400)
  if (ticket.status === 'CLOSED') return refuse(409)
  return { status: 200, body: state.change(ticket, changes, null) }
}

const titles: Readonly<Record<number, string>> = {
  400: 'bad request',
  401: 'not authorize',
  403: 'forbidden',
  404: 'not found',
  409: 'conflict',
  500: 'internal server error',
}

/** OneView's `Error`, with the status as text. */
export function toFailure(status: number) {
  return { errors: [{ status: String(status), title: titles[status] ?? 'error' }] }
}

function refuse(status: number): Reply {
  return { status, body: toFailure(status) }
}
