import type { Random } from '../random.ts'
import { hourMs, minuteMs } from '../times.ts'

/** A person. `id` is RT's number; other records name people by their login. */
export interface RtPerson {
  readonly id: number
  readonly login: string
  readonly name: string
  readonly email: string
  readonly token: string
  /** Agents do everything, readers see no comments and change nothing, customers see the tickets that they asked for. */
  readonly role: 'agent' | 'reader' | 'customer'
}
const person = (id: number, login: string, name: string, role: RtPerson['role']): RtPerson => ({
  ...{ id, login, name, role },
  email: `${login}@desk.example`,
  token: `1-${id}-sandbox-${login}`,
})
export const people = [
  person(27, 'ann', 'Ann Agent', 'agent'),
  person(29, 'ben', 'Ben Agent', 'agent'),
  person(31, 'rita', 'Rita Reader', 'reader'),
  person(35, 'carl', 'Carl Customer', 'customer'),
  person(37, 'dora', 'Dora Customer', 'customer'),
] as const
export const queues = [
  { id: 1, name: 'Support' },
  { id: 3, name: 'Billing' },
  { id: 4, name: 'Network' },
] as const
/** The custom fields of every queue. `max` 0: any number of values. */
export const fields = [
  { id: 2, name: 'Channel', type: 'Freeform', max: 1 },
  { id: 3, name: 'Tags', type: 'Freeform', max: 0 },
  { id: 5, name: 'Amount', type: 'Freeform', max: 1 },
] as const

export const linkTypes = ['DependsOn', 'MemberOf', 'RefersTo'] as const
export type LinkType = (typeof linkTypes)[number]

/** A ticket as RT keeps it. Times are whole seconds since 1970; 0 is not set. */
export interface RtRecord {
  readonly id: number
  /** The ticket that has its data: another one once it was merged. */
  readonly effectiveId: number
  readonly subject: string
  readonly status: string
  readonly queue: number
  readonly priority: number
  /** A login, or `Nobody`. */
  readonly owner: string
  readonly requestors: readonly string[]
  readonly cc: readonly string[]
  readonly adminCc: readonly string[]
  readonly created: number
  readonly lastUpdated: number
  readonly resolved: number
  readonly due: number
  readonly values: Readonly<Record<number, readonly string[]>>
}
export interface RtLinkRecord {
  readonly type: LinkType
  readonly base: number
  readonly target: number
}
export interface RtTransactionRecord {
  readonly id: number
  readonly ticket: number
  readonly type: string
  readonly creator: string
  readonly created: number
}
export interface RtPartRecord {
  readonly id: number
  readonly transaction: number
  readonly filename: string
  readonly contentType: string
  readonly content: Buffer
}
export type NewPart = Omit<RtPartRecord, 'id' | 'transaction'>

/** The data of one Request Tracker. */
export class RtState {
  readonly tickets = new Map<number, RtRecord>()
  readonly transactions: RtTransactionRecord[] = []
  readonly parts: RtPartRecord[] = []
  readonly links: RtLinkRecord[] = []

  /** Without merged, deleted tickets. */
  listed(): readonly RtRecord[] {
    return [...this.tickets.values()].filter(({ id, effectiveId, status }) => id === effectiveId && status !== 'deleted')
  }

  /** As RT loads a ticket: of a merged one the other (RT-10). */
  load(id: number): RtRecord | undefined {
    const found = this.tickets.get(id)
    return found && found.effectiveId !== id ? this.load(found.effectiveId) : found
  }

  latestTransaction(ticketId: number): RtTransactionRecord | undefined {
    return this.transactions.findLast(({ ticket }) => ticket === ticketId)
  }

  /** Adds a transaction, with its message where it has one. */
  record(ticket: number, type: string, creator: string, created: number, parts: readonly NewPart[] = []): RtTransactionRecord {
    const transaction = { id: (this.transactions.at(-1)?.id ?? 0) + 1, ticket, type, creator, created }
    this.transactions.push(transaction)
    for (const part of parts) {
      this.parts.push({ ...part, id: (this.parts.at(-1)?.id ?? 0) + 1, transaction: transaction.id })
    }
    return transaction
  }

  change(id: number, changes: Partial<RtRecord>, now: number): void {
    const ticket = this.tickets.get(id)
    if (ticket) this.tickets.set(id, { ...ticket, ...changes, lastUpdated: now })
  }

  open(ticket: Omit<RtRecord, 'id' | 'effectiveId'>, parts: readonly NewPart[], creator: string): RtRecord {
    const id = this.tickets.size + 1
    const opened = { ...ticket, id, effectiveId: id }
    this.tickets.set(id, opened)
    this.record(id, 'Create', creator, ticket.created, parts)
    return opened
  }
}

export function toTextPart(text: string, contentType = 'text/plain'): NewPart {
  return { filename: '', contentType, content: Buffer.from(text, 'utf8') }
}

/** The generated tickets as a new state. The last but one is merged into the first, the last is deleted; `count` are in lists. */
export function createRtState(random: Random, until: number, count: number): RtState {
  const state = new RtState()
  for (let id = 1; id <= count + 2; id++) generateTicket(state, id, count, random, until)
  const ids = [...state.tickets.keys()].slice(0, count)
  for (const id of ids.filter((one) => one % 5 === 0)) {
    state.links.push({ type: random.pick(linkTypes), base: id, target: ids[(id * 3) % ids.length] ?? 1 })
  }
  state.tickets.set(count + 1, { ...state.tickets.get(count + 1)!, effectiveId: 1 })
  state.tickets.set(count + 2, { ...state.tickets.get(count + 2)!, status: 'deleted' })
  return state
}

const subjects = ['Cannot log in', 'Invoice is missing', "The router's lamp is red", 'Password reset', 'Größe of the box']

function generateTicket(state: RtState, id: number, count: number, random: Random, until: number): void {
  const created = Math.floor((until - (count + 3 - id) * hourMs) / 1000)
  // Several were changed in one second.
  const lastUpdated =
    id % 9 === 0 ? Math.floor(until / 1000) - 60 : Math.floor(random.later(created * 1000, 60 * hourMs, until) / 1000)
  const customer = id % 2 === 1 ? 'carl' : 'dora'
  const status = random.pick(['new', 'open', 'open', 'stalled', 'resolved', 'rejected'] as const)
  const isEnded = status === 'resolved' || status === 'rejected'
  const owner = status === 'new' ? 'Nobody' : random.pick(['ann', 'ben', 'Nobody'] as const)
  const text = `Question ${id}\nwith two lines`
  const file = { filename: `log-${id}.txt`, contentType: 'text/plain', content: Buffer.from(`log of ${id}\n`) }
  const ticket = {
    ...{ subject: `${random.pick(subjects)} (${id})`, status, owner, created, lastUpdated, adminCc: [] },
    queue: random.pick(queues).id,
    priority: random.pick([0, 20, 50, 70, 100] as const),
    requestors: id % 7 === 0 ? [customer, 'rita'] : [customer],
    cc: id % 4 === 0 ? ['ben'] : [],
    resolved: isEnded ? lastUpdated : 0,
    due: id % 6 === 0 ? created + 86_400 : 0,
    values: {
      2: [random.pick(['email', 'phone', 'web'] as const)],
      3: random.some(['vip', 'outage', 'refund'], random.int(0, 2)),
      5: id % 3 === 0 ? [String(id * 10)] : [],
    },
  }
  state.open(ticket, id % 5 === 0 ? [toTextPart(text), file] : [toTextPart(text)], customer)
  const at = Math.floor((created + lastUpdated) / 2)
  if (id % 2 === 0) state.record(id, 'Correspond', 'ann', at, [toTextPart(`Answer ${id}`)])
  if (id % 3 === 0) state.record(id, 'Comment', 'ben', at, [toTextPart(`<p>Note ${id}</p>`, 'text/html')])
  state.record(id, 'Set', 'ann', Math.max(at, lastUpdated - minuteMs / 1000))
}
