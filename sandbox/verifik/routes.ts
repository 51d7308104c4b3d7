import type { Random } from '../random.ts'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { toIsoMillis } from '../times.ts'
import type { VerifikState } from './state.ts'
import { categories, priorities, statuses, type VerifikAttachment, type VerifikMessage, type VerifikTicket } from './wire.ts'

const maxLimit = 100

/** The list of tickets and the ticket by id. */
export function readRoutes(state: VerifikState): Route[] {
  return [
    { method: 'GET', path: /^\/v2\/support-tickets$/, operation: 'list', handle: ({ query }) => list(state, query) },
    {
      method: 'GET',
      path: /^\/v2\/support-tickets\/([^/]+)$/,
      operation: 'ticket',
      handle({ params }) {
        const ticket = state.find(params[0] ?? '')
        return ticket ? { status: 200, body: { success: true, data: ticket } } : ticketNotFound()
      },
    },
  ]
}

function ticketNotFound(): Reply {
  return refuseWithCode(404, 'Support ticket not found', 'SUPPORT_TICKET_NOT_FOUND')
}

function list(state: VerifikState, query: URLSearchParams): Reply {
  const page = Number(query.get('page') ?? 1)
  const asked = Number(query.get('limit') ?? 10)
  if (!(Number.isInteger(page) && page >= 1 && Number.isInteger(asked) && asked >= 1)) {
    return refuseSuccess(400, 'Invalid query parameters', 'INVALID_PARAMETERS')
  }
  const limit = Math.min(asked, maxLimit)
  const matching = state.list().filter((ticket) => matches(ticket, query))
  const pagination = { page, limit, total: matching.length, pages: Math.ceil(matching.length / limit) }
  const data = matching.slice((page - 1) * limit, page * limit).map(toListItem)
  const counts = query.get('countByStatus') === 'true' ? { counts: countByStatus(state.list()) } : {}
  return { status: 200, body: { success: true, data, pagination, ...counts } }
}

function matches(ticket: VerifikTicket, query: URLSearchParams): boolean {
  return (['status', 'category', 'priority'] as const).every((field) => {
    const wanted = query.get(field)
    return wanted === null || ticket[field] === wanted
  })
}

/** A list item has no threads, attachments and resolution, and its description is cut. */
function toListItem(ticket: VerifikTicket) {
  const { threads: _, attachments: __, resolution: ___, resolvedAt: ____, description, ...item } = ticket
  return { ...item, description: description.length > 60 ? `${description.slice(0, 57)}...` : description }
}

/** Counts all tickets. The filter of the list does not apply. */
function countByStatus(tickets: readonly VerifikTicket[]): Record<string, number> {
  const counts: Record<string, number> = { open: 0, pending: 0, in_progress: 0, resolved: 0, closed: 0 }
  for (const { status } of tickets) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

type Body = Readonly<Record<string, unknown>>

/** The account of the gateway's token. */
const apiClient = 'client_100000001'
const apiAgent = 'agent_100000001'

/** The writes. Messages use the legacy path. */
export function writeRoutes(state: VerifikState, random: Random): Route[] {
  let updates = 0
  return [
    {
      method: 'POST',
      path: /^\/v2\/support-tickets$/,
      operation: 'create',
      handle: (request) => create(state, random, request.json()),
    },
    {
      method: 'PUT',
      path: /^\/v2\/support-tickets\/([^/]+)$/,
      operation: 'update',
      handle(request) {
        const reply = update(state, request)
        if (reply.status !== 200) return reply
        updates += 1
        // An older revision answers every second update with this body alone.
        return updates % 2 === 0 ? { status: 200, body: { status: 'completed' } } : reply
      },
    },
    {
      method: 'POST',
      path: /^\/support-tickets\/([^/]+)\/thread$/,
      operation: 'message',
      handle: (request) => addMessage(state, request),
    },
  ]
}

function create(state: VerifikState, random: Random, body: Body): Reply {
  const missing = ['title', 'description', 'priority', 'category'].filter((field) => !isText(body[field]))
  if (missing.length > 0) return refuseSuccess(400, `Missing required fields: ${missing.join(', ')}`, 'MISSING_REQUIRED_FIELDS')
  if (!isKnown(body)) return refuseSuccess(400, 'Invalid field value', 'INVALID_PARAMETERS')
  const now = toIsoMillis(Date.now())
  const ticket: VerifikTicket = {
    _id: random.text('0123456789abcdef', 24),
    title: String(body.title),
    description: String(body.description),
    status: 'open',
    priority: String(body.priority),
    category: String(body.category),
    client: apiClient,
    assignedTo: null,
    threads: [{ author: apiClient, message: String(body.description), timestamp: now, type: 'user' }],
    attachments: Array.isArray(body.attachments) ? (body.attachments as VerifikAttachment[]) : [],
    tags: Array.isArray(body.tags) ? body.tags.map(String) : [],
    resolution: null,
    createdAt: now,
    updatedAt: now,
    resolvedAt: null,
  }
  return { status: 200, body: { success: true, data: state.put(ticket) } }
}

const changeable = ['title', 'description', 'status', 'priority', 'category', 'assignedTo', 'tags', 'resolution'] as const

function update(state: VerifikState, request: SimulatorRequest): Reply {
  const ticket = state.find(request.params[0] ?? '')
  if (!ticket) return ticketNotFound()
  const body = request.json()
  const changes = Object.fromEntries(changeable.filter((field) => field in body).map((field) => [field, body[field]]))
  if (Object.keys(changes).length === 0 || !isKnown(changes)) {
    return refuseSuccess(400, 'Invalid field value', 'INVALID_PARAMETERS')
  }
  const now = toIsoMillis(Date.now())
  const resolvedAt = changes.status === 'resolved' || changes.status === 'closed' ? (ticket.resolvedAt ?? now) : ticket.resolvedAt
  return { status: 200, body: { success: true, data: state.put({ ...ticket, ...changes, updatedAt: now, resolvedAt }) } }
}

function addMessage(state: VerifikState, request: SimulatorRequest): Reply {
  const ticket = state.find(request.params[0] ?? '')
  if (!ticket) return refuseLegacy(404, 'NotFound', 'No se encontró el ticket de soporte')
  const { message, attachments } = request.json()
  if (!isText(message)) return refuseLegacy(409, 'MissingParameter', 'Falta el parámetro message')
  const now = toIsoMillis(Date.now())
  const added: VerifikMessage = {
    author: apiAgent,
    message,
    timestamp: now,
    type: 'agent',
    ...(Array.isArray(attachments) ? { attachments: attachments.map(String) } : {}),
  }
  const data = state.put({ ...ticket, threads: [...ticket.threads, added], updatedAt: now })
  return { status: 201, body: { data } }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** True when the body's values are documented values. */
function isKnown(body: Body): boolean {
  const isOneOf = (values: readonly string[], value: unknown) => value === undefined || values.includes(value as string)
  return isOneOf(priorities, body.priority) && isOneOf(categories, body.category) && isOneOf(statuses, body.status)
}

/** The newest of Verifik's three error formats. */
function refuseSuccess(status: number, error: string, code: string): Reply {
  return { status, body: { success: false, error, code } }
}

/** The second format: `message` contains the code. */
function refuseWithCode(status: number, error: string, code: string): Reply {
  return { status, body: { error, message: code } }
}

/** The legacy format, with localised texts. */
function refuseLegacy(status: number, code: string, message: string): Reply {
  return { status, body: { code, message } }
}

/** The body of a failure outside the routes: wrong credentials, an unknown path, an injected fault. */
export function toFailure(status: number) {
  if (status === 401) return { code: 'Unauthorized', message: 'El token no es válido o ha expirado' }
  if (status === 404) return { code: 'NotFound', message: 'La ruta no existe' }
  return { success: false, error: 'Internal server error', code: status === 429 ? 'TOO_MANY_REQUESTS' : 'INTERNAL_ERROR' }
}
