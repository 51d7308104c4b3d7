import type { PlainTicket, Ticket } from './ticket.ts'

// A ticket as a view over a record: each field is read from the record when it is first asked for, and kept. A page of 100 tickets has some
// 5,000 fields, of which an operation selects a few.

/** How each field is read from a record. A field without a reader is not known: null, and `isSummary` false. */
export type TicketReaders<Wire, Context> = {
  readonly [Field in keyof Ticket]?: ((wire: Wire, context: Context) => Ticket[Field]) | undefined
}

/** What a ticket has whose source tells nothing about it. */
export const unknownFields = {
  isSummary: false,
  number: null,
  url: null,
  title: null,
  description: null,
  status: 'UNKNOWN',
  sourceStatus: null,
  statusReason: null,
  statusChangedAt: null,
  priority: null,
  sourcePriority: null,
  priorityRank: null,
  category: null,
  reason: null,
  type: null,
  channel: null,
  origin: null,
  queue: null,
  queueKey: null,
  country: null,
  language: null,
  tags: null,
  assignee: null,
  group: null,
  followers: null,
  organization: null,
  createdBy: null,
  updatedBy: null,
  customer: null,
  vendor: null,
  orders: null,
  links: null,
  messages: null,
  attachments: null,
  customFields: null,
  statusOptions: null,
  slaTargets: null,
  satisfaction: null,
  escalation: null,
  resolution: null,
  routing: null,
  sla: null,
  dueAt: null,
  firstReplyTimeInMinutes: null,
  createdAt: null,
  updatedAt: null,
  firstOpenedAt: null,
  lastOpenedAt: null,
  resolvedAt: null,
  deletedAt: null,
  raw: null,
} as const satisfies Omit<PlainTicket, IdentityField>
type IdentityField = 'id' | 'source' | 'tenant' | 'externalId' | 'freshness' | 'lazyFieldsRead'
const identityFields = ['id', 'source', 'tenant', 'externalId', 'freshness', 'lazyFieldsRead'] satisfies IdentityField[]

const ticketFields = [...identityFields, ...Object.keys(unknownFields)] as readonly (keyof Ticket)[]
const positionOf = Object.fromEntries(ticketFields.map((field, position) => [field, position])) as Record<keyof Ticket, number>

type AnyReader = (wire: unknown, context: unknown) => unknown

/** One class for all sources: then V8 reads the fields of any ticket in one way. */
class TicketView {
  /** By position; undefined: no reader. */
  readonly readers: readonly (AnyReader | undefined)[]
  readonly wire: unknown
  readonly context: unknown
  /** By position; undefined: not read yet. */
  readonly values: unknown[]

  constructor(readers: TicketView['readers'], wire: unknown, context: unknown, values: unknown[]) {
    this.readers = readers
    this.wire = wire
    this.context = context
    this.values = values
  }

  toJSON(): PlainTicket {
    return toPlainTicket(this as unknown as Ticket)
  }
}

for (const [position, field] of ticketFields.entries()) {
  Object.defineProperty(TicketView.prototype, field, {
    get(this: TicketView) {
      const value = this.values[position]
      return value === undefined ? readField(this, position) : value
    },
  })
}

function readField({ readers, wire, context, values }: TicketView, position: number): unknown {
  const value = readers[position]?.(wire, context)
  values[position] = value
  return value
}

/** Makes the function that gives a record the form of a ticket. The readers run later, each at most once, and must not throw. */
export function createTicketView<Wire, Context>(readers: TicketReaders<Wire, Context>): (wire: Wire, context: Context) => Ticket {
  const byPosition = ticketFields.map((field) => readers[field] as AnyReader | undefined)
  const unread = ticketFields.map((field) => (readers[field] ? undefined : (unknownFields as Partial<PlainTicket>)[field]))
  return (wire, context) => new TicketView(byPosition, wire, context, unread.slice()) as unknown as Ticket
}

/** A copy with other values of some fields. */
export function withFields(ticket: Ticket, changes: Partial<PlainTicket>): Ticket {
  if (!(ticket instanceof TicketView)) return { ...(ticket as PlainTicket), ...changes }
  const values = ticket.values.slice()
  for (const field of Object.keys(changes) as (keyof Ticket)[]) values[positionOf[field]] = changes[field]
  return new TicketView(ticket.readers, ticket.wire, ticket.context, values) as unknown as Ticket
}

/** All fields as properties: what is stored, compared or printed. */
export function toPlainTicket(ticket: Ticket): PlainTicket {
  if (!(ticket instanceof TicketView)) return ticket
  return Object.fromEntries(
    ticketFields.flatMap((field) => (ticket[field] === undefined ? [] : [[field, ticket[field]]])),
  ) as unknown as PlainTicket
}
