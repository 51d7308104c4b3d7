import { describe, expect, it } from 'vitest'
import { isIntercomId, toFile, toIntercomRecord, toPart, toState, toType } from '../../../src/sources/intercom/decode.ts'

// Records as the schemas `ticket` and `ticket_part` of developers.intercom.com, version 2.14, describe them.

const noRecords = [null, [], {}, 'text', 7]
const ticket = {
  ...{ type: 'ticket', id: '627', ticket_id: '34', category: 'Customer', open: false, snoozed_until: 1_767_312_000 },
  ...{ is_shared: true, ticket_attributes: { Boxes: 3 }, admin_assignee_id: 991, team_assignee_id: '814' },
  ticket_state: { id: 1, category: 'submitted', internal_label: 'Submitted', archived: true },
  ticket_type: { id: 67, name: 'Bug' },
  contacts: { contacts: [{ id: 'c1' }, {}, null, { id: 'c2' }] },
  linked_objects: { data: [{ id: 700, type: 'ticket', category: 'Tracker' }, { id: '9' }, { type: 'ticket' }, null] },
  ticket_parts: { ticket_parts: [{ id: 150, part_type: 'comment' }, {}, null], total_count: 3 },
  ...{ created_at: 1_767_225_600, updated_at: 1_767_312_000 },
}

describe('a ticket of Intercom', () => {
  it('has what its record tells', () => {
    const [record, parts] = [toIntercomRecord(ticket)!, [toPart({ id: 150, part_type: 'comment' })]]
    expect(record).toEqual({
      ...{ id: '627', number: '34', category: 'Customer', attributes: { Boxes: 3 }, isOpen: false, isShared: true },
      state: { id: '1', category: 'submitted', label: 'Submitted', isArchived: true },
      type: { id: '67', name: 'Bug', isArchived: false, attributes: [], states: [] },
      ...{ contactIds: ['c1', 'c2'], adminId: '991', teamId: '814', parts, partCount: 3 },
      links: [
        { id: '700', type: 'ticket', category: 'Tracker' },
        { id: '9', type: null, category: null },
      ],
      ...{ snoozedUntil: '2026-01-02T00:00:00.000Z', createdAt: '2026-01-01T00:00:00.000Z' },
      ...{ updatedAt: '2026-01-02T00:00:00.000Z', record: ticket },
    })
  })

  it('needs only its id: it is open, and not shared with the customer', () => {
    const nothing = { number: null, category: null, attributes: {}, state: null, type: null, contactIds: [], links: [] }
    const more = { adminId: null, teamId: null, parts: [], partCount: 0, snoozedUntil: null, createdAt: null, updatedAt: null }
    const record = { id: 627, open: null, is_shared: 'true', contacts: [], linked_objects: 'none', ticket_parts: [] }
    expect(toIntercomRecord(record)).toEqual({ id: '627', ...nothing, ...more, isOpen: true, isShared: false, record })
  })

  it('INTERCOM-06: has no assignee where that is 0', () => {
    for (const none of [0, '0', null])
      expect(toIntercomRecord({ id: 1, admin_assignee_id: none, team_assignee_id: none })).toMatchObject({
        ...{ adminId: null, teamId: null },
      })
  })

  it('is none without an id of at most 19 digits, or where it is nested more than 64 levels deep', () => {
    for (const value of [...noRecords, { id: '0' }, { id: 'x' }, { id: '1/2' }]) expect(toIntercomRecord(value)).toBeNull()
    const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
    expect([toIntercomRecord({ id: 7, a: nested(63) })?.id, toIntercomRecord({ id: 7, a: nested(64) })]).toEqual(['7', null])
    expect(['1', '9'.repeat(19)].map(isIntercomId)).toEqual([true, true])
    expect(['', '0', '01', 'x1', '1x', '-1', '9'.repeat(20)].filter(isIntercomId)).toEqual([])
  })
})

describe('a part of a ticket of Intercom', () => {
  const file = { name: 'a.png', content_type: 'image/png', filesize: 100, url: 'https://files.example.net/a.png' }

  it('has what its record tells', () => {
    const author = { id: 991, type: 'admin', name: 'Ciaran' }
    expect(
      toPart({ id: 150, part_type: 'comment', body: '<p>a</p>', author, attachments: [file, {}], created_at: 1_767_225_600 }),
    ).toEqual({
      ...{ id: '150', type: 'comment', body: '<p>a</p>', author: { id: '991', type: 'admin', name: 'Ciaran' } },
      files: [{ filename: 'a.png', contentType: 'image/png', size: 100, url: file.url }],
      createdAt: '2026-01-01T00:00:00.000Z',
    })
  })

  it('needs only its id', () => {
    const nothing = { type: null, body: null, author: null, files: [], createdAt: null }
    expect(toPart({ id: 150 })).toEqual({ id: '150', ...nothing })
    expect(toPart({ id: 150, author: {} })?.author).toEqual({ id: null, type: null, name: null })
    expect([...noRecords, { body: 'x' }].map(toPart)).toEqual([...noRecords, 0].map(() => null))
  })

  it('has files with an address alone', () => {
    expect(toFile({ url: file.url })).toEqual({ url: file.url, filename: null, contentType: null, size: null })
    expect([...noRecords, { name: 'a.png' }].map(toFile)).toEqual([...noRecords, 0].map(() => null))
  })
})

describe('a ticket type of Intercom', () => {
  const attribute = { id: 165, name: 'Urgency', data_type: 'list' }
  const decoded = { id: '165', name: 'Urgency', dataType: 'list', isArchived: false, isRequired: false, options: [] }
  const attributesOf = (ticket_type_attributes: unknown) => toType({ id: 67, ticket_type_attributes })?.attributes

  it('has what its record tells', () => {
    const states = { data: [{ id: 1, category: 'resolved' }, {}, null] }
    expect(toType({ id: 67, name: 'Bug', archived: true, ticket_states: states })).toEqual({
      ...{ id: '67', name: 'Bug', isArchived: true, attributes: [] },
      states: [{ id: '1', category: 'resolved', label: null, isArchived: false }],
    })
    expect(toType({ id: 67 })).toEqual({ id: '67', name: null, isArchived: false, attributes: [], states: [] })
    expect([...noRecords, { name: 'x' }].map(toType)).toEqual([...noRecords, 0].map(() => null))
    expect([...noRecords, { category: 'x' }].map(toState)).toEqual([...noRecords, 0].map(() => null))
  })

  it('has its attributes under one of two keys', () => {
    expect(attributesOf({ ticket_type_attributes: [attribute], data: [] })).toEqual([decoded])
    expect(attributesOf({ data: [attribute, { ...attribute, archived: true, required_to_create: true }] })).toEqual([
      ...[decoded, { ...decoded, isArchived: true, isRequired: true }],
    ])
    expect([attributesOf({}), attributesOf('none')]).toEqual([[], []])
    const others = [null, { ...attribute, id: null }, { ...attribute, name: '' }, { ...attribute, data_type: 7 }]
    expect(attributesOf({ data: others })).toEqual([])
  })

  it('has the choices of a list, which are records or texts', () => {
    const optionsOf = (input_options: unknown) => attributesOf({ data: [{ ...attribute, input_options }] })?.[0]?.options
    const items = [{ id: 1, label: 'Low', name: 'x' }, { id: 2, name: 'Mid', value: 'x' }, { id: 3, value: 'High' }, { id: 4 }]
    expect(optionsOf({ list_options: items, list_items: [] })).toEqual([
      ...[
        { id: '1', label: 'Low' },
        { id: '2', label: 'Mid' },
        { id: '3', label: 'High' },
        { id: '4', label: '4' },
      ],
    ])
    expect(optionsOf({ list_items: ['Low', '', 7, { label: 'x' }], items: [] })).toEqual([{ id: 'Low', label: 'Low' }])
    expect([optionsOf({ items: ['Low'] }), optionsOf({}), optionsOf('none')]).toEqual([[{ id: 'Low', label: 'Low' }], [], []])
  })
})
