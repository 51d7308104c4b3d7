import type { Random } from '../random.ts'
import type { Story } from '../story.ts'
import { toEpochSeconds } from '../times.ts'
import { documentedIds } from './fixtures.ts'
import { generateTickets } from './generate.ts'
import type { OneViewTicket } from './wire.ts'

/** OneView's tickets in the order of its list: the latest status change first, tickets without a time last. */
export interface OneViewState {
  size(): number
  find(id: string): OneViewTicket | undefined
  page(page: number, pageSize: number): OneViewTicket[]
  /** Changes a ticket. `now` becomes its `UpdatedAt`; null keeps the time. */
  change(ticket: OneViewTicket, changes: Partial<OneViewTicket>, now: number | null): OneViewTicket
  add(ticket: OneViewTicket): OneViewTicket
  /** Open tickets without the documented ones, the latest first. */
  open(): OneViewTicket[]
}

/** The generated tickets as a new state. */
export function createOneViewState(random: Random, until: number, count: number, story?: Story): OneViewState {
  const tickets = new Map(generateTickets(random, until, count, story).map((ticket) => [ticket.id, ticket]))
  let sorted: OneViewTicket[] | null = null
  const list = () => {
    sorted ??= [...tickets.values()].sort((one, other) => changedAt(other) - changedAt(one))
    return sorted
  }
  const put = (ticket: OneViewTicket) => {
    tickets.set(ticket.id, ticket)
    sorted = null
    return ticket
  }
  return {
    size: () => tickets.size,
    find: (id) => tickets.get(id),
    page: (page, pageSize) => list().slice((page - 1) * pageSize, page * pageSize),
    change: (ticket, changes, now) => {
      const { updatedAt: _, ...rest } = ticket as OneViewTicket & { updatedAt?: unknown }
      const time = now === null ? {} : { UpdatedAt: toEpochSeconds(now) }
      return put(now === null ? { ...ticket, ...changes } : { ...rest, ...changes, ...time })
    },
    add: put,
    open: () =>
      list().filter(({ id, status }) => (status === 'ASSIGNED' || status === 'ESCALATED') && !documentedIds.includes(id)),
  }
}

/** The last status change in epoch seconds, from every spelling of the field; 0 when the record has none. */
function changedAt(ticket: OneViewTicket): number {
  const { UpdatedAt, updatedAt } = ticket as OneViewTicket & { updatedAt?: number | string }
  const value = Number(UpdatedAt ?? updatedAt ?? 0)
  return value > 1e11 ? value / 1000 : value
}
