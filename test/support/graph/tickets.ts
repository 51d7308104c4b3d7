import { encodeId } from '../../../src/domain/ids.ts'
import type { Customer, PlainTicket, ThreadMessage, Vendor } from '../../../src/domain/ticket.ts'
import type { SourceInfo } from '../../../src/sources/source.ts'
import { toCustomer, toSourceInfo, toTicket, toVendor } from '../memory-ticket.ts'

/** A source's description; `key` also names its system. */
export function sourceInfo(key: string, more: Partial<SourceInfo> = {}): SourceInfo {
  return toSourceInfo(key, {
    system: key,
    label: key.toUpperCase(),
    actions: [],
    canCreate: false,
    filters: [],
    ...more,
  })
}

/** A complete ticket in which only the named fields are set. */
export function ticket(source: SourceInfo, externalId: string, more: Partial<PlainTicket> = {}): PlainTicket {
  const freshness = { mode: 'LIVE', observedAt: '2026-01-01T00:00:00.000Z' } as const
  return toTicket(source, externalId, { freshness, raw: { id: externalId }, ...more })
}

export function customer(source: SourceInfo, externalId: string, more: Partial<Customer> = {}): Customer {
  return toCustomer(source, externalId, more)
}

export function vendor(source: SourceInfo, externalId: string, more: Partial<Vendor> = {}): Vendor {
  return { ...toVendor(source, externalId), ...more }
}

export function message(source: SourceInfo, ticketId: string, index: number, body: string): ThreadMessage {
  const id = encodeId('message', source.key, '', `${ticketId}#${index}`)
  const author = { kind: 'AGENT', externalId: 'a1', name: null } as const
  return { id, author, body, format: 'TEXT', visibility: 'PUBLIC', createdAt: null, attachments: null }
}
