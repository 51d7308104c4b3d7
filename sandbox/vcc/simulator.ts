import type { Random } from '../random.ts'
import type { EventSimulator, OutboundWebhook } from '../simulator.ts'
import type { Story } from '../story.ts'
import { toIsoOffset } from '../times.ts'
import { createAgents, createTicket, generateHistories, toKeyFields } from './generate.ts'
import { toKey, type VccEvent, type VccTicket } from './wire.ts'

/** `until` is the end of the generated history, in milliseconds since 1970. */
export interface VccOptions {
  readonly random: Random
  readonly until: number
  readonly count: number
  readonly secret: string
  /** What the sandbox's other systems tell too. */
  readonly story?: Story
}

interface StoredTicket {
  readonly ticket: VccTicket
  readonly deleted: boolean
}

/** VCC Live has no API. It sends one webhook per change of a ticket, with the secret in the query. */
export function createVcc({ random, until, count, secret, story }: VccOptions): EventSimulator {
  const agents = createAgents(random)
  const histories = generateHistories(random, agents, until, count, story)
  const tickets = new Map(histories.map((history) => [toKey(history[0]!.ticket), toState(history)]))
  const add = (now: number): VccEvent => {
    const ticket = createTicket(random, tickets.size, now, random.pick(agents))
    tickets.set(toKey(ticket), { ticket, deleted: false })
    return { action: 'add', ticket }
  }
  const update = (ticket: VccTicket, now: number): VccEvent => {
    const changed = { ...toKeyFields(ticket, ticket.projectName), lastOpenTime: toIsoOffset(now, 1), ...random.pick(changes) }
    tickets.set(toKey(ticket), { ticket: { ...ticket, ...changed }, deleted: false })
    return { action: 'update', ticket: changed }
  }
  const toWebhook = (event: VccEvent): OutboundWebhook => ({
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
    history: () => [...histories, [unknownAction]].map((history) => history.map(toWebhook)),
    unreadable: (now) => toWebhook({ ...unknownAction, ticket: { ...unknownAction.ticket, lastOpenTime: toIsoOffset(now, 1) } }),
    changeOne(now) {
      const open = [...tickets.values()].filter(({ ticket, deleted }) => !deleted && ticket.status === 'park')
      const event = open.length === 0 || random.chance(0.4) ? add(now) : update(random.pick(open).ticket, now)
      return [toWebhook(event)]
    },
  }
}

/** An action that is not on the vendor's page. The ticket does not change; the receiver must handle the event. */
const unknownAction: VccEvent = {
  action: 'merge',
  ticket: { ticketId: 23, ticketNo: '142-20240301-270299', projectId: 142, projectName: 'Energie Süd Hotline' },
}

const changes: readonly Partial<VccTicket>[] = [
  { subStatus: 'waiting4entity' },
  { subStatus: 'waiting4agent' },
  { status: 'closed', subStatus: 'successful' },
]

/** The merged events. Fields of an update that was sent before its add win over the fields of the add. */
function toState(history: readonly VccEvent[]): StoredTicket {
  const adds = history.filter(({ action }) => action === 'add')
  const others = history.filter(({ action }) => action !== 'add')
  const ticket: VccTicket = Object.assign({}, ...[...adds, ...others].map((event) => event.ticket))
  return { ticket, deleted: history.some(({ action }) => action === 'delete') }
}
