import { encodeId } from '../../../src/domain/ids.ts'
import type { Customer, ThreadMessage, Ticket, Vendor } from '../../../src/domain/ticket.ts'
import type { SourceInfo } from '../../../src/sources/source.ts'

/** A source's description; `key` also names its system. */
export function sourceInfo(key: string, more: Partial<SourceInfo> = {}): SourceInfo {
  return {
    id: encodeId('source', key, '', key),
    key,
    system: key,
    label: key.toUpperCase(),
    mode: 'PULL',
    actions: [],
    canCreate: false,
    filters: [],
    ...more,
  }
}

/** A whole ticket of which only the named fields are filled. */
export function ticket(source: SourceInfo, externalId: string, more: Partial<Ticket> = {}): Ticket {
  return {
    ...emptyFields,
    id: encodeId('ticket', source.key, '', externalId),
    source,
    tenant: '',
    externalId,
    isSummary: false,
    status: 'OPEN',
    freshness: { mode: 'LIVE', observedAt: '2026-01-01T00:00:00.000Z' },
    raw: { id: externalId },
    ...more,
  }
}

const emptyFields = {
  number: null,
  url: null,
  title: null,
  description: null,
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
  country: null,
  language: null,
  tags: null,
  assignee: null,
  createdBy: null,
  updatedBy: null,
  customer: null,
  vendor: null,
  orders: null,
  links: null,
  messages: null,
  attachments: null,
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
} as const

export function customer(source: SourceInfo, externalId: string, more: Partial<Customer> = {}): Customer {
  const nameless = { name: null, firstName: null, lastName: null, email: null, phone: null }
  return { id: encodeId('customer', source.key, '', externalId), source, externalId, ...nameless, ...more }
}

export function vendor(source: SourceInfo, externalId: string, more: Partial<Vendor> = {}): Vendor {
  return { id: encodeId('vendor', source.key, '', externalId), source, externalId, name: null, vertical: null, ...more }
}

export function message(source: SourceInfo, ticketId: string, index: number, body: string): ThreadMessage {
  const id = encodeId('message', source.key, '', `${ticketId}#${index}`)
  const author = { kind: 'AGENT', id: 'a1', name: null } as const
  return { id, author, body, visibility: 'PUBLIC', createdAt: null, attachments: null }
}
