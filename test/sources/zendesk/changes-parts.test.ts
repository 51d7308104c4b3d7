import { describe, expect, it } from 'vitest'
import { rejected, type UpdateTicket } from '../../../src/domain/writes.ts'
import { join, toCommonParts, toGroupPart, toStatusPart, toTagsPart, toUploads } from '../../../src/sources/zendesk/changes.ts'
import { toField, toStatus, toZendeskRecord, type ZendeskTicket } from '../../../src/sources/zendesk/decode.ts'
import type { Zendesk } from '../../../src/sources/zendesk/index.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

// What is sent is written by "Update Ticket" of developer.zendesk.com.

const statuses = { Escalated: 'ESCALATED' } as const
const zendesk = { info: toSourceInfo('zendesk', { label: 'Zendesk' }), config: { statuses } } as unknown as Zendesk
const field = (id: number, type: string, more: object = {}) => toField({ id, type, title: type, ...more })!
const options = ['high', 'low'].map((value) => ({ name: value, value }))
const fields = [
  field(1, 'status'),
  field(2, 'tagger', { custom_field_options: options }),
  field(3, 'multiselect', { custom_field_options: options }),
  ...[field(4, 'integer'), field(5, 'date'), field(6, 'checkbox'), field(7, 'text'), field(8, 'text', { active: false })],
]
const custom = (id: number, status_category: string, agent_label: string, more: object = {}) =>
  toStatus({ id, status_category, agent_label, ...more })!
const ownStatuses = [
  custom(501, 'new', 'New', { default: true }),
  custom(502, 'open', 'Escalated'),
  custom(503, 'open', 'Open', { default: true }),
  custom(504, 'pending', 'Waiting', { active: false }),
  custom(505, 'hold', 'Parts ordered'),
  custom(506, 'hold', 'On hold'),
]
const ticketOf = (record: object = {}, more: Partial<ZendeskTicket> = {}): ZendeskTicket => ({
  ...toZendeskRecord({ id: 35436, status: 'open', tags: ['fire', 'vip', 'high'], ...record })!,
  ...{ users: new Map(), groups: new Map(), organizations: new Map(), statuses: [], fields, comments: null, incidentIds: [] },
  ...more,
})

type Part = ReturnType<typeof toTagsPart>
/** What a part sends and which field asks for it, or its refusal. */
const sentBy = (part: Part) =>
  part && 'wishes' in part ? [JSON.parse(JSON.stringify(part.body)), part.wishes.map(({ field: of }) => of.join('.'))] : part
const isMet = (part: Part, record: object, more: Partial<ZendeskTicket> = {}) =>
  part !== null && 'wishes' in part && part.wishes.every((wish) => wish.isMet(ticketOf(record, more)))

describe('a field of a change of Zendesk', () => {
  const parts = (input: Pick<UpdateTicket, 'title' | 'priority' | 'customFields'>) =>
    toCommonParts(zendesk, fields, input).filter((part) => part !== null)
  const partOf = (key: string, value?: unknown) => parts({ customFields: [{ key, value }] as never })[0]!

  it('is sent as Zendesk takes it, and proven by the ticket', () => {
    expect([parts({}), parts({ title: null, priority: null, customFields: null })]).toEqual([[], []])
    const [title, priority] = parts({ title: 'Ink', priority: 'MEDIUM' })
    expect(sentBy(title!)).toEqual([{ fields: { subject: 'Ink' } }, ['input.title']])
    expect(sentBy(priority!)).toEqual([{ fields: { priority: 'normal' } }, ['input.priority']])
    expect([isMet(title!, { subject: 'Ink' }), isMet(title!, { subject: 'Paper' })]).toEqual([true, false])
    expect([isMet(priority!, { priority: 'normal' }), isMet(priority!, { priority: 'low' })]).toEqual([true, false])
    expect(parts({ priority: 'UNKNOWN' })).toEqual([
      rejected('INVALID', 'Zendesk has no priority UNKNOWN.', ['input', 'priority']),
    ])
  })

  it('ZENDESK-12: of the account is one that is active and no field of the system', () => {
    expect(sentBy(partOf('2', 'low'))).toEqual([
      { fields: { custom_fields: [{ id: 2, value: 'low' }] } },
      ['input.customFields.0'],
    ])
    expect(sentBy(partOf('7'))).toEqual([{ fields: { custom_fields: [{ id: 7, value: null }] } }, ['input.customFields.0']])
    for (const key of ['1', '8', '99', ''])
      expect(partOf(key, 'x')).toEqual(rejected('INVALID', 'There is no such field.', ['input', 'customFields', '0', 'key']))
  })

  it.each([
    ['2', 'middle'],
    ['3', ['low', 'middle']],
    ['5', '2026-1-1'],
    ['5', 'on 2026-01-01'],
    ['5', '2026-01-01T00:00:00Z'],
  ])('does not take another value: %s %j', (key, value) => {
    expect(partOf(key, value)).toEqual(
      rejected('INVALID', 'The field does not take this value.', ['input', 'customFields', '0', 'value']),
    )
  })

  it.each<[string, unknown, unknown, unknown]>([
    ['2', 'low', 'low', 'high'],
    ['2', null, undefined, 'low'],
    ['2', '', null, 'low'],
    ['3', ['low', 'high'], ['high', 'low'], ['low']],
    ['4', 7, '7.0', '8'],
    ['4', 0, '0', null],
    ['5', '2026-01-01', '2026-01-01', '2026-01-02'],
    ['5', null, null, '2026-01-01'],
    ['5', '', null, '2026-01-01'],
    ['6', true, 'true', 'false'],
    ['6', false, null, true],
    ['7', '07', '07', '7'],
  ])('is compared by its type: %s %j', (key, value, met, unmet) => {
    const part = partOf(key, value)
    expect(sentBy(part)).toEqual([{ fields: { custom_fields: [{ id: Number(key), value }] } }, ['input.customFields.0']])
    const isMetBy = (given: unknown) =>
      isMet(part, {
        custom_fields: [
          { id: 99, value },
          { id: Number(key), value: given },
        ],
      })
    expect([isMetBy(met), isMetBy(unmet)]).toEqual([true, false])
  })

  it('is joined with the others, and keeps every digit of its id (ZENDESK-15)', () => {
    const known = [...fields, field(9, 'text'), toField({ id: '9007199254740993', type: 'text' })!]
    const customFields = ['9', '9007199254740993'].map((key) => ({ key, value: 'a' })) as never
    const joined = join(toCommonParts(zendesk, known, { title: 'Ink', customFields }))
    expect('body' in joined && JSON.stringify(joined.body)).toBe(
      '{"fields":{"subject":"Ink","custom_fields":[{"id":9,"value":"a"},{"id":9007199254740993,"value":"a"}]}}',
    )
    expect(sentBy(join(parts({ title: 'Ink' })))).toEqual([{ fields: { subject: 'Ink' } }, ['input.title']])
  })
})

describe('a status of a change of Zendesk', () => {
  const partOf = (input: UpdateTicket, record: object = {}, own = false) =>
    toStatusPart(zendesk, ticketOf(record, own ? { statuses: ownStatuses } : {}), input)
  const none = rejected('INVALID', 'Zendesk has no such status.', ['input', 'status'])

  it('is the word of the system, and stays where it has the meaning', () => {
    expect(partOf({})).toBeNull()
    const hold = partOf({ status: 'ON_HOLD' })
    expect(sentBy(hold)).toEqual([{ fields: { status: 'hold' } }, ['input.status']])
    expect([isMet(hold, { status: 'hold' }), isMet(hold, { status: 'open' })]).toEqual([true, false])
    expect(sentBy(partOf({ status: 'OPEN' }))).toEqual([{ fields: {} }, ['input.status']])
    expect([partOf({ status: 'CLOSED' }), partOf({ status: 'ESCALATED' })]).toEqual([none, none])
  })

  it('is the usual one of the account for its category before others', () => {
    expect(sentBy(partOf({ status: 'OPEN' }, { status: 'pending' }, true))).toEqual([
      { fields: { status: 'open' } },
      ['input.status'],
    ])
    const escalated = partOf({ status: 'ESCALATED' }, {}, true)
    expect(sentBy(escalated)).toEqual([{ fields: { custom_status_id: 502 } }, ['input.status']])
    const after = { statuses: ownStatuses }
    expect(isMet(escalated, { status: 'open', custom_status_id: 502 }, after)).toBe(true)
    expect(isMet(escalated, { status: 'open', custom_status_id: 503 }, after)).toBe(false)
    expect(sentBy(partOf({ status: 'ON_HOLD' }, {}, true))).toEqual([{ fields: { custom_status_id: 505 } }, ['input.status']])
    // The only one of its category is not active.
    expect(partOf({ status: 'PENDING' }, {}, true)).toEqual(none)
    expect(sentBy(partOf({ status: 'ESCALATED' }, { custom_status_id: 502 }, true))).toEqual([{ fields: {} }, ['input.status']])
  })

  it('may be one of those that are offered, by its key', () => {
    const word = partOf({ statusOption: 'solved', status: 'OPEN' })
    expect(sentBy(word)).toEqual([{ fields: { status: 'solved' } }, ['input.statusOption']])
    expect([isMet(word, { status: 'solved' }), isMet(word, { status: 'open' })]).toEqual([true, false])
    const own = partOf({ statusOption: '506' }, {}, true)
    expect(sentBy(own)).toEqual([{ fields: { custom_status_id: 506 } }, ['input.statusOption']])
    expect(isMet(own, { status: 'hold', custom_status_id: 506 })).toBe(true)
    expect(isMet(own, { status: 'hold', custom_status_id: 505 })).toBe(false)
    expect(isMet(own, { status: 'open', custom_status_id: 506 })).toBe(false)
    const refused = rejected('CONFLICT', 'Zendesk does not allow this status now.', ['input', 'statusOption'])
    expect([partOf({ statusOption: 'new' }), partOf({ statusOption: '504' }, {}, true)]).toEqual([refused, refused])
    expect(partOf({ statusOption: 'open' }, { status: 'closed' })).toEqual(refused)
  })
})

describe('the tags of a change of Zendesk', () => {
  const part = (input: UpdateTicket, record: object = {}) => toTagsPart(ticketOf(record), input)

  it('ZENDESK-08: are added and removed, in lower case, where that changes something', () => {
    expect([part({}), part({ addTags: [], removeTags: [] }), part({ tags: null })]).toEqual([null, null, null])
    const added = part({ addTags: ['Ink', 'VIP', 'ink'], removeTags: ['Fire', 'gone'] })
    expect(sentBy(added)).toEqual([{ fields: {}, tags: { add: ['ink'], remove: ['fire'] } }, ['input.addTags']])
    expect(isMet(added, { tags: ['ink', 'vip'] })).toBe(true)
    for (const tags of [['ink'], ['vip'], ['ink', 'vip', 'fire']]) expect(isMet(added, { tags })).toBe(false)
    expect(sentBy(part({ removeTags: ['vip'] }))).toEqual([
      { fields: {}, tags: { add: [], remove: ['vip'] } },
      ['input.removeTags'],
    ])
    expect(sentBy(part({ addTags: ['ink'], removeTags: ['ink'] }))).toEqual([
      ...[{ fields: {}, tags: { add: [], remove: [] } }, ['input.addTags']],
    ])
  })

  it('as a whole leave alone those that are choices of fields', () => {
    const chosen = { custom_fields: [{ id: 2, value: 'high' }] }
    expect(sentBy(part({ tags: ['Ink', 'vip'] }, chosen))).toEqual([
      ...[{ fields: {}, tags: { add: ['ink'], remove: ['fire'] } }, ['input.tags']],
    ])
    expect(sentBy(part({ tags: [] }, chosen))).toEqual([
      { fields: {}, tags: { add: [], remove: ['fire', 'vip'] } },
      ['input.tags'],
    ])
    expect(isMet(part({ tags: [] }, chosen), { tags: ['high'] })).toBe(true)
  })

  it('have no blanks', () => {
    const refused = (name: string) => rejected('INVALID', 'A tag of Zendesk has no blanks.', ['input', name])
    expect([part({ tags: ['a b'] }), part({ addTags: ['a', ''] }), part({ addTags: ['a\tb'] })]).toEqual([
      ...[refused('tags'), refused('addTags'), refused('addTags')],
    ])
    expect(part({ removeTags: ['a b'] })).not.toHaveProperty('outcome')
  })
})

describe('other parts of a change of Zendesk', () => {
  it('are a group by its number', () => {
    const part = toGroupPart(zendesk, '9007199254740993', 'queue')
    expect('body' in part && JSON.stringify(part.body)).toBe('{"fields":{"group_id":9007199254740993}}')
    expect([isMet(part, { group_id: '9007199254740993' }), isMet(part, { group_id: 7 })]).toEqual([true, false])
    expect(toGroupPart(zendesk, 'x', 'queue')).toEqual(rejected('INVALID', 'Zendesk has no such group.', ['input', 'queue']))
  })

  it('are files by the tokens of their uploads', () => {
    expect(toUploads([{ uploadId: 'a' }, { uploadId: 'b' }] as never)).toEqual({ uploads: ['a', 'b'] })
    expect([toUploads([]), toUploads(null), toUploads(undefined)]).toEqual([{}, {}, {}])
  })
})
