import { describe, expect, it } from 'vitest'
import {
  isIssueId,
  isIssueKey,
  toDate,
  toDesk,
  toField,
  toIssue,
  toName,
  toStatus,
  toTransition,
  toUser,
} from '../../../src/sources/jira/decode.ts'
import { ann, issue, mia, statuses } from './jira-fixture.ts'

const site = { fields: [], desks: [] }

describe('an issue of Jira', () => {
  it('has what the platform API tells of it', () => {
    const wire = issue('10001', {
      resolution: { id: '10000', name: 'Done' },
      attachment: [{ id: '7', filename: 'a.png', size: 3, mimeType: 'image/png', content: 'https://desk.example/7' }, 'none'],
    })
    expect(toIssue(wire, site)).toEqual({
      id: '10001',
      key: 'DESK-10001',
      site,
      fields: wire.fields,
      projectId: '10000',
      status: { id: '10001', name: 'Waiting for support', category: 'indeterminate' },
      resolution: { id: '10000', name: 'Done' },
      priority: { id: '1', name: 'Highest' },
      assignee: { id: ann.accountId, name: 'Ann Agent', email: null, accountType: 'atlassian' },
      reporter: { id: mia.accountId, name: 'Mia Krystof', email: 'mia@example.com', accountType: 'customer' },
      labels: ['fire', 'printer'],
      created: '2024-11-29T18:44:51.887Z',
      updated: '2026-01-02T02:04:05.678Z',
      attachments: [{ id: '7', filename: 'a.png', size: 3, mimeType: 'image/png', url: 'https://desk.example/7' }],
      ...{ comments: null, transitions: null, watchers: null, record: wire },
    })
  })

  it('needs only its id', () => {
    const nothing = { projectId: null, status: null, resolution: null, priority: null, assignee: null, reporter: null }
    const absent = { ...nothing, key: null, labels: [], created: null, updated: null, attachments: [], fields: {} }
    for (const record of [{ id: '10001' }, { id: 10001, fields: [], key: 7 }])
      expect(toIssue(record, site)).toMatchObject({ id: '10001', ...absent, record })
  })

  it('is none without an id, or where it is nested more than 200 levels deep', () => {
    for (const value of [null, 'text', [], {}, { id: null }, { id: '0' }, { id: '../1' }, { id: 1.5 }])
      expect(toIssue(value, site)).toBeNull()
    const nested = (levels: number) => JSON.parse(`${'{"content":'.repeat(levels)}1${'}'.repeat(levels)}`)
    // The issue, its fields and 198 levels of the text.
    expect(toIssue({ id: '1', fields: { description: nested(198) } }, site)).toMatchObject({ id: '1' })
    expect(toIssue({ id: '1', fields: { description: nested(199) } }, site)).toBeNull()
  })

  it('JIRA-16: is named by its number, and a key is none', () => {
    expect(['1', '10001', '9'.repeat(15)].map(isIssueId)).toEqual([true, true, true])
    const others = ['', '0', '01', '-1', 'DESK-1', '1x', 'x1', '1 ', '9'.repeat(16)]
    expect(others.filter(isIssueId)).toEqual([])
  })

  it('has a key of a project of two characters or more and a number', () => {
    expect(['AB-1', 'DESK_2-12', 'd9-9', `A${'B'.repeat(99)}-1`].map(isIssueKey)).toEqual([true, true, true, true])
    const others = ['A-1', '1A-1', '_A-1', 'AB1', 'AB-0', 'AB-', 'AB-1x', ' AB-1', 'AB-1-', 'A.B-1', `A${'B'.repeat(100)}-1`]
    expect([...others, `AB-${'9'.repeat(16)}`].filter(isIssueKey)).toEqual([])
  })
})

describe('a record of a Jira site', () => {
  it('with a name needs only its id', () => {
    expect(toName({ id: '3', name: 'Medium' })).toEqual({ id: '3', name: 'Medium' })
    expect(toName({ id: 3, name: ' ' })).toEqual({ id: '3', name: null })
    expect([null, '3', [], {}, { name: 'Medium' }].map(toName)).toEqual([null, null, null, null, null])
  })

  it('of a user has the account, JIRA-13 and often no e-mail address', () => {
    expect(toUser(ann)).toEqual({ id: ann.accountId, name: 'Ann Agent', email: null, accountType: 'atlassian' })
    expect(toUser({ accountId: 'x' })).toEqual({ id: 'x', name: null, email: null, accountType: null })
    expect([null, 'x', {}, { accountId: 7 }, { displayName: 'Ann' }].map(toUser)).toEqual([null, null, null, null, null])
  })

  it('of a status has one of three categories', () => {
    const categoryOf = (value: unknown) => toStatus(value)?.category
    expect([statuses.triage, statuses.review, statuses.done, statuses.odd].map(categoryOf)).toEqual([
      ...['new', 'indeterminate', 'done', 'undefined'],
    ])
    expect(toStatus({ id: '1', name: 'Open' })).toEqual({ id: '1', name: 'Open', category: 'undefined' })
    expect(categoryOf({ id: '1', statusCategory: { key: 'other' } })).toBe('undefined')
    expect([toStatus(null), toStatus({ statusCategory: { key: 'new' } })]).toEqual([null, null])
  })

  it('of a service desk needs its id and its project', () => {
    const desk = { id: '1', projectId: '10000', projectKey: 'DESK', projectName: 'Help desk' }
    expect(toDesk(desk)).toEqual({ id: '1', projectId: '10000', projectKey: 'DESK', name: 'Help desk' })
    expect(toDesk({ ...desk, projectName: undefined })).toMatchObject({ name: null })
    for (const name of ['id', 'projectId', 'projectKey']) expect(toDesk({ ...desk, [name]: undefined })).toBeNull()
    expect([toDesk(null), toDesk('text')]).toEqual([null, null])
  })

  it('of a field has the types of its values and of its items', () => {
    const schema = { type: 'array', items: 'option', custom: 'com.atlassian.jira.plugin.system.customfieldtypes:multiselect' }
    const name = { id: 'customfield_10041', name: 'Rooms' }
    expect(toField({ ...name, schema })).toEqual({ ...name, ...schema })
    expect(toField({ ...name, schema: 'none' })).toEqual({ ...name, type: null, items: null, custom: null })
    expect(toField({ ...name })).toEqual({ ...name, type: null, items: null, custom: null })
    expect([toField(null), toField({ schema })]).toEqual([null, null])
  })

  it('of a time of the service desk API is read in milliseconds, or else as text', () => {
    expect(toDate({ epochMillis: 1_767_225_600_123, iso8601: '2020-01-01T00:00:00+0000' })).toBe('2026-01-01T00:00:00.123Z')
    expect(toDate({ iso8601: '2026-01-01T01:00:00+0100', friendly: 'Yesterday' })).toBe('2026-01-01T00:00:00.000Z')
    expect([toDate({ friendly: 'Yesterday' }), toDate(null), toDate('2026-01-01')]).toEqual([null, null, null])
  })
})

describe('a transition of an issue', () => {
  const transition = { id: '5', name: 'Resolve', to: statuses.resolved, isAvailable: true }
  const to = { id: '10006', name: 'Resolved', category: 'done' }

  it('leads to a status, and has the fields of its screen', () => {
    const fields = {
      resolution: { required: true, hasDefaultValue: false },
      summary: { required: true, hasDefaultValue: true },
      comment: { required: false },
      customfield_10040: { required: true },
      assignee: 'odd',
    }
    expect(toTransition({ ...transition, fields })).toEqual({
      ...{ id: '5', name: 'Resolve', to },
      required: ['resolution', 'customfield_10040'],
      fields: ['resolution', 'summary', 'comment', 'customfield_10040', 'assignee'],
    })
    expect(toTransition(transition)).toEqual({ id: '5', name: 'Resolve', to, required: [], fields: [] })
  })

  it('is none where it is not available, or does not say where it leads', () => {
    expect(toTransition({ ...transition, isAvailable: undefined })).not.toBeNull()
    expect(toTransition({ ...transition, isAvailable: false })).toBeNull()
    expect([toTransition({ ...transition, to: null }), toTransition({ ...transition, id: null })]).toEqual([null, null])
    expect([toTransition(null), toTransition([])]).toEqual([null, null])
  })
})
