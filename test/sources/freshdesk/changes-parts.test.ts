import { describe, expect, it } from 'vitest'
import { rejected, type UpdateTicket } from '../../../src/domain/writes.ts'
import {
  join,
  toAgentPart,
  toCommonParts,
  toGroupPart,
  toHtml,
  toStatusPart,
  toTagsPart,
} from '../../../src/sources/freshdesk/changes.ts'
import {
  type FreshdeskTables,
  type FreshdeskTicket,
  toAgent,
  toField,
  toFreshdeskRecord,
} from '../../../src/sources/freshdesk/decode.ts'
import type { Freshdesk } from '../../../src/sources/freshdesk/index.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

// What is sent is written by "Update a Ticket" of developers.freshdesk.com/api.

const statuses = { 'Waiting on Customer': 'PENDING', Reopened: 'OPEN' } as const
const freshdesk = { info: toSourceInfo('freshdesk', { label: 'Freshdesk' }), config: { statuses } } as unknown as Freshdesk
const field = (name: string, type: string, more: object = {}) => toField({ name, type, label: name.toUpperCase(), ...more })!
const tables: FreshdeskTables = {
  fields: [
    field('status', 'default_status', {
      ...{ default: true },
      choices: { 2: ['Open'], 3: ['Pending'], 4: ['Resolved'], 5: ['Closed'], 7: ['Waiting on Customer'], 6: ['Reopened'] },
    }),
    field('group', 'default_group', { default: true, required_for_closure: true }),
    field('cf_impact', 'custom_dropdown', { choices: ['High', 'Low'], required_for_closure: true }),
    field('cf_boxes', 'custom_number'),
    field('cf_paid', 'custom_checkbox'),
    field('cf_day', 'custom_date'),
    field('cf_note', 'custom_text'),
    field('cf_country', 'nested_field', {
      nested_ticket_fields: [{ name: 'cf_city', label: 'City', level: 2 }],
      choices: { Chile: { Arica: [] }, Peru: {} },
    }),
  ],
  agents: new Map(
    [
      { id: 301, contact: { name: 'Ann Agent', email: 'ann@desk.example' } },
      { id: 302, contact: { name: 'Bo', email: 'bo@desk.example' } },
      { id: 303, contact: { name: 'Bo' } },
    ].map((one) => [String(one.id), toAgent(one)!]),
  ),
  groups: new Map(),
}
const ticketOf = (record: object = {}): FreshdeskTicket => ({
  ...toFreshdeskRecord({
    id: 20,
    status: 2,
    tags: ['Fire', 'vip'],
    group_id: 156,
    custom_fields: { cf_impact: 'Low' },
    ...record,
  })!,
  ...{ tables, conversations: null, associatedIds: [], isArchived: false },
})

type Part = ReturnType<typeof toStatusPart>
/** What a part sends and which field asks for it, or its refusal. */
const sentBy = (part: Part) =>
  part && 'wishes' in part ? [JSON.parse(JSON.stringify(part.body)), part.wishes.map(({ field: of }) => of.join('.'))] : part
const isMet = (part: Part, record: object) =>
  part !== null && 'wishes' in part && part.wishes.every((wish) => wish.isMet(ticketOf(record)))

describe('a field of a change of Freshdesk', () => {
  const parts = (input: Pick<UpdateTicket, 'title' | 'description' | 'priority' | 'customFields'>) =>
    toCommonParts(freshdesk, tables, input).filter((part) => part !== null)
  const partOf = (key: string, value?: unknown) => parts({ customFields: [{ key, value }] as never })[0]!

  it('is sent as Freshdesk takes it, and proven by the ticket', () => {
    expect(parts({})).toEqual([])
    expect(parts({ title: null, description: null, priority: null, customFields: null })).toEqual([])
    const [title, description, priority] = parts({ title: 'Ink', description: 'a <b>\r\nc', priority: 'URGENT' })
    expect([title, description, priority].map((part) => sentBy(part!))).toEqual([
      [{ subject: 'Ink' }, ['input.title']],
      [{ description: '<div>a &lt;b&gt;<br>c</div>' }, ['input.description']],
      [{ priority: 4 }, ['input.priority']],
    ])
    expect([isMet(title!, { subject: 'Ink' }), isMet(title!, { subject: 'Paper' })]).toEqual([true, false])
    expect([isMet(description!, { description_text: 'a <b>\nc' }), isMet(description!, {})]).toEqual([true, false])
    expect([isMet(priority!, { priority: 4 }), isMet(priority!, { priority: 3 })]).toEqual([true, false])
    expect(parts({ priority: 'UNKNOWN' })).toEqual([
      rejected('INVALID', 'Freshdesk has no priority UNKNOWN.', ['input', 'priority']),
    ])
  })

  it('of the account is named by its key', () => {
    const part = partOf('cf_impact', 'High')
    expect(sentBy(part)).toEqual([{ custom_fields: { cf_impact: 'High' } }, ['input.customFields.0']])
    expect([isMet(part, { custom_fields: { cf_impact: 'High' } }), isMet(part, {})]).toEqual([true, false])
    expect(sentBy(partOf('cf_city', 'Arica'))).toEqual([{ custom_fields: { cf_city: 'Arica' } }, ['input.customFields.0']])
    for (const key of ['status', 'cf_unknown', ''])
      expect(partOf(key, 'x')).toEqual(rejected('INVALID', 'There is no such field.', ['input', 'customFields', '0', 'key']))
  })

  it.each([
    ['cf_impact', 'Middle'],
    ['cf_impact', ['High', 'Middle']],
    ['cf_country', 'Arica'],
    ['cf_boxes', 'many'],
    ['cf_paid', 'true'],
    ['cf_day', '2026-1-1'],
    ['cf_day', 'on 2026-01-01'],
    ['cf_day', '2026-01-01T00:00:00Z'],
  ])('does not take another value: %s %j', (key, value) => {
    expect(partOf(key, value)).toEqual(
      rejected('INVALID', 'The field does not take this value.', ['input', 'customFields', '0', 'value']),
    )
  })

  it.each<[string, unknown, unknown, unknown, unknown]>([
    ['cf_boxes', '7', 7, 7, 8],
    ['cf_boxes', 0, 0, 0, null],
    ['cf_paid', true, true, true, false],
    ['cf_paid', false, false, null, true],
    ['cf_day', '2026-01-01', '2026-01-01', '2026-01-01T00:00:00Z', '2026-01-02'],
    ['cf_note', 'a', 'a', 'a', 'b'],
    ['cf_note', null, null, '', 'a'],
    ['cf_boxes', '', '', null, 7],
    ['cf_day', null, null, undefined, '2026-01-01'],
    ['cf_impact', ['Low', 'High'], ['Low', 'High'], ['High', 'Low'], ['High']],
  ])('is of its type: %s %j', (key, value, sent, met, unmet) => {
    const part = partOf(key, value)
    expect(sentBy(part)).toEqual([{ custom_fields: { [key]: sent } }, ['input.customFields.0']])
    expect([isMet(part, { custom_fields: { [key]: met } }), isMet(part, { custom_fields: { [key]: unmet } })]).toEqual([
      true,
      false,
    ])
  })

  it('without a value is empty', () => {
    expect(sentBy(partOf('cf_note'))).toEqual([{ custom_fields: { cf_note: null } }, ['input.customFields.0']])
  })
})

describe('a status of a change of Freshdesk', () => {
  const partOf = (input: UpdateTicket, record: object = {}) => toStatusPart(freshdesk, ticketOf(record), input)

  it('is one of the system before one of the account, and stays where it has the meaning', () => {
    expect(partOf({})).toBeNull()
    const pending = partOf({ status: 'PENDING' })
    expect(sentBy(pending)).toEqual([{ status: 3 }, ['input.status']])
    expect([3, 7, 2, null].map((status) => isMet(pending, { status }))).toEqual([true, true, false, false])
    expect(sentBy(partOf({ status: 'PENDING' }, { status: 7 }))).toEqual([{ status: 7 }, ['input.status']])
    expect(sentBy(partOf({ status: 'OPEN' }, { status: null }))).toEqual([{ status: 2 }, ['input.status']])
    expect(partOf({ status: 'ESCALATED' })).toEqual(rejected('INVALID', 'Freshdesk has no such status.', ['input', 'status']))
  })

  it('may be one by its number', () => {
    const part = partOf({ statusOption: '7', status: 'OPEN' })
    expect(sentBy(part)).toEqual([{ status: 7 }, ['input.statusOption']])
    expect([isMet(part, { status: 7 }), isMet(part, { status: 3 })]).toEqual([true, false])
    expect(partOf({ statusOption: '99' })).toEqual(
      rejected('INVALID', 'Freshdesk has no such status.', ['input', 'statusOption']),
    )
  })

  it('FRESHDESK-08: closes no ticket without the values that closing requires', () => {
    const empty = { group_id: null, custom_fields: {} }
    const message = 'Freshdesk closes no ticket without a value for "GROUP" (group), "CF_IMPACT" (cf_impact).'
    expect(partOf({ status: 'CLOSED' }, empty)).toEqual(rejected('INVALID', message, ['input', 'status']))
    expect(partOf({ statusOption: '5' }, { ...empty, group_id: 156 })).toEqual(
      rejected('INVALID', 'Freshdesk closes no ticket without a value for "CF_IMPACT" (cf_impact).', ['input', 'statusOption']),
    )
    expect(sentBy(partOf({ status: 'CLOSED' }))).toEqual([{ status: 5 }, ['input.status']])
    // The same change may bring the value, and one that is closed stays closed.
    const given = (value: unknown) =>
      partOf({ status: 'CLOSED', customFields: [{ key: 'cf_impact', value }] as never }, { custom_fields: {} })
    expect(sentBy(given('High'))).toEqual([{ status: 5 }, ['input.status']])
    for (const value of ['', null, undefined]) expect(given(value)).toMatchObject({ outcome: 'REJECTED' })
    expect(sentBy(partOf({ status: 'CLOSED' }, { ...empty, status: 5 }))).toEqual([{ status: 5 }, ['input.status']])
    expect(sentBy(partOf({ status: 'RESOLVED' }, empty))).toEqual([{ status: 4 }, ['input.status']])
  })
})

describe('other parts of a change of Freshdesk', () => {
  it('are all tags, which it compares in any casing', () => {
    const part = (input: UpdateTicket) => toTagsPart(ticketOf(), input)
    expect([part({}), part({ addTags: [], removeTags: [] }), part({ tags: null })]).toEqual([null, null, null])
    expect(sentBy(part({ tags: [] }))).toEqual([{ tags: [] }, ['input.tags']])
    expect(sentBy(part({ addTags: ['ink'], removeTags: ['vip'] }))).toEqual([{ tags: ['Fire', 'ink'] }, ['input.addTags']])
    const removed = part({ removeTags: ['vip'] })
    expect(sentBy(removed)).toEqual([{ tags: ['Fire'] }, ['input.removeTags']])
    expect([['fire'], ['Fire'], ['ink'], [], ['fire', 'vip']].map((tags) => isMet(removed, { tags }))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(isMet(part({ tags: ['b', 'A'] }), { tags: ['a', 'B'] })).toBe(true)
  })

  it('are a group by its number', () => {
    const part = toGroupPart(freshdesk, '9223372036854775807', 'queue')
    expect('body' in part && JSON.stringify(part.body)).toBe('{"group_id":9223372036854775807}')
    expect([isMet(part, { group_id: '9223372036854775807' }), isMet(part, { group_id: 7 })]).toEqual([true, false])
    expect(toGroupPart(freshdesk, 'x', 'queue')).toEqual(rejected('INVALID', 'Freshdesk has no such group.', ['input', 'queue']))
  })

  it('are an agent by id, name or e-mail address, in any casing', () => {
    const part = (assignee: string) => toAgentPart(freshdesk, tables, assignee)
    for (const name of ['301', ' ann agent ', 'ANN@desk.example'])
      expect(sentBy(part(name))).toEqual([{ responder_id: 301 }, ['input.assignee']])
    expect([isMet(part('301'), { responder_id: 301 }), isMet(part('301'), { responder_id: 302 })]).toEqual([true, false])
    // An id that the key may not see.
    expect(sentBy(part('999'))).toEqual([{ responder_id: 999 }, ['input.assignee']])
    expect(part('Carl')).toEqual(rejected('INVALID', 'Freshdesk has no such agent.', ['input', 'assignee']))
    expect(part('bo')).toEqual(rejected('INVALID', 'Several agents have this name: use the id.', ['input', 'assignee']))
  })

  it('are joined, with all fields of the account in one', () => {
    const parts = toCommonParts(freshdesk, tables, {
      ...{ title: 'Ink', priority: 'LOW' },
      customFields: [
        { key: 'cf_note', value: 'a' },
        { key: 'cf_boxes', value: 7 },
      ] as never,
    })
    const wishes = ['input.title', 'input.priority', 'input.customFields.0', 'input.customFields.1']
    expect(sentBy(join(parts))).toEqual([{ subject: 'Ink', priority: 1, custom_fields: { cf_note: 'a', cf_boxes: 7 } }, wishes])
    expect(sentBy(join(parts.slice(0, 1)))).toEqual([{ subject: 'Ink' }, ['input.title']])
  })

  it('have texts as HTML, in which nothing is an element', () => {
    expect(toHtml('"a" & <b>\r\rc\nd')).toBe('<div>&quot;a&quot; &amp; &lt;b&gt;<br><br>c<br>d</div>')
  })
})
