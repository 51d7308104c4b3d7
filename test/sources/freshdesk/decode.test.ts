import { describe, expect, it } from 'vitest'
import { isFreshdeskId, toConversation, toFreshdeskRecord } from '../../../src/sources/freshdesk/decode.ts'

// Records as "Tickets" and "Conversations" of developers.freshdesk.com/api show them.

const file = {
  ...{ id: 4004, name: 'crash.log', content_type: 'text/plain', size: 2532 },
  attachment_url: 'https://files.example.net/crash.log',
}
const decodedFile = {
  ...{ id: '4004', filename: 'crash.log', contentType: 'text/plain', size: 2532 },
  url: 'https://files.example.net/crash.log',
}
const ticket = {
  ...{ id: 20, subject: 'Printer', description_text: 'It burns.', status: 2, priority: 3, source: 1, type: 'Incident' },
  ...{ requester_id: 1018, responder_id: 301, group_id: 156, company_id: 77, company: { id: 77, name: 'One Company' } },
  requester: { id: 1018, name: 'Johnny', email: 'johnny@example.com', phone: '+1', mobile: '+2' },
  ...{ tags: ['fire', 7], custom_fields: { cf_boxes: 7 }, attachments: [file, {}, null] },
  ...{ association_type: 1, associated_tickets_list: [21, '22', null] },
  stats: {
    ...{ first_responded_at: '2026-03-02T08:00:00Z', status_updated_at: '2026-03-04T11:00:00+05:30' },
    ...{ resolved_at: '2026-03-05T00:00:00Z', closed_at: '2026-03-06T00:00:00Z' },
  },
  ...{ due_by: '2026-03-06T10:00:00Z', fr_due_by: '2026-03-02T09:00:00Z', is_escalated: true, fr_escalated: true },
  ...{ deleted: true, spam: true, created_at: '2026-03-01T22:55:29Z', updated_at: '2026-03-05T10:38:52Z' },
}

describe('a ticket of Freshdesk', () => {
  it('has what its record tells', () => {
    expect(toFreshdeskRecord(ticket)).toEqual({
      ...{ id: '20', subject: 'Printer', description: 'It burns.', statusId: '2', priorityId: '3', sourceId: '1' },
      ...{ type: 'Incident', requesterId: '1018', agentId: '301', groupId: '156', companyId: '77', companyName: 'One Company' },
      requester: { id: '1018', name: 'Johnny', email: 'johnny@example.com', phone: '+1' },
      ...{ tags: ['fire'], customFields: { cf_boxes: 7 }, attachments: [decodedFile], association: 1, listedIds: ['21', '22'] },
      stats: {
        ...{ firstRespondedAt: '2026-03-02T08:00:00.000Z', statusUpdatedAt: '2026-03-04T05:30:00.000Z' },
        ...{ resolvedAt: '2026-03-05T00:00:00.000Z', closedAt: '2026-03-06T00:00:00.000Z' },
      },
      ...{ dueBy: '2026-03-06T10:00:00.000Z', firstReplyDueBy: '2026-03-02T09:00:00.000Z' },
      ...{ isEscalated: true, isFirstReplyEscalated: true, isDeleted: true, isSpam: true },
      ...{ createdAt: '2026-03-01T22:55:29.000Z', updatedAt: '2026-03-05T10:38:52.000Z', record: ticket },
    })
  })

  it('needs only its id', () => {
    const ids = { statusId: null, priorityId: null, sourceId: null, requesterId: null, agentId: null, groupId: null }
    const texts = { subject: null, description: null, type: null, companyId: null, companyName: null, requester: null }
    const lists = { tags: [], customFields: {}, attachments: [], association: null, listedIds: null, stats: null }
    const times = { dueBy: null, firstReplyDueBy: null, createdAt: null, updatedAt: null }
    const flags = { isEscalated: false, isFirstReplyEscalated: false, isDeleted: false, isSpam: false }
    const record = { id: '9223372036854775807', is_escalated: 1, fr_escalated: 'true', deleted: 'yes', spam: {}, requester: 7 }
    expect(toFreshdeskRecord(record)).toEqual({
      ...{ id: '9223372036854775807', ...ids, ...texts, ...lists, ...times, ...flags, record },
    })
  })

  it('has a contact only with an id, and its mobile number where it has no other', () => {
    const requester = (value: object) => toFreshdeskRecord({ ...ticket, requester: value })?.requester
    expect(requester({ id: 7, mobile: '+2' })).toEqual({ id: '7', name: null, email: null, phone: '+2' })
    expect([requester({ id: 7 })?.phone, requester({ name: 'Johnny' })]).toEqual([null, null])
  })

  it('FRESHDESK-12: of a chat has the texts of its structure', () => {
    const of = (description_contents: unknown, more: object = {}) =>
      toFreshdeskRecord({ id: 20, structured_description: { description_contents }, ...more })?.description
    const part = (content: unknown) => ({ data: { content } })
    expect(of([part('Hello'), {}, part(7), null, part('you')])).toBe('Hello\nyou')
    expect([of([]), of('text'), of([part('')])]).toEqual([null, null, null])
    expect(of([part('Hello')], { description_text: 'Text' })).toBe('Text')
    expect(toFreshdeskRecord({ id: 20, structured_description: 'text' })?.description).toBeNull()
  })

  it('is none without an id of at most 19 digits, or where it is nested more than 64 levels deep', () => {
    for (const value of [null, 'text', [], {}, { id: null }, { id: '0' }, { id: '7/8' }, { id: 1.5 }])
      expect(toFreshdeskRecord(value)).toBeNull()
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect([toFreshdeskRecord({ id: 7, a: nested(63) })?.id, toFreshdeskRecord({ id: 7, a: nested(64) })]).toEqual(['7', null])
    expect(['1', '9'.repeat(19)].map(isFreshdeskId)).toEqual([true, true])
    expect(['', '0', '01', 'x1', '1x', '-1', '9'.repeat(20)].filter(isFreshdeskId)).toEqual([])
  })
})

describe('a message of Freshdesk', () => {
  const message = {
    ...{ id: 501, ticket_id: 20, body: '<div>Red.</div>', body_text: 'Red.', private: false, incoming: true, user_id: 301 },
    ...{ attachments: [file, null], created_at: '2026-03-02T08:00:00Z' },
  }

  it('has what its record tells', () => {
    expect(toConversation(message)).toEqual({
      ...{ id: '501', ticketId: '20', text: 'Red.', html: '<div>Red.</div>', isPublic: true, isIncoming: true, userId: '301' },
      ...{ attachments: [decodedFile], createdAt: '2026-03-02T08:00:00.000Z' },
    })
  })

  it('is private unless it says that it is not', () => {
    const publicOf = (value: unknown) => toConversation({ id: 1, private: value })?.isPublic
    expect([false, true, undefined, null, 'false', 0].map(publicOf)).toEqual([true, false, false, false, false, false])
  })

  it('FRESHDESK-12: of a chat has the texts of its structure', () => {
    const structured_body = { body_contents: [{ data: { content: 'Hello' } }] }
    expect(toConversation({ id: 1, structured_body })?.text).toBe('Hello')
    expect(toConversation({ ...message, structured_body })?.text).toBe('Red.')
    expect(toConversation({ id: 1, structured_body: 'text' })?.text).toBeNull()
  })

  it('needs only its id', () => {
    const nothing = { ticketId: null, text: null, html: null, userId: null, createdAt: null, attachments: [] }
    expect(toConversation({ id: 1, incoming: 1 })).toEqual({ id: '1', ...nothing, isPublic: false, isIncoming: false })
    expect([null, [], {}, 'text', { body: 'x' }].map(toConversation)).toEqual([null, null, null, null, null])
  })
})
