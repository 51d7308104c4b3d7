import { describe, expect, it } from 'vitest'
import { isZendeskId, toComment, toSideLoads, toZendeskRecord } from '../../../src/sources/zendesk/decode.ts'

// Records as "Tickets" and "Ticket Comments" of developer.zendesk.com show them.

const ticket = {
  ...{ id: 35436, subject: 'Printer', description: 'It burns.', status: 'open', custom_status_id: 506 },
  ...{ priority: 'high', type: 'incident', requester_id: 2, submitter_id: 3, assignee_id: 4, group_id: 5, organization_id: 6 },
  ...{
    follower_ids: [7, 'x', null],
    email_cc_ids: [8],
    tags: ['vip', 9],
    problem_id: 10,
    has_incidents: true,
    followup_ids: [11],
  },
  via: { channel: 'web', source: { from: { ticket_id: 12 }, rel: 'follow_up' } },
  custom_fields: [{ id: 27642, value: '745' }, { id: 27648 }, { value: 1 }, 'odd'],
  satisfaction_rating: { id: 1234, score: 'good', comment: 'Great!' },
  slas: {
    policy_metrics: [
      { metric: 'first_reply_time', stage: 'active', breach_at: '2026-03-01T12:00:00Z' },
      { metric: 'pausable_update_time' },
      ...[{ stage: 'active' }, null],
    ],
  },
  ...{ due_at: '2026-03-06T10:00:00Z', created_at: '2026-03-01T22:55:29Z', updated_at: '2026-03-05T10:38:52Z' },
}

describe('a ticket of Zendesk', () => {
  it('has what its record tells', () => {
    expect(toZendeskRecord(ticket)).toEqual({
      ...{ id: '35436', subject: 'Printer', description: 'It burns.', status: 'open', customStatusId: '506' },
      ...{ priority: 'high', type: 'incident', channel: 'web', requesterId: '2', submitterId: '3', assigneeId: '4' },
      ...{ groupId: '5', organizationId: '6', followerIds: ['7', 'x'], emailCcIds: ['8'], tags: ['vip'], problemId: '10' },
      ...{ hasIncidents: true, followupIds: ['11'], followedId: '12' },
      customFields: [
        { id: '27642', value: '745' },
        { id: '27648', value: null },
      ],
      satisfaction: { score: 'good', comment: 'Great!' },
      slaMetrics: [
        { metric: 'first_reply_time', stage: 'active', breachAt: '2026-03-01T12:00:00.000Z' },
        { metric: 'pausable_update_time', stage: null, breachAt: null },
      ],
      ...{ dueAt: '2026-03-06T10:00:00.000Z', createdAt: '2026-03-01T22:55:29.000Z', updatedAt: '2026-03-05T10:38:52.000Z' },
      ...{ updatedStamp: '2026-03-05T10:38:52Z', record: ticket },
    })
  })

  it('needs only its id', () => {
    const texts = { subject: null, description: null, status: null, priority: null, type: null, channel: null }
    const ids = { customStatusId: null, requesterId: null, submitterId: null, assigneeId: null, groupId: null }
    const lists = { followerIds: [], emailCcIds: [], tags: [], customFields: [], followupIds: [] }
    const others = { organizationId: null, problemId: null, followedId: null, satisfaction: null, slaMetrics: null }
    const times = { dueAt: null, createdAt: null, updatedAt: null, updatedStamp: null }
    const record = { id: '9007199254740993', via: 'web', has_incidents: 'yes', slas: [] }
    expect(toZendeskRecord(record)).toEqual({
      ...{ id: '9007199254740993', ...texts, ...ids, ...lists, ...others, ...times, hasIncidents: false, record },
    })
  })

  it('follows the ticket of its source only where it is a follow-up', () => {
    const followedId = (source: unknown) => toZendeskRecord({ ...ticket, via: { source } })?.followedId
    expect(followedId({ from: { ticket_id: 12 }, rel: 'problem' })).toBeNull()
    expect([followedId({ rel: 'follow_up' }), followedId({ from: 12, rel: 'follow_up' }), followedId(null)]).toEqual([
      ...[null, null, null],
    ])
  })

  it('is none without an id of at most 19 digits, or where it is nested more than 64 levels deep', () => {
    for (const value of [null, 'text', [], {}, { id: null }, { id: '0' }, { id: '7/8' }, { id: 1.5 }])
      expect(toZendeskRecord(value)).toBeNull()
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect([toZendeskRecord({ id: 7, a: nested(63) })?.id, toZendeskRecord({ id: 7, a: nested(64) })]).toEqual(['7', null])
    expect(['1', '9'.repeat(19)].map(isZendeskId)).toEqual([true, true])
    expect(['', '0', '01', 'x1', '1x', '-1', '9'.repeat(20)].filter(isZendeskId)).toEqual([])
  })
})

describe('what stands beside tickets of Zendesk', () => {
  it('is found by its id', () => {
    const users = [{ id: 2, name: 'Ann', email: 'ann@example.com', phone: '+1', role: 'agent', ticket_restriction: 'groups' }]
    const sideLoads = toSideLoads({ users, groups: [{ id: 5, name: 'First' }, {}], organizations: [{ id: 6 }, null] })
    const ann = { id: '2', name: 'Ann', email: 'ann@example.com', phone: '+1', role: 'agent', restriction: 'groups' }
    expect(sideLoads).toEqual({
      users: new Map([['2', ann]]),
      groups: new Map([['5', { id: '5', name: 'First' }]]),
      organizations: new Map([['6', { id: '6', name: null }]]),
    })
  })

  it('is empty where the answer has none of it', () => {
    const nothing = { users: new Map(), groups: new Map(), organizations: new Map() }
    for (const body of [null, [], {}, { users: 'none', groups: {} }]) expect(toSideLoads(body)).toEqual(nothing)
    expect(toSideLoads({ users: [null, {}, { name: 'Ann' }] }).users.size).toBe(0)
  })
})

describe('a comment of Zendesk', () => {
  const comment = {
    ...{ id: 1274, audit_id: 35, author_id: 123, body: 'Thanks!', html_body: '<p>Thanks!</p>', plain_body: 'Thank you' },
    ...{ public: true, created_at: '2026-03-01T22:55:29Z' },
    attachments: [
      {
        ...{ id: 498, file_name: 'crash.log', content_type: 'text/plain', size: 2532 },
        content_url: 'https://company.zendesk.com/attachments/crash.log',
      },
      { id: 499, deleted: true },
      { id: 500, deleted: false },
      ...[{ file_name: 'x' }, null],
    ],
  }

  it('has texts and files, without those that were deleted', () => {
    const nothing = { filename: null, url: null, contentType: null, size: null }
    expect(toComment(comment)).toEqual({
      ...{ id: '1274', auditId: '35', authorId: '123', text: 'Thanks!', html: '<p>Thanks!</p>', isPublic: true },
      createdAt: '2026-03-01T22:55:29.000Z',
      attachments: [
        {
          ...{ id: '498', filename: 'crash.log', contentType: 'text/plain', size: 2532 },
          url: 'https://company.zendesk.com/attachments/crash.log',
        },
        { id: '500', ...nothing },
      ],
    })
    expect(toComment({ ...comment, body: '' })).toMatchObject({ text: 'Thank you' })
  })

  it('is internal where the answer does not say that it is public', () => {
    const publicOf = (value: unknown) => toComment({ id: 1, public: value })?.isPublic
    expect([true, false, undefined, 'true', 1].map(publicOf)).toEqual([true, false, false, false, false])
  })

  it('needs only its id', () => {
    const nothing = { auditId: null, authorId: null, text: null, html: null, createdAt: null }
    expect(toComment({ id: 1 })).toEqual({ id: '1', ...nothing, isPublic: false, attachments: [] })
    expect([null, [], {}, 'text', { body: 'x' }].map(toComment)).toEqual([null, null, null, null, null])
  })
})
