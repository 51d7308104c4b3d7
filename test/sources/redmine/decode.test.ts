import { describe, expect, it } from 'vitest'
import {
  isIssueId,
  toFieldDefinition,
  toIssue,
  toIssueOfBody,
  toIssuePage,
  toName,
  toStatus,
} from '../../../src/sources/redmine/decode.ts'

// Records as "Rest Issues" and "Rest CustomFields" of www.redmine.org/projects/redmine/wiki show them.

const noRecords = [null, [], {}, 'text', 7]
const issue = {
  ...{ id: 10, subject: 'Printer', description: 'It burns.', due_date: '2026-05-01', parent: { id: 9 } },
  ...{ project: { id: 1, name: 'Support' }, tracker: { id: 3, name: 'Incident' }, priority: { id: 2, name: 'Normal' } },
  ...{ status: { id: 5, name: 'Closed', is_closed: true }, author: { id: 7, name: 'Mia' }, assigned_to: { id: 8, name: 'Ann' } },
  category: { id: 4, name: 'Hardware' },
  custom_fields: [
    { id: 1, name: 'Tags', multiple: true, value: ['a', 7, 'b'] },
    { id: 2, name: 'Room', value: '12' },
    { id: 3, value: null },
    ...[{ name: 'x', value: '1' }, null],
  ],
  ...{ created_on: '2026-03-01T22:55:29Z', updated_on: '2026-03-05T10:38:52Z', closed_on: '2026-03-06T00:00:00Z' },
  journals: [
    {
      id: 12,
      notes: 'Second',
      private_notes: true,
      details: [{ property: 'attr', name: 'status_id', new_value: '5' }, {}, null],
    },
    { id: 11, user: { id: 8, name: 'Ann' }, notes: '', private_notes: false, created_on: '2026-03-02T00:00:00Z' },
    ...[{ notes: 'x' }, null],
  ],
  attachments: [
    { id: 6, filename: 'a.png', filesize: 3, content_type: 'image/png', content_url: 'http://redmine.example/a.png' },
    ...[{ filename: 'x' }, null],
  ],
  relations: [
    { issue_id: 10, issue_to_id: 22, relation_type: 'blocks' },
    ...[
      { issue_id: 10, relation_type: 'blocks' },
      { issue_to_id: 22, relation_type: 'blocks' },
      { issue_id: 1, issue_to_id: 2 },
      null,
    ],
  ],
  children: [{ id: 30 }, {}, null],
  watchers: [{ id: 8, name: 'Ann' }, {}],
  allowed_statuses: [{ id: 5, name: 'Closed', is_closed: true }, { id: 1, name: 'New' }, {}],
}

describe('an issue of Redmine', () => {
  it('has what its record tells', () => {
    expect(toIssue(issue)).toEqual({
      ...{ id: '10', subject: 'Printer', description: 'It burns.', dueDate: '2026-05-01', parentId: '9' },
      ...{ project: { id: '1', name: 'Support' }, tracker: { id: '3', name: 'Incident' }, priority: { id: '2', name: 'Normal' } },
      ...{ status: { id: '5', name: 'Closed', isClosed: true }, author: { id: '7', name: 'Mia' } },
      ...{ assignedTo: { id: '8', name: 'Ann' }, category: { id: '4', name: 'Hardware' } },
      customFields: [
        { id: '1', name: 'Tags', multiple: true, value: ['a', 'b'] },
        { id: '2', name: 'Room', multiple: false, value: '12' },
        { id: '3', name: null, multiple: false, value: null },
      ],
      ...{ createdOn: '2026-03-01T22:55:29.000Z', updatedOn: '2026-03-05T10:38:52.000Z', closedOn: '2026-03-06T00:00:00.000Z' },
      // REDMINE-04: by id.
      journals: [
        {
          ...{ id: 11, user: { id: '8', name: 'Ann' }, notes: null, isPrivate: false },
          ...{ createdOn: '2026-03-02T00:00:00.000Z', details: [] },
        },
        {
          ...{ id: 12, user: null, notes: 'Second', isPrivate: true, createdOn: null },
          details: [{ property: 'attr', name: 'status_id', newValue: '5' }],
        },
      ],
      attachments: [{ id: '6', filename: 'a.png', size: 3, contentType: 'image/png', url: 'http://redmine.example/a.png' }],
      ...{ relations: [{ from: '10', to: '22', type: 'blocks' }], childIds: ['30'], watchers: [{ id: '8', name: 'Ann' }] },
      allowedStatuses: [
        { id: '5', name: 'Closed', isClosed: true },
        { id: '1', name: 'New', isClosed: false },
      ],
      record: issue,
    })
  })

  it('needs only its id', () => {
    const names = { project: null, tracker: null, status: null, priority: null, author: null, assignedTo: null, category: null }
    const texts = { parentId: null, subject: null, description: null, dueDate: null }
    const times = { createdOn: null, updatedOn: null, closedOn: null }
    const lists = { customFields: [], journals: [], attachments: [], relations: [], childIds: [], watchers: [] }
    const record = { id: '10', parent: 9, children: {} }
    expect(toIssue(record)).toEqual({ id: '10', ...names, ...texts, ...times, ...lists, allowedStatuses: [], record })
  })

  it('is none without an id of at most ten digits, or where it is nested more than 64 levels deep', () => {
    for (const value of [...noRecords, { id: '0' }, { id: 'x' }, { id: '1/2' }]) expect(toIssue(value)).toBeNull()
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect([toIssue({ id: 7, a: nested(63) })?.id, toIssue({ id: 7, a: nested(64) })]).toEqual(['7', null])
    expect(['1', '9'.repeat(10)].map(isIssueId)).toEqual([true, true])
    expect(['', '0', '01', 'x1', '1x', '-1', '9'.repeat(11)].filter(isIssueId)).toEqual([])
  })

  it('is alone in a body, or on a page, where one that is none keeps its place', () => {
    expect([toIssueOfBody({ issue: { id: 10 } })?.id, toIssueOfBody({ id: 10 }), toIssueOfBody(null)]).toEqual(['10', null, null])
    const page = toIssuePage({ issues: [{ id: 10 }, {}, { id: 11 }], total_count: 24, offset: 0, limit: 25 })
    expect([page?.total, page?.list.map((one) => one?.id)]).toEqual([24, ['10', undefined, '11']])
    expect(page?.list[1]).toBeNull()
    for (const body of [...noRecords, { issues: [] }, { total_count: 3 }, { issues: {}, total_count: 3 }])
      expect(toIssuePage(body)).toBeNull()
  })
})

describe('a journal of an issue', () => {
  it('is private unless it says that it is not', () => {
    const isPrivate = (value: unknown) => toIssue({ id: 1, journals: [{ id: 1, private_notes: value }] })?.journals[0]?.isPrivate
    expect([false, true, undefined, null, 'false', 0].map(isPrivate)).toEqual([false, true, true, true, true, true])
  })
})

describe('a record of Redmine', () => {
  it('with a name needs only its id', () => {
    expect([toName({ id: 1, name: 'Support' }), toName({ id: '1' })]).toEqual([
      { id: '1', name: 'Support' },
      { id: '1', name: null },
    ])
    expect([...noRecords, { name: 'x' }].map(toName)).toEqual([...noRecords, 0].map(() => null))
    expect([...noRecords, { is_closed: true }].map(toStatus)).toEqual([...noRecords, 0].map(() => null))
    expect(toStatus({ id: 1, is_closed: 'yes' })).toEqual({ id: '1', name: null, isClosed: false })
  })

  it('of a field of issues has its choices and the trackers that have it', () => {
    const field = { id: 1, name: 'Impact', customized_type: 'issue', field_format: 'list', multiple: true, is_required: true }
    const more = { possible_values: [{ value: 'High' }, { label: 'x' }, null], trackers: [{ id: 3, name: 'Incident' }, {}] }
    expect(toFieldDefinition({ ...field, ...more })).toEqual({
      ...{ id: '1', name: 'Impact', format: 'list', multiple: true, isRequired: true, options: ['High'], trackerIds: ['3'] },
    })
    expect(toFieldDefinition({ id: 1, customized_type: 'issue', multiple: 1, is_required: 1 })).toEqual({
      ...{ id: '1', name: null, format: null, multiple: false, isRequired: false, options: null, trackerIds: [] },
    })
    const others = [...noRecords, { ...field, id: null }, { ...field, customized_type: 'project' }]
    expect(others.map(toFieldDefinition)).toEqual(others.map(() => null))
  })
})
