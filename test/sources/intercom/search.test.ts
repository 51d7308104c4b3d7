import { describe, expect, it } from 'vitest'
import { toFilterMethods } from '../../../src/sources/filter-table.ts'
import { intercomConfig } from '../../../src/sources/intercom/config.ts'
import { type IntercomTables, toAdmin, toType } from '../../../src/sources/intercom/decode.ts'
import { createFilters, sorts, toQuery, toSort } from '../../../src/sources/intercom/search.ts'
import type { TicketFilter } from '../../../src/sources/source.ts'

// Expected conditions are written by "Search tickets" of developers.intercom.com, version 2.14.

const dialectOf = (changes: object = {}) =>
  intercomConfig.parse({ url: 'https://api.intercom.io', token: 'x', priorityField: 'Urgency', ...changes })
const state = (id: number, category: string | null, label: string) => ({ id, category, internal_label: label })
const urgency = (id: number, name = 'Urgency') => ({
  ...{ id, name, data_type: 'list', input_options: { list_options: [{ id: `${id}-1`, label: 'High' }] } },
})
const typeOf = (...attributes: object[]) =>
  toType({
    ...{ id: 67, name: 'Bug', ticket_type_attributes: { data: attributes } },
    ticket_states: {
      data: [
        ...[state(1, 'submitted', 'Submitted'), state(2, 'in_progress', 'With the developers'), state(3, 'resolved', 'Rejected')],
        ...[state(4, 'waiting_on_customer', 'Waiting'), state(5, null, 'Odd')],
      ],
    },
  })!
const tables: IntercomTables = {
  types: [typeOf(urgency(170), urgency(171, 'Impact'))],
  admins: [
    { id: 991, name: 'Ciaran Lee', email: 'Ciaran@desk.example' },
    { id: 992, name: 'Bea Boss' },
    { id: 993, name: 'Ciaran Lee' },
  ].map((admin) => toAdmin(admin)!),
  teams: [],
}

const queryOf = (filter: TicketFilter, dialect = dialectOf(), changes: Partial<IntercomTables> = {}) =>
  toQuery(filter, { tables: { ...tables, ...changes }, sourceKey: 'intercom' }, dialect)
const all = (...value: object[]) => ({ operator: 'AND', value })
const is = (field: string, value: unknown) => ({ field, operator: '=', value })
const isAny = (field: string, value: readonly string[]) => ({ field, operator: 'IN', value })
const every = { field: 'created_at', operator: '>', value: 0 }

describe('a search of Intercom', () => {
  it.each<[TicketFilter, object | null]>([
    [{}, all(every)],
    [{ category: ['Customer'] }, all(is('category', 'request'))],
    [{ category: ['Back-office', 'Tracker'] }, all(isAny('category', ['task', 'tracker']))],
    [{ category: [] }, null],
    [{ unassigned: true }, all(is('admin_assignee_id', '0'))],
    [{ assignee: 'bea boss' }, all(is('admin_assignee_id', '992'))],
    [{ assignee: 'CIARAN@desk.example' }, all(is('admin_assignee_id', '991'))],
    [{ assignee: ' Ciaran Lee ' }, all(isAny('admin_assignee_id', ['991', '993']))],
    [{ assignee: '992' }, all(is('admin_assignee_id', '992'))],
    // A teammate who has left.
    [{ assignee: '12' }, all(is('admin_assignee_id', '12'))],
    [{ assignee: 'unknown' }, null],
    [{ assignee: 'Bea Boss', unassigned: true }, all(is('admin_assignee_id', '992'), is('admin_assignee_id', '0'))],
    [{ assignedTo: { intercom: 'bea boss', jira: 'ciaran lee' } }, all(is('admin_assignee_id', '992'))],
    [{ assignedTo: { jira: 'bea boss' } }, null],
    [{ customer: { kind: 'customer', sourceKey: 'intercom', tenant: '', externalId: 'c1' } }, all(is('contact_ids', 'c1'))],
    [{ createdAfter: '2026-01-01T00:00:00.999Z' }, all({ ...every, value: 1_767_225_600 })],
    [{ createdBefore: '2026-01-01T00:00:00.001Z' }, all({ ...every, operator: '<', value: 1_767_225_601 })],
    [
      { updatedAfter: '2026-01-01T00:00:00.000Z', updatedBefore: '2026-01-01T00:00:00.000Z' },
      all(...['>', '<'].map((operator) => ({ field: 'updated_at', operator, value: 1_767_225_600 }))),
    ],
  ])('has the conditions of %j', (filter, query) => {
    expect(queryOf(filter)).toEqual(query)
  })

  const open = (value: boolean) => is('open', value)
  it.each<[TicketFilter['status'], object | null]>([
    [['NEW'], all(open(true), is('state', 'submitted'))],
    [['NEW', 'PENDING'], all(open(true), isAny('state', ['submitted', 'waiting_on_customer']))],
    [['RESOLVED'], all(is('state', 'resolved'))],
    [['NEW', 'RESOLVED'], all(isAny('state', ['submitted', 'resolved']))],
    // INTERCOM-08: a ticket that is closed or snoozed before it is resolved keeps its state.
    [['CLOSED'], all(open(false))],
    [['ON_HOLD'], all(open(true))],
    [['ON_HOLD', 'NEW'], all(open(true))],
    [['CLOSED', 'NEW'], all(every)],
    [['CLOSED', 'RESOLVED'], all(every)],
    [['CANCELLED'], null],
    [[], null],
  ])('has the states of %j', (status, query) => {
    expect(queryOf({ status })).toEqual(query)
  })

  it('has the categories of the states that have a name of their own', () => {
    const statuses = { 'With the developers': 'ESCALATED', Rejected: 'CANCELLED', Odd: 'PENDING' }
    const ofStates = (status: TicketFilter['status']) => queryOf({ status }, dialectOf({ statuses }))
    expect(ofStates(['ESCALATED'])).toEqual(all(open(true), is('state', 'in_progress')))
    expect(ofStates(['CANCELLED'])).toEqual(all(is('state', 'resolved')))
    expect(ofStates(['ESCALATED', 'IN_PROGRESS'])).toEqual(all(open(true), is('state', 'in_progress')))
    expect(ofStates(['PENDING'])).toEqual(all(open(true), is('state', 'waiting_on_customer')))
  })

  it('has the words and the ids of a priority in the attribute of each ticket type', () => {
    const high = (id: number) => isAny(`ticket_attribute.${id}`, ['High', `${id}-1`])
    expect(queryOf({ priority: ['HIGH'] })).toEqual(all(high(170)))
    const two = { types: [typeOf(urgency(170)), typeOf(urgency(180)), typeOf(urgency(190, 'Impact'))] }
    expect(queryOf({ priority: ['HIGH'], unassigned: true }, dialectOf(), two)).toEqual(
      all(all(is('admin_assignee_id', '0')), { operator: 'OR', value: [high(170), high(180)] }),
    )
    expect(queryOf({ priority: ['HIGH'] }, dialectOf(), two)).toEqual(all({ operator: 'OR', value: [high(170), high(180)] }))
    expect(queryOf({ priority: ['MEDIUM'] })).toEqual(all(isAny('ticket_attribute.170', ['Medium', 'Normal'])))
    expect(queryOf({ priority: ['URGENT'] })).toEqual(all(is('ticket_attribute.170', 'Urgent')))
    expect(queryOf({ priority: ['HIGH'] }, dialectOf(), { types: [typeOf()] })).toBeNull()
    expect(queryOf({ priority: [] })).toBeNull()
  })

  it('has at most 15 conditions of a priority, and leaves more to the gateway', () => {
    const types = (count: number) => ({ types: Array.from({ length: count }, (_, index) => typeOf(urgency(200 + index))) })
    expect(queryOf({ priority: ['HIGH'] }, dialectOf(), types(15))).toMatchObject({ value: [{ operator: 'OR' }] })
    expect(queryOf({ priority: ['HIGH'] }, dialectOf(), types(16))).toEqual(all(every))
  })
})

describe('the conditions of a filter', () => {
  const methods = toFilterMethods(createFilters(dialectOf()))
  const appliedIn = (filter: TicketFilter, dialect = dialectOf()) => {
    const { pushdownFilters, narrowingFilters } = toFilterMethods(createFilters(dialect))
    return [pushdownFilters(filter), narrowingFilters(filter)]
  }

  it('are exact for categories and assignees, and narrowed for the others', () => {
    const customer = { kind: 'customer' as const, sourceKey: 'intercom', tenant: '', externalId: 'c1' }
    const times = { createdAfter: '2026-01-01T00:00:00.000Z', updatedBefore: '2026-01-02T00:00:00.000Z' }
    const filter: TicketFilter = {
      category: ['Customer'],
      assignee: 'Bea',
      status: ['NEW'],
      priority: ['LOW'],
      customer,
      ...times,
    }
    expect(methods.pushdownFilters(filter)).toEqual(['CATEGORY', 'ASSIGNEE'])
    expect(methods.narrowingFilters(filter)).toEqual(['STATUS', 'PRIORITY', 'CUSTOMER', 'CREATED', 'UPDATED'])
  })

  it('are left to the gateway where Intercom has no word for a value', () => {
    const filters: TicketFilter[] = [
      { category: ['Customer', 'Other'] },
      { category: ['constructor'] },
      { status: ['NEW', 'UNKNOWN'] },
    ]
    for (const filter of [...filters, { priority: ['LOW', 'UNKNOWN'] } as TicketFilter]) {
      expect(appliedIn(filter)).toEqual([[], []])
      expect(queryOf(filter)).toEqual(all(every))
    }
    expect(appliedIn({ priority: ['LOW'] }, dialectOf({ priorityField: undefined }))).toEqual([[], []])
  })
})

describe('the order of a search', () => {
  it('is by a time alone', () => {
    expect(sorts({ field: 'PRIORITY', direction: 'DESC' })).toBe(false)
    expect(sorts({ field: 'CREATED_AT', direction: 'ASC' })).toBe(true)
    expect(toSort({ field: 'CREATED_AT', direction: 'ASC' })).toEqual({ field: 'created_at', order: 'ascending' })
    expect(toSort({ field: 'UPDATED_AT', direction: 'DESC' })).toEqual({ field: 'updated_at', order: 'descending' })
  })
})
