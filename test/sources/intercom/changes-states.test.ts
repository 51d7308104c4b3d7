import { describe, expect, it } from 'vitest'
import { rejected, type UpdateTicket } from '../../../src/domain/writes.ts'
import { join, toClosedPart, toReopenPart, toStatusPart, toTagParts, toTeamPart } from '../../../src/sources/intercom/changes.ts'
import { type IntercomTicket, toIntercomRecord, toType } from '../../../src/sources/intercom/decode.ts'
import type { Intercom } from '../../../src/sources/intercom/index.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'

// What is sent is written by "Update a ticket" of developers.intercom.com, version 2.14.

const config = { statuses: { Developers: 'ESCALATED' }, snoozeHours: 24 } as unknown as Intercom['config']
/** 2026-03-01T00:00:00.9Z. */
const clock = () => 1_772_323_200_900
const intercom = { info: toSourceInfo('intercom', { label: 'Intercom' }), config, clock } as unknown as Intercom
const state = (id: string, category: string, more: object = {}) => ({ id, category, internal_label: id, ...more })
const [submitted, working, developers, done, rejectedState, archived] = [
  ...[state('s1', 'submitted'), state('s2', 'in_progress'), state('Developers', 'in_progress'), state('s4', 'resolved')],
  ...[state('s5', 'resolved'), state('s6', 'waiting_on_customer', { archived: true })],
]
const typeWith = (...data: readonly object[]) => toType({ id: '67', name: 'Bug', ticket_states: { data } })!
const type = typeWith(submitted!, working!, developers!, done!, rejectedState!, archived!)
const ticketOf = (record: object = {}, types = [type]): IntercomTicket => ({
  ...toIntercomRecord({ id: '627', ticket_state: submitted, ticket_type: { id: '67' }, open: true, ...record })!,
  ...{ types, admins: [], teams: [], contactsById: new Map(), company: null },
})

type Part = ReturnType<typeof toStatusPart>
/** What a part sends and which field asks for it, or its refusal. */
const sentBy = (part: Part) => (part && 'wishes' in part ? [part.body, part.wishes.map(({ field }) => field.join('.'))] : part)
const isMet = (part: Part, record: object) =>
  part !== null && 'wishes' in part && part.wishes.every((wish) => wish.isMet(ticketOf(record)))
const fields = (sent: object) => ({ fields: sent })

describe('a status of a change of Intercom', () => {
  const partOf = (input: Pick<UpdateTicket, 'status' | 'statusOption'>, record: object = {}, types = [type]) =>
    toStatusPart(intercom, ticketOf(record, types), input)

  it('changes nothing where the ticket has it', () => {
    expect(partOf({})).toBeNull()
    const same = partOf({ status: 'NEW' })
    expect(sentBy(same)).toEqual([fields({}), ['input.status']])
    expect(isMet(same, { ticket_state: done })).toBe(true)
  })

  it('is the first state with its meaning, of those of the type that are not archived', () => {
    const part = partOf({ status: 'IN_PROGRESS' })
    expect(sentBy(part)).toEqual([fields({ ticket_state_id: 's2' }), ['input.status']])
    expect(isMet(part, { ticket_state: working })).toBe(true)
    for (const record of [{ ticket_state: developers }, { ticket_state: working, open: false }])
      expect(isMet(part, record)).toBe(false)
    expect(isMet(part, { ticket_state: working, snoozed_until: 1_800_000_000 })).toBe(false)
    expect(sentBy(partOf({ status: 'ESCALATED' }))).toEqual([fields({ ticket_state_id: 'Developers' }), ['input.status']])
    expect(partOf({ status: 'PENDING' })).toEqual(
      rejected('INVALID', 'Intercom has no such status for tickets of this type.', ['input', 'status']),
    )
  })

  it('opens a ticket that is closed or snoozed, unless the state ends it', () => {
    for (const record of [{ open: false }, { snoozed_until: 1_800_000_000 }]) {
      const part = partOf({ status: 'IN_PROGRESS' }, record)
      expect(sentBy(part)).toEqual([fields({ ticket_state_id: 's2', open: true }), ['input.status']])
      expect(sentBy(partOf({ status: 'RESOLVED' }, record))).toEqual([fields({ ticket_state_id: 's4' }), ['input.status']])
    }
    const ended = partOf({ status: 'RESOLVED' })
    expect([isMet(ended, { ticket_state: done, open: false }), isMet(ended, { ticket_state: rejectedState })]).toEqual([
      true,
      false,
    ])
  })

  it('may be one of the states, by its key', () => {
    const part = partOf({ statusOption: 's5', status: 'NEW' })
    expect(sentBy(part)).toEqual([fields({ ticket_state_id: 's5' }), ['input.statusOption']])
    expect(sentBy(partOf({ statusOption: 's1' }))).toEqual([fields({ ticket_state_id: 's1' }), ['input.statusOption']])
    const refused = rejected('CONFLICT', 'Intercom does not allow this status now.', ['input', 'statusOption'])
    for (const statusOption of ['s6', 'unknown']) expect(partOf({ statusOption })).toEqual(refused)
  })

  it('ON_HOLD snoozes the ticket for the hours of the configuration', () => {
    // 1772323200 s and a day.
    const part = partOf({ status: 'ON_HOLD' })
    expect(sentBy(part)).toEqual([fields({ open: true, snoozed_until: 1_772_409_600 }), ['input.status']])
    expect([isMet(part, { snoozed_until: 1_772_409_600 }), isMet(part, {})]).toEqual([true, false])
    const resolved = partOf({ status: 'ON_HOLD' }, { ticket_state: done })
    expect(sentBy(resolved)).toMatchObject([fields({ snoozed_until: 1_772_409_600, ticket_state_id: 's2' }), ['input.status']])
  })

  it('INTERCOM-08: CLOSED keeps the state, and is not shown of a resolved ticket', () => {
    const part = partOf({ status: 'CLOSED' })
    expect(sentBy(part)).toEqual([fields({ open: false }), ['input.status']])
    expect([isMet(part, { open: false }), isMet(part, {})]).toEqual([true, false])
    expect(partOf({ status: 'CLOSED' }, { ticket_state: done })).toEqual(
      rejected('CONFLICT', 'Intercom shows a resolved ticket as resolved, also where it is closed.', ['input', 'status']),
    )
    expect(sentBy(toClosedPart())).toEqual([fields({ open: false }), ['input']])
  })

  it('that is open again is in a state with work', () => {
    const part = (record: object, types = [type]) => toReopenPart(ticketOf(record, types), config)
    expect(sentBy(part({ open: false }))).toEqual([fields({ open: true }), ['input']])
    expect(sentBy(part({ ticket_state: done }))).toEqual([fields({ open: true, ticket_state_id: 's2' }), ['input']])
    expect(sentBy(part({ ticket_state: done }, [typeWith(done!, submitted!)]))).toEqual([
      ...[fields({ open: true, ticket_state_id: 's1' }), ['input']],
    ])
    expect(sentBy(part({ ticket_state: done }, [typeWith(done!)]))).toEqual([fields({ open: true }), ['input']])
    const reopened = part({ open: false })
    expect([{}, { open: false }, { ticket_state: done }].map((record) => isMet(reopened, record))).toEqual([true, false, false])
  })
})

describe('tags and teams of a change of Intercom', () => {
  const tags = [
    { id: '101', name: 'VIP' },
    { id: '102', name: 'vip' },
    { id: '103', name: 'Refund' },
    { id: '104', name: null },
  ]

  it('INTERCOM-15: are found by the exact name before another casing, and proven by their calls', () => {
    const done = new Set(['102'])
    const parts = toTagParts(tags, { addTags: ['vip', 'refund'], removeTags: ['VIP'] }, done)
    expect(parts.map(sentBy)).toEqual([
      [{ fields: {}, tags: [{ id: '102', isAdded: true }] }, ['input.addTags.0']],
      [{ fields: {}, tags: [{ id: '103', isAdded: true }] }, ['input.addTags.1']],
      [{ fields: {}, tags: [{ id: '101', isAdded: false }] }, ['input.removeTags.0']],
    ])
    expect(parts.map((part) => isMet(part, {}))).toEqual([true, false, false])
    expect(toTagParts(tags, { removeTags: ['a', 'other'] }, done)).toEqual([
      rejected('INVALID', 'There is no such tag.', ['input', 'removeTags', '0']),
      rejected('INVALID', 'There is no such tag.', ['input', 'removeTags', '1']),
    ])
    expect([toTagParts(tags, {}, done), toTagParts(tags, { addTags: null, removeTags: null }, done)]).toEqual([[], []])
  })

  it('INTERCOM-06: are a team of the workspace, which has a field of its own', () => {
    const part = toTeamPart(intercom, [{ id: '814', name: 'First' }], '814', 'queue')
    expect(sentBy(part)).toEqual([fields({ assignee_id: '814' }), ['input.queue']])
    expect([isMet(part, { team_assignee_id: '814' }), isMet(part, { admin_assignee_id: '814' })]).toEqual([true, false])
    expect(toTeamPart(intercom, [], '814', 'queue')).toEqual(
      rejected('INVALID', 'Intercom has no such team.', ['input', 'queue']),
    )
  })

  it('are joined with the other parts', () => {
    const joined = join([null, toClosedPart('status'), ...toTagParts(tags, { addTags: ['VIP', 'Refund'] }, new Set())])
    expect(sentBy(joined)).toEqual([
      {
        ...{ fields: { open: false }, attributes: {} },
        tags: [
          { id: '101', isAdded: true },
          { id: '103', isAdded: true },
        ],
      },
      ['input.status', 'input.addTags.0', 'input.addTags.1'],
    ])
  })
})
