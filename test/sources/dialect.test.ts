import { describe, expect, it } from 'vitest'
import {
  byName,
  changeTags,
  deskCapabilities,
  fieldsOfModel,
  fieldTypeTable,
  priorityTable,
  statusTable,
  toSwitches,
  usualChannels,
} from '../../src/sources/dialect.ts'

describe('the words of an installation', () => {
  it('are a table of the configuration, which replaces the usual one', () => {
    const statuses = statusTable({ Neu: 'NEW' }, 'Another status is UNKNOWN.')
    expect([statuses.parse(undefined), statuses.parse({ Offen: 'OPEN' })]).toEqual([{ Neu: 'NEW' }, { Offen: 'OPEN' }])
    expect(statuses.description).toBe('The statuses by their names. Another status is UNKNOWN.')
    const priorities = priorityTable({ Hoch: 'HIGH' })
    expect([priorities.parse(undefined), priorities.parse({ Sofort: 'URGENT' })]).toEqual([
      { Hoch: 'HIGH' },
      { Sofort: 'URGENT' },
    ])
    expect(priorities.description).toBe('The priorities by their names. Another priority is UNKNOWN.')
    const types = fieldTypeTable('The types of custom fields.')
    expect([types.parse(undefined), types.parse({ Impact: 'CHOICE' })]).toEqual([{}, { Impact: 'CHOICE' }])
    expect(types.description).toBe('The types of custom fields.')
  })

  it('mean what the model has, and nothing else', () => {
    for (const value of ['UNKNOWN', 'DONE', 'open']) expect(statusTable({}, '').safeParse({ Offen: value }).success).toBe(false)
    for (const value of ['UNKNOWN', 'CRITICAL']) expect(priorityTable({}).safeParse({ Hoch: value }).success).toBe(false)
    expect(fieldTypeTable('').safeParse({ Impact: 'SELECT' }).success).toBe(false)
  })

  it('name the fields of the channel and of the tags', () => {
    for (const field of Object.values(fieldsOfModel)) {
      expect([field.parse(undefined), field.parse('Channel')]).toEqual([undefined, 'Channel'])
      expect(field.safeParse('').success).toBe(false)
    }
  })

  it('are found by the exact name, and no other property of the table is one', () => {
    const table = { Open: 'OPEN' }
    expect([byName(table, 'Open'), byName(table, 'open'), byName(table, null), byName(table, 'constructor')]).toEqual([
      ...['OPEN', undefined, undefined, undefined],
    ])
    expect(byName({ null: 'x' }, null)).toBeUndefined()
  })

  it('of channels are read in any casing', () => {
    const words = ['E-Mail', 'EMAIL', 'mail', 'Phone', 'web', 'Chat', 'app', 'Social', 'API']
    expect(words.map((word) => usualChannels.toValue(word))).toEqual([
      ...['UNKNOWN', 'EMAIL', 'EMAIL', 'PHONE', 'WEB', 'CHAT', 'APP', 'SOCIAL', 'API'],
    ])
  })
})

describe('the switches of a desk', () => {
  it('are on, and each can be switched off', () => {
    const on = deskCapabilities.parse({})
    expect(on).toEqual({
      ...{ create: true, update: true, reply: true, note: true, close: true, reopen: true, reassign: true, transfer: true },
    })
    const offBy = (name: keyof typeof on) =>
      Object.entries(toSwitches(deskCapabilities.parse({ [name]: false }))).flatMap(([key, isOn]) => (isOn ? [] : [key]))
    expect(offBy('create')).toEqual(['CREATE', 'createForm'])
    expect(offBy('update')).toEqual(['UPDATE'])
    expect(offBy('reply')).toEqual(['REPLY'])
    expect(offBy('note')).toEqual(['NOTE'])
    expect(offBy('close')).toEqual(['CLOSE'])
    expect(offBy('reopen')).toEqual(['REOPEN'])
    expect(offBy('reassign')).toEqual(['REASSIGN', 'agents', 'groups'])
    expect(offBy('transfer')).toEqual(['TRANSFER', 'transferQueues'])
    expect(deskCapabilities.safeParse({ escalate: true }).success).toBe(false)
    for (const field of Object.values(deskCapabilities.shape)) expect(field.description).toMatch(/^[A-Z].*\.$/)
  })
})

describe('the tags after a change', () => {
  const present = ['vip', 'fire']

  it('are those that were there, with the added ones and without the removed ones', () => {
    expect(changeTags(present, { addTags: ['ink', 'vip'], removeTags: ['fire'] })).toEqual(['vip', 'ink'])
    expect(changeTags(present, { addTags: ['ink'] })).toEqual(['vip', 'fire', 'ink'])
    expect(changeTags(present, { removeTags: ['vip', 'other'] })).toEqual(['fire'])
    expect(changeTags(present, { tags: null, addTags: null, removeTags: null })).toEqual(present)
  })

  it('are the new list where one is given', () => {
    expect(changeTags(present, { tags: ['ink', 'ink'] })).toEqual(['ink'])
    expect(changeTags(present, { tags: [] })).toEqual([])
    expect(changeTags(present, { tags: ['ink', 'fire'], removeTags: ['fire'] })).toEqual(['ink'])
  })
})
