import type { Random } from '../random.ts'
import { dayMs, minuteMs, toIsoMillis, toIsoSeconds } from '../times.ts'
import { createPerson } from '../world/people.ts'
import { documentedTicket } from './documented.ts'
import { apis, type Matter, matters } from './matters.ts'
import { twist } from './twists.ts'
import type { Named, VerifikAttachment, VerifikMessage, VerifikTicket } from './wire.ts'

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

interface Cast {
  readonly clients: readonly Named[]
  readonly agents: readonly Named[]
}

/** `count` tickets of the last 120 days, among them the documented one. The same random gives the same tickets. */
export function generateTickets(random: Random, until: number, count: number): VerifikTicket[] {
  const cast: Cast = {
    clients: companies.map((name) => ({ _id: createReference(random, 'client'), name })),
    agents: Array.from({ length: 9 }, () => {
      const { firstName, lastName } = createPerson(random, 'latam')
      return { _id: createReference(random, 'agent'), name: `${firstName} ${lastName}` }
    }),
  }
  const tickets = [documentedTicket()]
  while (tickets.length < count) tickets.push(twist(random, createTicket(random, cast, until)))
  return tickets
}

function createTicket(random: Random, cast: Cast, until: number): VerifikTicket {
  const matter = fill(random.pick(matters), random)
  const client = random.pick(cast.clients)
  const agent = random.pick(cast.agents)
  const status = random.weighted([
    [3, 'open'],
    [2, 'pending'],
    [3, 'in_progress'],
    [3, 'resolved'],
    [4, 'closed'],
  ] as const)
  const done = status === 'resolved' || status === 'closed'
  const createdAt = until - Math.floor(random.next() ** 2 * 120 * dayMs) - dayMs
  const threads = createThreads(random, matter, client, agent, createdAt, status === 'open' ? 0 : done ? 9 : random.int(1, 2))
  const lastAt = random.later(createdAt + threads.length * 41 * minuteMs, 3 * dayMs, until)
  const write = random.chance(0.5) ? toIsoMillis : toIsoSeconds
  return {
    _id: random.chance(0.5) ? `support_ticket_${random.text('0123456789', 9)}` : random.text(hexDigits, 24),
    title: matter.title,
    description: matter.description,
    status,
    priority: random.weighted([
      [3, 'low'],
      [5, 'medium'],
      [3, 'high'],
      [1, 'urgent'],
    ] as const),
    category: matter.category,
    client: random.chance(0.5) ? client : client._id,
    assignedTo: status === 'open' ? null : random.chance(0.4) ? agent : agent._id,
    threads,
    attachments: createAttachments(random),
    tags: [...matter.tags],
    resolution: done ? matter.resolution : null,
    createdAt: write(createdAt),
    updatedAt: write(lastAt),
    resolvedAt: done ? write(lastAt) : null,
  }
}

function createThreads(
  random: Random,
  matter: Matter,
  client: Named,
  agent: Named,
  from: number,
  replies: number,
): VerifikMessage[] {
  let at = from
  const say = (author: string, message: string, type: string): VerifikMessage => {
    const timestamp = toIsoSeconds(at)
    at += random.int(3, 40) * minuteMs
    return { author, message, timestamp, type }
  }
  const first = random.chance(0.8) ? [say(client._id, matter.description, 'user')] : []
  const rest = matter.replies
    .slice(0, replies)
    .map((reply, index) => (index % 2 === 0 ? say(agent._id, reply, 'agent') : say(client._id, reply, 'user')))
  const closing = replies > 3 ? [say('system', 'Status changed by the resolution of the ticket.', 'system')] : []
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

function fill(matter: Matter, random: Random): Matter {
  const api = random.pick(apis)
  const n = String(random.int(11, 58))
  const put = (text: string) => text.replaceAll('{api}', api).replaceAll('{n}', n)
  return { ...matter, title: put(matter.title), description: put(matter.description), replies: matter.replies.map(put) }
}

function createReference(random: Random, kind: string): string {
  return random.chance(0.7) ? `${kind}_${random.text('0123456789', 9)}` : random.text(hexDigits, 24)
}
