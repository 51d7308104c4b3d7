import { describe, expect, it } from 'vitest'
import { toCategory, toDetails, toField, toName, toNextCursor, toStatus, toUser } from '../../../src/sources/zendesk/decode.ts'

// Records as "Custom Ticket Statuses", "Ticket Fields" and "Pagination" of developer.zendesk.com show them.

const noRecords = [null, [], {}, 'text', 7]

describe('a record of a Zendesk account', () => {
  it('with a name needs only its id', () => {
    expect([toName({ id: 5, name: 'First' }), toName({ id: '6' })]).toEqual([
      { id: '5', name: 'First' },
      { id: '6', name: null },
    ])
    expect(noRecords.map(toName)).toEqual(noRecords.map(() => null))
    expect(toUser({ id: 5 })).toEqual({ id: '5', name: null, email: null, phone: null, role: null, restriction: null })
    expect([...noRecords, { name: 'Ann' }].map(toUser)).toEqual([...noRecords, 0].map(() => null))
  })

  it('of a status has one of five categories, and is active unless it says otherwise', () => {
    const status = { id: 35436, agent_label: 'Responding', status_category: 'open', active: true, default: true }
    const decoded = { id: '35436', label: 'Responding', category: 'open', isActive: true, isDefault: true }
    expect(toStatus(status)).toEqual(decoded)
    expect(toStatus({ ...status, active: false, default: false })).toMatchObject({ isActive: false, isDefault: false })
    expect(toStatus({ id: 1, status_category: 'hold' })).toEqual({
      ...{ id: '1', label: null, category: 'hold', isActive: true, isDefault: false },
    })
    expect([{ ...status, id: null }, { ...status, status_category: 'closed' }, ...noRecords].map(toStatus)).toEqual(
      [1, 2, ...noRecords].map(() => null),
    )
    const categories = ['new', 'open', 'pending', 'hold', 'solved']
    expect([...categories, 'closed', 'deleted', null, 7].map(toCategory)).toEqual([...categories, null, null, null, null])
  })

  it('of a field has its choices, and is active unless it says otherwise', () => {
    const field = { id: 7, type: 'tagger', title: 'Impact', active: true, required: true }
    const custom_field_options = [{ name: 'High', value: 'high' }, { name: 'Low' }, { value: 'low' }, null]
    const decoded = { id: '7', type: 'tagger', title: 'Impact', isActive: true, isRequired: true }
    expect(toField({ ...field, custom_field_options })).toEqual({ ...decoded, options: [{ name: 'High', value: 'high' }] })
    expect(toField({ id: 7, type: 'text' })).toEqual({
      ...{ id: '7', type: 'text', title: null, isActive: true, isRequired: false, options: null },
    })
    expect(toField({ ...field, active: false, required: 'yes' })).toMatchObject({ isActive: false, isRequired: false })
    expect([{ ...field, id: null }, { ...field, type: null }, ...noRecords].map(toField)).toEqual(
      [1, 2, ...noRecords].map(() => null),
    )
  })
})

describe('an answer of Zendesk', () => {
  it('goes on by the cursor that it names, while it has more', () => {
    expect(toNextCursor({ meta: { has_more: true, after_cursor: 'c1' } })).toBe('c1')
    const ends = [{ meta: { has_more: false, after_cursor: 'c1' } }, { meta: { after_cursor: 'c1' } }, { meta: 'none' }]
    expect([...ends, { meta: { has_more: true } }, ...noRecords].map(toNextCursor)).toEqual(
      [1, 2, 3, 4, ...noRecords].map(() => null),
    )
  })

  it('tells what is wrong by field', () => {
    const details = {
      subject: [{ description: 'Subject: cannot be blank', error: 'BlankValue' }, { description: 'Too short' }],
      status: [{ error: 'x' }, null],
      base: 'odd',
    }
    expect(toDetails({ error: 'RecordInvalid', details })).toEqual([
      { field: 'subject', text: 'Subject: cannot be blank Too short' },
      { field: 'status', text: '' },
      { field: 'base', text: '' },
    ])
    expect([{ details: [] }, ...noRecords].map(toDetails)).toEqual([[], ...noRecords.map(() => [])])
  })
})
