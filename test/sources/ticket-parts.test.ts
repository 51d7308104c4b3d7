import { describe, expect, it } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { createTicket, isSameTicket, toUnknownTicket } from '../../src/sources/mapped-ticket.ts'
import { createParts } from '../../src/sources/ticket-parts.ts'
import { toSourceInfo, toTicket } from '../support/memory-ticket.ts'

const source = toSourceInfo('desk')
const { toAgent, toAttachment, toCustomer, toGroup, toLink } = createParts({ source, tenant: 'de' })
const idOf = (kind: Parameters<typeof encodeId>[0], externalId: string) => encodeId(kind, 'desk', 'de', externalId)

describe('the parts of a ticket', () => {
  it('are people and groups, with null for what the vendor does not tell', () => {
    expect(toAgent({ id: '7', name: 'Ann' })).toEqual({ id: idOf('agent', '7'), externalId: '7', name: 'Ann', email: null })
    expect(toAgent({ id: '7', name: null, email: 'a@desk.test' })).toMatchObject({ name: null, email: 'a@desk.test' })
    expect(toGroup({ id: '8', name: 'Support' })).toEqual({ id: idOf('group', '8'), externalId: '8', name: 'Support' })
    expect(toCustomer({ id: '9', name: 'Ben' })).toEqual({
      id: idOf('customer', '9'),
      externalId: '9',
      name: 'Ben',
      firstName: null,
      lastName: null,
      email: null,
      phone: null,
    })
    expect(toCustomer({ id: '9', name: 'Ben', email: 'b@c.test', phone: '1' })).toMatchObject({ email: 'b@c.test', phone: '1' })
  })

  it('are links to tickets of the same source', () => {
    expect(toLink('RELATED', '4', 'https://desk.test/4')).toEqual({
      kind: 'RELATED',
      system: source.system,
      externalId: '4',
      category: null,
      reason: null,
      creator: null,
      createdAt: null,
      url: 'https://desk.test/4',
      ticketId: idOf('ticket', '4'),
    })
    expect(toLink('RELATED', '4', '', 'blocks').reason).toBe('blocks')
  })

  it('are files with an id within their ticket, which the source shows to its users alone', () => {
    const file = { id: '5', filename: null, url: 'https://desk.test/f', size: 3, contentType: 'text/plain' }
    expect(toAttachment('1', file)).toEqual({
      id: idOf('attachment', '1#5'),
      filename: 'attachment',
      url: 'https://desk.test/f',
      size: 3,
      contentType: 'text/plain',
      expiresAt: null,
      requiresAuth: true,
    })
    expect(toAttachment('1', { ...file, filename: 'a.txt' }).filename).toBe('a.txt')
  })
})

describe('a ticket', () => {
  const origin = { source, tenant: 'de', observedAt: '2026-01-02T00:00:00.000Z' }

  it('that nothing is known of has an id, an origin, the status UNKNOWN, and null for all else', () => {
    const { id, freshness, raw, status, isSummary, tenant, externalId, source: of, ...rest } = toUnknownTicket('1', origin, 'raw')
    expect({ id, tenant, externalId, of, status, isSummary, raw }).toEqual({
      id: idOf('ticket', '1'),
      tenant: 'de',
      externalId: '1',
      of: source,
      status: 'UNKNOWN',
      isSummary: false,
      raw: 'raw',
    })
    expect(freshness).toEqual({ mode: 'LIVE', observedAt: '2026-01-02T00:00:00.000Z' })
    expect(new Set(Object.values(rest))).toEqual(new Set([null]))
  })

  it('of a source that sends events is EVENT_FED', () => {
    const fed = { ...origin, source: toSourceInfo('desk', { mode: 'EVENT_FED' }) }
    expect(toUnknownTicket('1', fed, null).freshness.mode).toBe('EVENT_FED')
  })

  it('has the fields that its mapping reads', () => {
    const fields = { status: 'OPEN', title: 'A' } as never
    expect(createTicket('1', origin, null, fields)).toMatchObject({ status: 'OPEN', title: 'A', isSummary: false, tags: null })
  })
})

describe('two states of a ticket', () => {
  const ticket = toTicket(source, '1', { title: 'A', tags: ['vip'] })

  it('are the same with another time of observation, source and order of keys', () => {
    const later = { ...ticket.freshness, observedAt: '2026-05-05T00:00:00.000Z' }
    const { title, ...rest } = ticket
    expect(isSameTicket(ticket, { ...rest, title, freshness: later, source: toSourceInfo('other') })).toBe(true)
  })

  it('differ where a field differs, unless it is ignored', () => {
    expect(isSameTicket(ticket, { ...ticket, title: 'B' })).toBe(false)
    expect(isSameTicket(ticket, { ...ticket, tags: ['vip', 'x'] })).toBe(false)
    expect(isSameTicket(ticket, { ...ticket, title: 'B' }, { title: null })).toBe(true)
  })
})
