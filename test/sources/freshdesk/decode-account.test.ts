import { describe, expect, it } from 'vitest'
import { toAgent, toAttachment, toField, toNamed, toProblems } from '../../../src/sources/freshdesk/decode.ts'

// Records as "Agents", "Ticket Fields" and "Errors" of developers.freshdesk.com/api show them.

const noRecords = [null, [], {}, 'text', 7]

describe('a record of a Freshdesk account', () => {
  it('of a file has its size under one of two names (FRESHDESK-14)', () => {
    expect(toAttachment({ id: 4, file_size: 3 })).toEqual({ id: '4', filename: null, url: null, contentType: null, size: 3 })
    expect(toAttachment({ id: 4, size: 2, file_size: 3 })?.size).toBe(2)
    expect([...noRecords, { name: 'a' }].map(toAttachment)).toEqual([...noRecords, 0].map(() => null))
  })

  it('of an agent has the name of its contact', () => {
    const contact = { name: 'Ann Agent', email: 'ann@example.com' }
    expect(toAgent({ id: 301, contact, ticket_scope: 2 })).toEqual({ id: '301', ...contact, scope: 2 })
    expect(toAgent({ id: 301 })).toEqual({ id: '301', name: null, email: null, scope: null })
    expect([...noRecords, { contact }].map(toAgent)).toEqual([...noRecords, 0].map(() => null))
  })

  it('with a name needs only its id', () => {
    expect([toNamed({ id: 1, name: 'First' }), toNamed({ id: 1 })]).toEqual([
      { id: '1', name: 'First' },
      { id: '1', name: null },
    ])
    expect([...noRecords, { name: 'First' }].map(toNamed)).toEqual([...noRecords, 0].map(() => null))
  })
})

describe('a field of Freshdesk', () => {
  const field = { name: 'cf_impact', type: 'custom_dropdown', label: 'Impact' }
  const choice = (key: string, label = key, parent: string | null = null) => ({ key, label, parent })

  it('has what its record tells', () => {
    const flags = { default: false, required_for_agents: true, required_for_closure: true }
    const decoded = { ...field, isOwn: true, isRequired: true, isRequiredToClose: true, levels: [] }
    expect(toField({ ...field, ...flags, choices: ['High', 'Low', 7] })).toEqual({
      ...{ ...decoded, choices: [choice('High'), choice('Low')] },
    })
    expect(toField({ ...field, default: true, label: '' })).toEqual({
      ...{ ...field, label: 'cf_impact', isOwn: false, isRequired: false, isRequiredToClose: false, levels: [], choices: null },
    })
    const isNone = [{ ...field, name: null }, { ...field, type: null }, ...noRecords]
    expect(isNone.map(toField)).toEqual(isNone.map(() => null))
  })

  it('has the numbers of its choices, or both labels of a status by its number', () => {
    const choices = (value: unknown) => toField({ ...field, choices: value })?.choices
    expect(choices({ Low: 1, Medium: '2', Odd: null })).toEqual([choice('1', 'Low'), choice('2', 'Medium')])
    // FRESHDESK-04
    expect(choices({ 2: ['Open', 'Being Processed'], 6: [], 7: [9] })).toEqual([
      ...[choice('2', 'Open'), choice('6'), choice('7')],
    ])
    expect([choices({}), choices([]), choices('text'), choices(undefined)]).toEqual([null, [], null, null])
  })

  it('in levels has the choices of each level, with the one above', () => {
    const nested = {
      ...{ ...field, name: 'cf_country', type: 'nested_field' },
      nested_ticket_fields: [
        { name: 'cf_state', label: 'State', level: 2 },
        { name: 'cf_city', level: '3' },
        ...[{ name: 'cf_street' }, { level: 4 }, null],
      ],
    }
    const levelsOf = (choices: unknown) => toField({ ...nested, choices })
    expect(levelsOf({ Chile: { Norte: ['Arica', 'Iquique'], Sur: [] }, Peru: {} })).toMatchObject({
      choices: [choice('Chile'), choice('Peru')],
      levels: [
        {
          ...{ name: 'cf_state', label: 'State', depth: 2 },
          choices: [choice('Norte', 'Norte', 'Chile'), choice('Sur', 'Sur', 'Chile')],
        },
        {
          ...{ name: 'cf_city', label: 'cf_city', depth: 3 },
          choices: [choice('Arica', 'Arica', 'Norte'), choice('Iquique', 'Iquique', 'Norte')],
        },
      ],
    })
    // Lists of records in place of one record.
    expect(levelsOf([{ Chile: [{ Norte: ['Arica'] }] }, { Peru: ['Lima'] }])).toMatchObject({
      choices: [choice('Chile'), choice('Peru')],
      levels: [
        { choices: [choice('Norte', 'Norte', 'Chile'), choice('Lima', 'Lima', 'Peru')] },
        { choices: [choice('Arica', 'Arica', 'Norte')] },
      ],
    })
    expect(levelsOf(undefined)).toMatchObject({ choices: null, levels: [{ choices: null }, { choices: null }] })
    // Only a field in levels is read so.
    expect(toField({ ...nested, type: 'custom_dropdown', choices: { Chile: {} } })?.choices).toBeNull()
  })
})

describe('an error of Freshdesk', () => {
  it('names the fields with a code, and no text', () => {
    const errors = [{ field: 'status', message: 'It should be one of …', code: 'invalid_value' }, { field: 'email' }]
    expect(toProblems({ description: 'Validation failed', errors: [...errors, { code: 'x' }, null] })).toEqual([
      { field: 'status', code: 'invalid_value' },
      { field: 'email', code: null },
    ])
    expect([...noRecords, { errors: 'none' }].map(toProblems)).toEqual([...noRecords, 0].map(() => []))
  })
})
