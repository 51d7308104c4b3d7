import { createPerson } from '../people.ts'
import type { Random } from '../random.ts'
import type { Story, StoryTicket } from '../story.ts'
import { dayMs, minuteMs, toIsoMillis, toIsoSeconds } from '../times.ts'
import { apis, type TicketTemplate, ticketTemplates } from './ticket-templates.ts'
import { documentedTicket, type Named, type VerifikAttachment, type VerifikMessage, type VerifikTicket } from './wire.ts'

const companies = [
  'Banco del Río',
  'Créditos Andinos',
  'Movilidad Ya',
  'Rappidoc',
  'Fintual Norte',
  'Notaría Digital 21',
  'Casa Segura',
  'PayPampa',
  'Loja Brasa',
  'Transportes Quindío',
  'Clínica San Rafael',
  'Cambio Justo',
  'Telefonía Sur',
  'Seguros Cóndor',
  'Empleos MX',
]
const hexDigits = '0123456789abcdef'

/** The people of all tickets. */
interface People {
  readonly clients: readonly Named[]
  readonly agents: readonly Named[]
}

/** `count` tickets of the last 120 days, including the documented one. The same random gives the same tickets. */
export function generateTickets(random: Random, until: number, count: number, story?: Story): VerifikTicket[] {
  const people: People = {
    clients: companies.map((name) => ({ _id: createReference(random, 'client'), name })),
    agents: Array.from({ length: 9 }, () => {
      const { firstName, lastName } = createPerson(random, 'latam')
      return { _id: createReference(random, 'agent'), name: `${firstName} ${lastName}` }
    }),
  }
  const told = (story?.ticketsOf('verifik', count) ?? []).map((ticket) => toTold(ticket, random, people))
  const tickets = [documentedTicket(), ...told]
  while (tickets.length < count) tickets.push(addAnomaly(random, createTicket(random, people, until)))
  return tickets
}

function createTicket(random: Random, people: People, until: number): VerifikTicket {
  const template = fillTemplate(random.pick(ticketTemplates), random)
  const client = random.pick(people.clients)
  const agent = random.pick(people.agents)
  const status = random.weighted([
    [3, 'open'],
    [2, 'pending'],
    [3, 'in_progress'],
    [3, 'resolved'],
    [4, 'closed'],
  ] as const)
  const isDone = status === 'resolved' || status === 'closed'
  const createdAt = until - Math.floor(random.next() ** 2 * 120 * dayMs) - dayMs
  const maxReplies = status === 'open' ? 0 : isDone ? template.replies.length : random.int(1, 2)
  const threads = createThreads(random, template, { client, agent, createdAt, maxReplies, isDone })
  const lastAt = random.later(createdAt + threads.length * 41 * minuteMs, 3 * dayMs, until)
  const write = random.chance(0.5) ? toIsoMillis : toIsoSeconds
  return {
    _id: random.chance(0.5) ? `support_ticket_${random.text('0123456789', 9)}` : random.text(hexDigits, 24),
    title: template.title,
    description: template.description,
    status,
    priority: random.weighted([
      [3, 'low'],
      [5, 'medium'],
      [3, 'high'],
      [1, 'urgent'],
    ] as const),
    category: template.category,
    client: random.chance(0.5) ? client : client._id,
    assignedTo: status === 'open' ? null : random.chance(0.4) ? agent : agent._id,
    threads,
    attachments: createAttachments(random),
    tags: [...template.tags],
    resolution: isDone ? template.resolution : null,
    createdAt: write(createdAt),
    updatedAt: write(lastAt),
    resolvedAt: isDone ? write(lastAt) : null,
  }
}

/** The company of the story is a client. Its agents write as one. */
const storyClient: Named = { _id: 'client_700100200', name: 'Shop Delivery' }

function toTold(told: StoryTicket, random: Random, { agents }: People): VerifikTicket {
  const agent = random.pick(agents)!
  const isDone = told.state === 'solved'
  const status = { new: 'open', open: 'in_progress', waiting: 'pending', solved: 'resolved' }[told.state]
  return {
    ...{ _id: told.id, title: told.title, description: told.messages[0]!.text, status, priority: 'high', category: 'technical' },
    ...{ client: storyClient, assignedTo: status === 'open' ? null : agent },
    threads: told.messages.map(({ by, text, at }) => ({
      ...{ author: by === 'customer' ? storyClient._id : agent._id, message: text, timestamp: toIsoSeconds(at) },
      type: by === 'customer' ? 'user' : 'agent',
    })),
    ...{ attachments: [], tags: ['ocr', 'document'], resolution: isDone ? told.messages.at(-1)!.text : null },
    ...{ createdAt: toIsoMillis(told.createdAt), updatedAt: toIsoMillis(told.updatedAt) },
    resolvedAt: isDone ? toIsoMillis(told.updatedAt) : null,
  }
}

interface Conversation {
  readonly client: Named
  readonly agent: Named
  readonly createdAt: number
  readonly maxReplies: number
  readonly isDone: boolean
}

function createThreads(random: Random, template: TicketTemplate, conversation: Conversation): VerifikMessage[] {
  const { client, agent, createdAt, maxReplies, isDone } = conversation
  let at = createdAt
  const createMessage = (author: string, message: string, type: string): VerifikMessage => {
    const timestamp = toIsoSeconds(at)
    at += random.int(3, 40) * minuteMs
    return { author, message, timestamp, type }
  }
  const first = random.chance(0.8) ? [createMessage(client._id, template.description, 'user')] : []
  const rest = template.replies
    .slice(0, maxReplies)
    .map((reply, index) =>
      index % 2 === 0 ? createMessage(agent._id, reply, 'agent') : createMessage(client._id, reply, 'user'),
    )
  const closing = isDone ? [createMessage('system', 'Status changed by the resolution of the ticket.', 'system')] : []
  return [...first, ...rest, ...closing]
}

function createAttachments(random: Random): VerifikAttachment[] {
  if (!random.chance(0.3)) return []
  const [filename, type] = random.pick([
    ['error_logs.txt', 'text/plain'],
    ['captura-panel.png', 'image/png'],
    ['cedula_frente.jpg', 'image/jpeg'],
    ['detalle factura.pdf', 'application/pdf'],
    ['requests.har', 'application/json'],
  ] as const)
  const url = `https://storage.verifik.co/attachments/${random.text(hexDigits, 12)}/${encodeURIComponent(filename)}`
  return [{ filename, url, size: random.int(400, 4_000_000), type }]
}

function fillTemplate(template: TicketTemplate, random: Random): TicketTemplate {
  const api = random.pick(apis)
  const n = String(random.int(11, 58))
  const replace = (text: string) => text.replaceAll('{api}', api).replaceAll('{n}', n)
  return {
    ...template,
    title: replace(template.title),
    description: replace(template.description),
    replies: template.replies.map(replace),
  }
}

function createReference(random: Random, kind: string): string {
  return random.chance(0.7) ? `${kind}_${random.text('0123456789', 9)}` : random.text(hexDigits, 24)
}

type Anomaly = (ticket: VerifikTicket) => VerifikTicket

/** Records of older revisions of the API. Each is rare. */
const anomalies: readonly Anomaly[] = [
  (ticket) => ({ ...ticket, status: 'progress' }),
  (ticket) => ({ ...ticket, status: 'cancelled' }),
  (ticket) => ({ ...ticket, status: 'reopened' }),
  (ticket) => ({ ...ticket, category: 'integration' }),
  (ticket) => ({ ...ticket, category: 'smartCheck' }),
  (ticket) => ({ ...ticket, priority: 'critical' }),
  ({ assignedTo, ...ticket }) => ({ ...ticket, assignee: assignedTo ?? null }),
  ({ tags: _, ...ticket }) => ticket,
  (ticket) => ({ ...ticket, threads: [] }),
  (ticket) => ({
    ...ticket,
    threads: ticket.threads.map((message) => ({ ...message, attachments: ['66a1b2c3d4e5f60718293a4b'] })),
  }),
  // A nightly job wrote many tickets with the same time.
  (ticket) => {
    const night = `${ticket.updatedAt.slice(0, 10)}T00:00:00Z`
    return Date.parse(night) < Date.parse(ticket.createdAt) ? ticket : { ...ticket, updatedAt: night }
  },
]

/** Adds an anomaly to one of eight tickets. */
function addAnomaly(random: Random, ticket: VerifikTicket): VerifikTicket {
  return random.chance(0.125) ? random.pick(anomalies)(ticket) : ticket
}
