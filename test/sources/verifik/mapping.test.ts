import { describe, expect, it } from 'vitest'
import { toVerifikTicket } from '../../../src/sources/verifik/decode.ts'
import { readFixture } from '../../fixtures/read-fixture.ts'
import { idOf, observedAt, record, translate } from './verifik-fixture.ts'

describe('a Verifik ticket', () => {
  it('of the document is translated field by field', () => {
    const ticket = translate(readFixture('verifik/ticket.json'))
    expect(ticket).toEqual({
      id: idOf('ticket', 'support_ticket_123456789'),
      source: ticket.source,
      tenant: '',
      externalId: 'support_ticket_123456789',
      isSummary: false,
      number: null,
      url: null,
      title: 'API Integration Issue',
      description: 'Having trouble integrating the biometric validation API. Getting 401 errors.',
      status: 'IN_PROGRESS',
      sourceStatus: 'in_progress',
      statusReason: null,
      statusChangedAt: null,
      priority: 'HIGH',
      sourcePriority: 'high',
      priorityRank: null,
      category: { code: 'technical', label: 'Technical issues', path: ['technical'] },
      reason: null,
      type: null,
      channel: 'WEB',
      origin: null,
      queue: null,
      queueKey: null,
      country: null,
      language: null,
      tags: ['api', 'authentication', 'biometric'],
      assignee: { id: idOf('agent', 'agent_123456789'), externalId: 'agent_123456789', name: null, email: null },
      group: null,
      followers: null,
      organization: null,
      createdBy: null,
      updatedBy: null,
      customer: {
        id: idOf('customer', 'client_123456789'),
        externalId: 'client_123456789',
        name: null,
        firstName: null,
        lastName: null,
        email: null,
        phone: null,
      },
      vendor: null,
      orders: null,
      links: null,
      messages: [
        {
          id: idOf('message', 'support_ticket_123456789#0'),
          author: { kind: 'CUSTOMER', externalId: 'client_123456789', name: null },
          body: "I'm getting 401 errors when trying to use the biometric validation endpoint.",
          format: 'TEXT',
          visibility: 'PUBLIC',
          createdAt: '2024-01-15T10:30:00.000Z',
          attachments: null,
        },
        {
          id: idOf('message', 'support_ticket_123456789#1'),
          author: { kind: 'AGENT', externalId: 'agent_123456789', name: null },
          body: "I've reviewed your API key and it appears to be valid. Let me check the logs.",
          format: 'TEXT',
          visibility: 'PUBLIC',
          createdAt: '2024-01-15T11:00:00.000Z',
          attachments: null,
        },
      ],
      attachments: [
        {
          id: idOf('attachment', 'support_ticket_123456789#file-0'),
          filename: 'error_logs.txt',
          url: 'https://storage.verifik.co/attachments/error_logs.txt',
          size: 1024,
          contentType: 'text/plain',
          expiresAt: null,
          requiresAuth: false,
        },
      ],
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
      createdAt: '2024-01-15T10:30:00.000Z',
      updatedAt: '2024-01-15T11:00:00.000Z',
      firstOpenedAt: null,
      lastOpenedAt: null,
      resolvedAt: null,
      deletedAt: null,
      freshness: { mode: 'LIVE', observedAt },
      raw: readFixture('verifik/ticket.json'),
    })
  })

  it('VERIFIK-02: has its client and assignee from an id or an object with a name, and the assignee under either key', () => {
    const people = translate(
      record({ client: { _id: 'c-1', name: 'Banco del Río' }, assignedTo: undefined, assignee: { _id: 'a-1', name: 'Luz' } }),
    )
    expect(people.customer).toMatchObject({ externalId: 'c-1', name: 'Banco del Río' })
    expect(people.assignee).toMatchObject({ externalId: 'a-1', name: 'Luz' })
    expect(translate(record({ assignedTo: null })).assignee).toBeNull()
    expect(translate(record({ client: {}, assignedTo: 7.5 }))).toMatchObject({ customer: null, assignee: null })
  })

  it('VERIFIK-03: has ids of both forms, and messages with their index as id', () => {
    expect(translate(record({ _id: '65a4f0c2e1b2c3d4e5f60718' })).externalId).toBe('65a4f0c2e1b2c3d4e5f60718')
    const threads = [{ message: 'one' }, 'broken', { message: 'three' }]
    expect(translate(record({ threads })).messages?.map(({ id }) => id)).toEqual([
      idOf('message', 'support_ticket_123456789#0'),
      idOf('message', 'support_ticket_123456789#2'),
    ])
    expect(toVerifikTicket({ title: 'no id' })).toBeNull()
  })

  it('has messages oldest first, each with its index as id', () => {
    const threads = [
      { message: 'later', timestamp: '2024-01-15T11:00:00Z', type: 'user' },
      { message: 'earlier', timestamp: '2024-01-15T10:00:00Z', type: 'user' },
    ]
    expect(translate(record({ threads })).messages?.map(({ id, body }) => [id, body])).toEqual([
      [idOf('message', 'support_ticket_123456789#1'), 'earlier'],
      [idOf('message', 'support_ticket_123456789#0'), 'later'],
    ])
  })

  it.each([
    ['user', 'CUSTOMER', 'PUBLIC'],
    ['agent', 'AGENT', 'PUBLIC'],
    ['system', 'SYSTEM', 'INTERNAL'],
    ['bot', 'UNKNOWN', 'INTERNAL'],
    [undefined, 'UNKNOWN', 'INTERNAL'],
  ])('VERIFIK-04, DECISION-15: a message of type %s is by %s and %s', (type, kind, visibility) => {
    const [message] = translate(record({ threads: [{ author: 'x-1', message: 'hi', type }] })).messages ?? []
    expect(message).toMatchObject({ author: { kind }, visibility })
  })

  it('VERIFIK-04: has the name of an author who is the client or assignee', () => {
    const threads = [{ author: 'c-1', message: 'hi', type: 'user' }]
    const ticket = translate(record({ client: { _id: 'c-1', name: 'Banco del Río' }, threads }))
    expect(ticket.messages?.[0]?.author).toEqual({ kind: 'CUSTOMER', externalId: 'c-1', name: 'Banco del Río' })
  })

  it('VERIFIK-05: keeps description and first message apart, and makes no message of the description', () => {
    expect(translate(record({ description: 'a', threads: [{ message: 'b', type: 'user' }] }))).toMatchObject({
      description: 'a',
      messages: [{ body: 'b' }],
    })
    expect(translate(record({ description: 'a', threads: [] })).messages).toEqual([])
    expect(translate(record({ description: 'a', threads: undefined })).messages).toBeNull()
    expect(translate(record({ threads: [{ type: 'user' }, { message: '  ', type: 'user' }] })).messages).toEqual([])
  })

  it('VERIFIK-06: finds an attachment of a message, which is an id, among those of the ticket', () => {
    const attachments = [{ _id: 'f-1', filename: 'a.txt', url: 'https://s/a.txt', size: 3, type: 'text/plain' }]
    const threads = [{ message: 'see', type: 'user', attachments: ['f-1', 'f-2'] }]
    const ticket = translate(record({ attachments, threads }))
    // The same file has the same id in both places.
    const whole = { id: idOf('attachment', `${ticket.externalId}#f-1`), filename: 'a.txt', url: 'https://s/a.txt', size: 3 }
    expect(ticket.attachments).toMatchObject([whole])
    const unknown = { id: idOf('attachment', `${ticket.externalId}#f-2`), filename: 'f-2', url: null, size: null }
    expect(ticket.messages?.[0]?.attachments).toMatchObject([whole, unknown])
  })

  it('has an id for every attachment, made of its place where the vendor gives none', () => {
    const file = { filename: 'a.txt', url: 'https://s/a.txt' }
    const threads = [{ message: 'see', type: 'user', attachments: [file] }]
    const ticket = translate(record({ attachments: [file, file], threads }))
    const idsOf = (attachments: typeof ticket.attachments) => attachments?.map(({ id }) => id)
    expect(idsOf(ticket.attachments)).toEqual([
      idOf('attachment', `${ticket.externalId}#file-0`),
      idOf('attachment', `${ticket.externalId}#file-1`),
    ])
    expect(idsOf(ticket.messages?.[0]?.attachments ?? null)).toEqual([idOf('attachment', `${ticket.externalId}#0-file-0`)])
  })

  it.each([
    ['open', 'OPEN'],
    ['pending', 'PENDING'],
    ['in_progress', 'IN_PROGRESS'],
    ['resolved', 'RESOLVED'],
    ['closed', 'CLOSED'],
    ['progress', 'IN_PROGRESS'],
    ['cancelled', 'CANCELLED'],
    ['reopened', 'UNKNOWN'],
  ])('VERIFIK-09: maps the status %s to %s and keeps the original word', (sourceStatus, status) => {
    expect(translate(record({ status: sourceStatus }))).toMatchObject({ status, sourceStatus })
  })

  it.each([
    ['low', 'LOW'],
    ['medium', 'MEDIUM'],
    ['high', 'HIGH'],
    ['urgent', 'URGENT'],
    ['blocker', 'UNKNOWN'],
    [null, null],
  ])('maps the priority %s to %s', (sourcePriority, priority) => {
    expect(translate(record({ priority: sourcePriority }))).toMatchObject({ priority, sourcePriority })
  })

  it('VERIFIK-09: labels the documented categories and keeps the others', () => {
    const labelOf = (category: string) => translate(record({ category })).category?.label
    expect(['technical', 'billing', 'account', 'feature_request', 'general'].map(labelOf)).toEqual([
      'Technical issues',
      'Billing and payment issues',
      'Account-related issues',
      'Feature requests',
      'General inquiries',
    ])
    expect(translate(record({ category: 'kyc' })).category).toEqual({ code: 'kyc', label: 'kyc', path: ['kyc'] })
  })

  it('VERIFIK-11: reads times with and without milliseconds, with an offset, and null', () => {
    const timeOf = (resolvedAt: unknown) => translate(record({ resolvedAt })).resolvedAt
    expect(timeOf('2024-01-15T10:30:00Z')).toBe('2024-01-15T10:30:00.000Z')
    expect(timeOf('2024-01-15T10:30:00.123Z')).toBe('2024-01-15T10:30:00.123Z')
    expect(timeOf('2024-01-15T10:30:00-05:00')).toBe('2024-01-15T15:30:00.000Z')
    expect(timeOf('2024-01-15T10:30:00')).toBe('2024-01-15T10:30:00.000Z')
    expect(['not yet', '2024-13-45T10:30:00Z', 1705314600, null, ''].map(timeOf)).toEqual([null, null, null, null, null])
  })

  it('DECISION-15: has its resolution text as the reason', () => {
    const resolvedAt = '2024-01-16T09:00:00Z'
    expect(translate(record({ resolution: 'Moved the key.', resolvedAt })).resolution).toEqual({
      status: null,
      reason: 'Moved the key.',
      resolvedAt: '2024-01-16T09:00:00.000Z',
    })
    expect(translate(record({ resolution: null, resolvedAt: null })).resolution).toBeNull()
  })
})
