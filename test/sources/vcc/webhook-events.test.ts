import { describe, expect, it } from 'vitest'
import { vccConfig } from '../../../src/sources/vcc/config.ts'
import { emptyState } from '../../../src/sources/vcc/state.ts'
import { createVccWebhookHandler } from '../../../src/sources/vcc/webhook.ts'
import type { ReduceContext } from '../../../src/sources/webhook-handler.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

const source = toSourceInfo('vcc')
const handler = createVccWebhookHandler({ source, config: vccConfig.parse({ account: 'acme', secret: 'secret-of-16-bytes' }) })
const [t1, t2, t3] = [1, 2, 3].map((second) => `2024-06-01T12:00:0${second}.000Z`) as [string, string, string]
const decode = (action: string, fields: object = {}) =>
  handler.decode({
    raw: Buffer.from(JSON.stringify({ action, ticket: { ticketId: 21, projectId: 130, ...fields } })),
    eventId: null,
  })
const reduce = (action: string, fields: object = {}, context: Partial<ReduceContext> = {}) =>
  handler.reduce(decode(action, fields), { receivedAt: t2, ticket: null, state: null, ...context })
/** What the store has after an event. */
function stored(action: string, fields: object = {}, context: Partial<ReduceContext> = {}) {
  const result = reduce(action, fields, { receivedAt: t1, ...context })
  if (result.outcome !== 'APPLIED') throw new Error(result.why)
  return { ticket: result.ticket, state: result.state }
}

describe('the webhook of VCC Live', () => {
  it('VCC-10: has events without an id, of which equal ones within a minute are one', () => {
    const rawBody = Buffer.from('{}')
    expect(handler).toMatchObject({ source, duplicateWindowMs: 60_000, answersPerItem: false })
    expect(handler.split({ rawBody, contentType: '', headers: {}, query: {} })).toEqual([{ raw: rawBody, eventId: null }])
    expect(decode('add')).toMatchObject({ tenant: 'acme', externalId: '130-21', echoOf: null, payload: { action: 'add' } })
  })

  it('is authorised by its secret, which is given once', () => {
    const authorise = (query: Record<string, string | string[]>) =>
      handler.authorise({ rawBody: Buffer.from(''), contentType: '', headers: {}, query })
    expect(authorise({ 'secret-key': 'secret-of-16-bytes' })).toBe(true)
    for (const query of [
      {},
      { 'secret-key': 'secret-of-16-byte' },
      { 'secret-key': ['secret-of-16-bytes'] },
      { secret: 'secret-of-16-bytes' },
    ])
      expect(authorise(query as never)).toBe(false)
  })

  it('creates a ticket by an add, once', () => {
    expect(reduce('add', { title: 'a' })).toMatchObject({
      outcome: 'APPLIED',
      kind: 'CREATED',
      ticket: { title: 'a', updatedAt: t2 },
    })
    expect(reduce('add', { title: 'b' }, stored('add', { title: 'a' }))).toMatchObject({
      kind: 'UPDATED',
      ticket: { title: 'b' },
    })
    expect(reduce('add', { title: 'b' }, stored('delete'))).toMatchObject({ kind: 'UPDATED', ticket: { deletedAt: t1 } })
    expect(reduce('add', { title: 'b' }, stored('update', { type: 'x' }))).toMatchObject({ kind: 'CREATED' })
  })

  it('tells what an update changed, and that a ticket is gone', () => {
    const before = stored('add', { status: 'park', title: 'a' })
    expect(reduce('update', { status: 'closed' }, before)).toMatchObject({ kind: 'CLOSED', ticket: { status: 'CLOSED' } })
    expect(reduce('update', { title: 'b' }, before)).toMatchObject({ kind: 'UPDATED' })
    expect(reduce('delete', {}, before)).toMatchObject({ kind: 'DELETED', ticket: { deletedAt: t2, status: 'OPEN' } })
    expect(reduce('delete')).toMatchObject({ kind: 'DELETED' })
  })

  it('VCC-08: names who made the change', () => {
    const actor = (fields: object) => reduce('update', fields)
    expect(actor({ userId: 8 })).toMatchObject({ actor: { kind: 'AGENT', externalId: '8', name: null } })
    expect(actor({ userId: 'u8' })).toMatchObject({ actor: { kind: 'AGENT', externalId: 'u8', name: null } })
    for (const fields of [{}, { userId: null }, { userId: {} }, { agentUserName: 'john' }])
      expect(actor(fields)).toMatchObject({ actor: null })
  })

  it('counts words that are not documented', () => {
    expect(reduce('update', { status: 'melted' })).toMatchObject({ unknown: ['status'] })
    expect(reduce('update', { status: 'park' })).toMatchObject({ unknown: [] })
  })

  it('changes nothing where the ticket already says so, and keeps when it was said', () => {
    const before = stored('update', { title: 'a' })
    const result = reduce('update', { title: 'a' }, before)
    expect(result).toMatchObject({ outcome: 'UNCHANGED', why: 'SUPERSEDED', state: { update: { at: { title: t2 } } } })
    expect(reduce('update', { title: 'a' }, { state: emptyState })).toMatchObject({ outcome: 'APPLIED' })
  })

  it('keeps the time of the ticket where an event is replayed that arrived before it', () => {
    const before = stored('update', { title: 'a' }, { receivedAt: t3 })
    const replayed = reduce('update', { type: 'late' }, { ...before, late: true, receivedAt: t1 })
    expect(replayed).toMatchObject({ ticket: { type: 'late', updatedAt: t3, freshness: { observedAt: t3 } } })
    const later = reduce('update', { type: 'late' }, { ...stored('update', { title: 'a' }), late: true, receivedAt: t2 })
    expect(later).toMatchObject({ ticket: { updatedAt: t2, freshness: { observedAt: t2 } } })
  })
})
