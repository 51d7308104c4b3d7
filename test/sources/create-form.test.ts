import { describe, expect, it } from 'vitest'
import { searchPeople, toQueues } from '../../src/sources/choices.ts'
import { toChoiceField, toCustomFormFields, toFormField, toOption, toQueueField } from '../../src/sources/create-form.ts'

describe('the form for a new ticket', () => {
  it('has fields that take a text and may be left out, unless they say otherwise', () => {
    const field = { key: 'title', label: 'Title', type: 'TEXT', required: false, options: null, dependsOn: null }
    expect(toFormField('title', 'Title')).toEqual(field)
    expect(toFormField('title', 'Title', { required: true })).toEqual({ ...field, required: true })
  })

  it('has choices, each shown by its name, or by its key where it has none', () => {
    const choices = ['low', { id: '7', name: 'High' }, { id: '8', name: null }]
    expect(toChoiceField('priority', 'Priority', choices, { required: true })).toEqual({
      key: 'priority',
      label: 'Priority',
      type: 'CHOICE',
      required: true,
      options: [
        { key: 'low', label: 'low', parent: null },
        { key: '7', label: 'High', parent: null },
        { key: '8', label: '8', parent: null },
      ],
      dependsOn: null,
    })
    expect(toChoiceField('priority', 'Priority', []).required).toBe(false)
    expect([toOption('a'), toOption('a', 'A')]).toEqual([
      { key: 'a', label: 'a', parent: null },
      { key: 'a', label: 'A', parent: null },
    ])
  })

  it('needs a queue', () => {
    expect(toQueueField('Project', [{ key: '3', name: 'Support', language: 'de' }])).toEqual({
      key: 'queue',
      label: 'Project',
      type: 'CHOICE',
      required: true,
      options: [{ key: '3', label: 'Support', parent: null }],
      dependsOn: null,
    })
  })

  it('has the custom fields that can be written', () => {
    const field = { key: 'cf_1', label: 'Size', type: 'NUMBER' as const, required: true, options: null }
    const definitions = [
      { ...field, writable: true },
      { ...field, key: 'cf_2', writable: false },
    ]
    expect(toCustomFormFields(definitions)).toEqual([{ ...field, dependsOn: null }])
  })
})

describe('choices for menus', () => {
  const people = [
    { name: 'Ann Miller', email: 'ann@desk.test' },
    { name: 'Ben', email: null },
    { name: null, email: 'Cleo@desk.test' },
    { name: null, email: null },
  ]
  const found = (search: string | null) =>
    searchPeople(people, search, ({ name, email }) => [name, email]).map(({ name, email }) => name ?? email)

  it('are the people of whom one text contains the search, in any case', () => {
    expect(found('MILL')).toEqual(['Ann Miller'])
    expect(found(' cleo ')).toEqual(['Cleo@desk.test'])
    expect(found('desk')).toEqual(['Ann Miller', 'Cleo@desk.test'])
    expect(found('none')).toEqual([])
  })

  it('are all people with a text where there is no search', () => {
    for (const search of [null, '', '  ']) expect(found(search)).toEqual(['Ann Miller', 'Ben', 'Cleo@desk.test'])
  })

  it('are queues by their name, or by their id where they have none', () => {
    expect(
      toQueues([
        { id: '1', name: 'Support' },
        { id: '2', name: null },
      ]),
    ).toEqual([
      { key: '1', name: 'Support', language: null },
      { key: '2', name: '2', language: null },
    ])
  })
})
