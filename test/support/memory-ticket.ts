import { encodeId } from '../../src/domain/ids.ts'
import type { Agent, Customer, PlainTicket, ThreadMessage, Vendor } from '../../src/domain/ticket.ts'
import { toUnknownTicket } from '../../src/sources/mapped-ticket.ts'
import { commonTicketFields, countKeys, filterFields, type SourceInfo, sourceTicketFields } from '../../src/sources/source.ts'
import { toUpdatableFields } from '../../src/sources/source-table.ts'

/** Every optional field of every input. */
export const everyField: SourceInfo['capabilities']['takes'] = {
  CREATE: [
    ...(['market', 'queue', 'type', 'title', 'description', 'priority', 'category', 'subcategory', 'tags', 'customer'] as const),
    ...(['storeId', 'order', 'customFields', 'attachments'] as const),
  ],
  UPDATE: [
    ...(['title', 'description', 'priority', 'category', 'status', 'statusOption', 'tags', 'addTags', 'removeTags'] as const),
    ...(['customFields', 'ifUpdatedAt', 'contactReasonCode', 'orderId', 'entityId', 'event'] as const),
  ],
  REPLY: ['format', 'attachments'],
  NOTE: ['format', 'attachments'],
  ESCALATE: ['department', 'statusReason', 'resolutionReason'],
  CLOSE: ['statusReason', 'resolutionStatus', 'resolutionReason'],
  REOPEN: ['statusReason'],
  REASSIGN: ['assignee', 'group', 'unassign', 'reason'],
}

/** The info of a source with every action but ROUTE, every field of every input, every look-up, and every field of a ticket. */
export function toSourceInfo(key: string, differences: Partial<SourceInfo> = {}): SourceInfo {
  const actions = differences.actions ?? ['UPDATE', 'REPLY', 'NOTE', 'ESCALATE', 'CLOSE', 'REOPEN', 'REASSIGN', 'TRANSFER']
  return {
    id: encodeId('source', key, '', key),
    key,
    system: 'memory',
    label: `Memory ${key}`,
    mode: 'PULL',
    actions,
    canCreate: true,
    filters: filterFields,
    capabilities: {
      reads: [...commonTicketFields, ...sourceTicketFields],
      writes: actions,
      takes: everyField,
      updatableFields: actions.includes('UPDATE') ? toUpdatableFields(everyField) : [],
      lookups: [],
      notes: actions.includes('NOTE') ? 'VERIFIED' : 'NONE',
      attachments: 'URL',
      counts: true,
      countsBy: countKeys,
      callsPerCount: 1,
      live: 'POLLING',
    },
    ...differences,
  }
}

/** A complete ticket in which only the named fields are set. Its status is OPEN. */
export function toTicket(source: SourceInfo, externalId: string, known: Partial<PlainTicket> = {}): PlainTicket {
  const tenant = known.tenant ?? ''
  const unknown = toUnknownTicket(externalId, { source, tenant, observedAt: '2024-01-01T00:00:00.000Z' }, null)
  return { ...unknown, status: 'OPEN', freshness: { ...unknown.freshness, mode: 'LIVE' }, ...known }
}

export function toCustomer(source: SourceInfo, externalId: string, known: Partial<Customer> = {}): Customer {
  return {
    id: encodeId('customer', source.key, '', externalId),
    externalId,
    name: null,
    firstName: null,
    lastName: null,
    email: null,
    phone: null,
    ...known,
  }
}

export function toVendor(source: SourceInfo, externalId: string): Vendor {
  return { id: encodeId('vendor', source.key, '', externalId), externalId, name: null, vertical: null }
}

export function toAgent(source: SourceInfo, externalId: string, known: Partial<Agent> = {}): Agent {
  return { id: encodeId('agent', source.key, '', externalId), externalId, name: null, email: null, ...known }
}

/** A public message of an agent. */
export function toMessage(
  source: SourceInfo,
  ticketId: string,
  number: string,
  known: Partial<ThreadMessage> = {},
): ThreadMessage {
  return {
    id: encodeId('message', source.key, '', `${ticketId}#${number}`),
    author: { kind: 'AGENT', externalId: 'ann', name: null },
    body: 'Hello',
    format: 'TEXT',
    visibility: 'PUBLIC',
    createdAt: null,
    attachments: null,
    ...known,
  }
}
