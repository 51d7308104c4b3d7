import type { Random } from '../random.ts'
import type { Reply, Route, SimulatorRequest } from '../simulator.ts'
import { toIsoMillis } from '../times.ts'
import { refuseLegacy, refuseSuccess } from './failures.ts'
import { ticketNotFound } from './reads.ts'
import type { VerifikState } from './state.ts'
import { categories, priorities, statuses, type VerifikAttachment, type VerifikMessage, type VerifikTicket } from './wire.ts'

type Body = Readonly<Record<string, unknown>>

/** The account that the gateway's token belongs to. */
const apiClient = 'client_100000001'
const apiAgent = 'agent_100000001'

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
        // An older revision answers every second update, and says no more than this.
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

/** Are the values that the body gives among the documented ones? */
function isKnown(body: Body): boolean {
  const among = (values: readonly string[], value: unknown) => value === undefined || values.includes(value as string)
  return among(priorities, body.priority) && among(categories, body.category) && among(statuses, body.status)
}
