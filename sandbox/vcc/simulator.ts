import type { Random } from '../random.ts'
import type { EventSimulator, Outbound } from '../simulator.ts'
import { toIsoOffset } from '../times.ts'
import { createAgents, createTicket, generateHistories, toAlways } from './generate.ts'
import { toKey, type VccEvent, type VccTicket } from './wire.ts'

export interface VccOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly secret: string
}

interface Kept {
  readonly ticket: VccTicket
  readonly deleted: boolean
}

/** VCC Live: no API, one webhook per change of a ticket, with the secret in the query. */
export function createVcc({ random, until, count, secret }: VccOptions): EventSimulator {
  const agents = createAgents(random)
  const histories = generateHistories(random, agents, until, count)
  const tickets = new Map(histories.map((history) => [toKey(history[0]!.ticket), toState(history)]))
  const add = (now: number): VccEvent => {
    const ticket = createTicket(random, tickets.size, now, random.pick(agents))
    tickets.set(toKey(ticket), { ticket, deleted: false })
    return { action: 'add', ticket }
  }
  const update = (ticket: VccTicket, now: number): VccEvent => {
    const changed = { ...toAlways(ticket, ticket.projectName), lastOpenTime: toIsoOffset(now, 1), ...random.pick(changes) }
    tickets.set(toKey(ticket), { ticket: { ...ticket, ...changed }, deleted: false })
    return { action: 'update', ticket: changed }
  }
  const toOutbound = (event: VccEvent): Outbound => ({
    sourceKey: 'vcc',
    query: `?secret-key=${encodeURIComponent(secret)}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  return {
    routes: [],
    authorise: () => null,
    failure: (status) => ({ error: status }),
    tickets: () => [...tickets.values()].filter(({ deleted }) => !deleted).length,
    ticket: (id) => tickets.get(id)?.ticket,
    backlog: () => [...histories, [unheardOf]].map((history) => history.map(toOutbound)),
    step(now) {
      const open = [...tickets.values()].filter((kept) => !kept.deleted && kept.ticket.status === 'park')
      const event = open.length === 0 || random.chance(0.4) ? add(now) : update(random.pick(open).ticket, now)
      return [toOutbound(event)]
    },
  }
}

/** An action that the vendor's page does not know: nothing changes, and a receiver has to say what it makes of it. */
const unheardOf: VccEvent = {
  action: 'merge',
  ticket: { ticketId: 23, ticketNo: '142-20240301-270299', projectId: 142, projectName: 'Energie Süd Hotline' },
}

const changes: readonly Partial<VccTicket>[] = [
  { subStatus: 'waiting4entity' },
  { subStatus: 'waiting4agent' },
  { status: 'closed', subStatus: 'successful' },
]

/** All events merged: what came before the add was later than it. */
function toState(history: readonly VccEvent[]): Kept {
  const adds = history.filter(({ action }) => action === 'add')
  const others = history.filter(({ action }) => action !== 'add')
  const ticket: VccTicket = Object.assign({}, ...[...adds, ...others].map((event) => event.ticket))
  return { ticket, deleted: history.some(({ action }) => action === 'delete') }
}
