import { describe, expect, it } from 'vitest'
import { rejected } from '../../../src/domain/writes.ts'
import { join, toAttributeParts } from '../../../src/sources/intercom/changes.ts'
import { type IntercomTicket, toIntercomRecord, toType } from '../../../src/sources/intercom/decode.ts'
import type { Intercom } from '../../../src/sources/intercom/index.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

// Attributes are sent by their names, as "Update a ticket" of developers.intercom.com, version 2.14, has them (INTERCOM-02).

const config = { priorityField: 'Urgency', priorities: { Low: 'LOW', High: 'HIGH' } }
const intercom = { info: toSourceInfo('intercom', { label: 'Intercom' }), config } as unknown as Intercom
const attribute = (id: string, name: string, data_type: string, more: object = {}) => ({ id, name, data_type, ...more })
const input_options = {
  list_options: [
    { id: 'a-1', label: 'Low' },
    { id: 'a-2', label: 'High' },
  ],
}
const type = toType({
  id: '67',
  ticket_type_attributes: {
    data: [
      ...[attribute('1', '_default_title_', 'string'), attribute('2', 'Urgency', 'list', { input_options })],
      ...[attribute('3', 'Boxes', 'integer'), attribute('4', 'Weight', 'decimal'), attribute('5', 'Frequent', 'boolean')],
      ...[attribute('6', 'Delivered at', 'datetime'), attribute('7', 'Note', 'string'), attribute('8', 'Photos', 'files')],
      ...[attribute('9', 'Old', 'string', { archived: true }), attribute('10', 'Place', 'address')],
    ],
  },
})!

type Part = ReturnType<typeof toAttributeParts>[number]
/** What a part sends and which field asks for it, or its refusal. */
const sentBy = (part: Part | undefined) =>
  part && 'wishes' in part ? [part.body, part.wishes.map(({ field }) => field.join('.'))] : part
const isMet = (part: Part | undefined, ticket_attributes: object) =>
  part != null &&
  'wishes' in part &&
  part.wishes.every((wish) => wish.isMet(toIntercomRecord({ id: 1, ticket_attributes }) as unknown as IntercomTicket))
const partsOf = (input: Parameters<typeof toAttributeParts>[2], of: typeof type | null = type) =>
  toAttributeParts(intercom, of, input).filter((part) => part !== null)
const partOf = (key: string, value?: unknown) => partsOf({ customFields: [{ key, value }] as never })[0]
const attributes = (sent: object) => ({ fields: {}, attributes: sent })

describe('an attribute of a change of Intercom', () => {
  it('is the title or the description, which every type has', () => {
    expect([partsOf({}), partsOf({ title: null, description: null, priority: null, customFields: null })]).toEqual([[], []])
    const [title, description] = partsOf({ title: 'Ink', description: 'a\nb' }, null)
    expect(sentBy(title)).toEqual([attributes({ _default_title_: 'Ink' }), ['input.title']])
    expect(sentBy(description)).toEqual([attributes({ _default_description_: 'a\nb' }), ['input.description']])
    expect([isMet(title, { _default_title_: 'Ink' }), isMet(title, {})]).toEqual([true, false])
    expect([isMet(description, { _default_description_: 'a\nb' }), isMet(description, { _default_title_: 'a\nb' })]).toEqual([
      ...[true, false],
    ])
  })

  it('is the priority by the id of its choice', () => {
    const [part] = partsOf({ priority: 'HIGH' })
    expect(sentBy(part)).toEqual([attributes({ Urgency: 'a-2' }), ['input.priority']])
    expect(['a-2', 'High', 'a-1', null].map((Urgency) => isMet(part, { Urgency }))).toEqual([true, true, false, false])
    const refused = (priority: string) => rejected('INVALID', `Intercom has no priority ${priority} here.`, ['input', 'priority'])
    expect([partsOf({ priority: 'URGENT' }), partsOf({ priority: 'HIGH' }, null)]).toEqual([
      [refused('URGENT')],
      [refused('HIGH')],
    ])
  })

  it('INTERCOM-02: is named by its id, and is one that an administrator added', () => {
    expect(sentBy(partOf('7', 'a'))).toEqual([attributes({ Note: 'a' }), ['input.customFields.0']])
    expect(sentBy(partOf('7'))).toEqual([attributes({ Note: null }), ['input.customFields.0']])
    for (const key of ['1', '8', '9', 'Note', '99'])
      expect(partOf(key, 'a')).toEqual(rejected('INVALID', 'There is no such field.', ['input', 'customFields', '0', 'key']))
    expect(partsOf({ customFields: [{ key: '7', value: 'a' }] as never }, null)).toMatchObject([{ outcome: 'REJECTED' }])
  })

  it.each<[string, unknown]>([
    ['3', 1.5],
    ['3', '7'],
    ['4', '7'],
    ['5', 'true'],
    ['6', 'soon'],
    ['6', 1_767_139_200],
    ['2', 'High'],
    ['7', 7],
    ['10', 'Arica'],
  ])('does not take another value: %s %j', (key, value) => {
    expect(partOf(key, value)).toEqual(
      rejected('INVALID', 'This is not a value of the field.', ['input', 'customFields', '0', 'value']),
    )
  })

  it.each<[string, string, unknown, unknown, unknown, unknown]>([
    ['3', 'Boxes', 7, 7, '7', 8],
    ['4', 'Weight', 1.5, 1.5, 1.5, 1],
    ['5', 'Frequent', true, true, 'true', false],
    // 2025-12-31T00:00:00Z, cut to seconds.
    ['6', 'Delivered at', '2025-12-31T00:00:00.999Z', 1_767_139_200, 1_767_139_200, 1_767_139_201],
    ['6', 'Delivered at', null, null, undefined, 1_767_139_200],
    ['2', 'Urgency', 'a-1', 'a-1', 'Low', 'a-2'],
    ['7', 'Note', 'a', 'a', 'a', 'b'],
    ['7', 'Note', null, null, '', 'a'],
    ['10', 'Place', null, null, null, 'x'],
  ])('is of its type: %s %s %j', (key, name, value, sent, met, unmet) => {
    const part = partOf(key, value)
    expect(sentBy(part)).toEqual([attributes({ [name]: sent }), ['input.customFields.0']])
    expect([isMet(part, { [name]: met }), isMet(part, { [name]: unmet })]).toEqual([true, false])
  })

  it('is joined with the others', () => {
    const customFields = [
      { key: '7', value: 'a' },
      { key: '3', value: 7 },
    ] as never
    expect(sentBy(join(partsOf({ title: 'Ink', customFields })))).toEqual([
      { fields: {}, attributes: { _default_title_: 'Ink', Note: 'a', Boxes: 7 }, tags: [] },
      ['input.title', 'input.customFields.0', 'input.customFields.1'],
    ])
  })
})
