import { staff } from './installation.ts'
import type { Id } from './json.ts'
import type { Status, Ticket, User } from './records.ts'

/** A change of a ticket, as the account's subscribers learn of it. */
export interface Change {
  /** Undefined: the ticket is new. */
  readonly before: Ticket | undefined
  readonly after: Ticket
  readonly actorId: Id
}

/** The account's users and tickets. */
export interface ZendeskState {
  users(): readonly User[]
  user(id: Id): User | undefined
  userByEmail(email: string): User | undefined
  putUser(user: User): User
  ticket(id: Id): Ticket | undefined
  /** In the order of their ids. */
  tickets(): readonly Ticket[]
  /** Tickets that name the ticket as their problem. */
  incidents(id: Id): readonly Ticket[]
  /** Stores a ticket and tells the listeners. */
  put(ticket: Ticket, actorId: Id): Ticket
  onChange(listener: (change: Change) => void): void
  nextTicketId(): Id
  /** The id of a new user, comment, audit or file. */
  nextId(): Id
  now(): number
}

const firstId = 26843000100000n

/** An account without tickets, and with its staff. */
export function createZendeskState(now: () => number): ZendeskState {
  const users = new Map(staff.map((user) => [user.id, user]))
  const byEmail = new Map(staff.map((user) => [user.email.toLowerCase(), user.id]))
  const tickets = new Map<Id, Ticket>()
  const listeners: ((change: Change) => void)[] = []
  let lastId = firstId
  let lastTicketId = 0n
  return {
    users: () => [...users.values()],
    user: (id) => users.get(id),
    userByEmail: (email) => users.get(byEmail.get(email.toLowerCase()) ?? 0n),
    putUser(user) {
      users.set(user.id, user)
      if (user.email !== '') byEmail.set(user.email.toLowerCase(), user.id)
      return user
    },
    ticket: (id) => tickets.get(id),
    tickets: () => [...tickets.values()],
    incidents: (id) => [...tickets.values()].filter(({ problemId, status }) => problemId === id && status !== 'deleted'),
    put(ticket, actorId) {
      const before = tickets.get(ticket.id)
      tickets.set(ticket.id, ticket)
      for (const listener of listeners) listener({ before, after: ticket, actorId })
      return ticket
    },
    onChange: (listener) => void listeners.push(listener),
    nextTicketId: () => ++lastTicketId,
    nextId: () => ++lastId,
    now,
  }
}

/** In lists and by id. Archived tickets are by id only, deleted ones in the export only. */
export function isListed({ isArchived, status }: { readonly isArchived: boolean; readonly status: Status }): boolean {
  return !isArchived && status !== 'deleted'
}

/** Whether a member of the staff sees the ticket. */
export function mayRead(user: User, { assigneeId, groupId, requesterId }: Ticket): boolean {
  switch (user.restriction) {
    case 'assigned':
      return assigneeId === user.id || requesterId === user.id
    case 'groups':
      return groupId !== null && user.groupIds.includes(groupId)
    default:
      return user.role !== 'end-user'
  }
}
