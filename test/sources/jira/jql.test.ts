import { describe, expect, it } from 'vitest'
import { toFilterMethods } from '../../../src/sources/filter-table.ts'
import { jiraConfig } from '../../../src/sources/jira/config.ts'
import { toStatus } from '../../../src/sources/jira/decode.ts'
import {
  createFilters,
  type JqlTables,
  needsTables,
  quote,
  toConditions,
  toRankCondition,
} from '../../../src/sources/jira/jql.ts'
import type { TicketFilter, TicketOrder } from '../../../src/sources/source.ts'
import { statuses } from './jira-fixture.ts'

// Expected conditions are written by Atlassian's "JQL: the most flexible way to search Jira" (support.atlassian.com).

const { dialect } = jiraConfig.parse({ url: 'https://desk.example', token: 'x' })
const byPriority: TicketOrder = { field: 'PRIORITY', direction: 'DESC' }
const byUpdate: TicketOrder = { field: 'UPDATED_AT', direction: 'DESC' }

const tables: JqlTables = {
  desks: ['10000', '10100'].map((projectId) => ({ id: '1', projectId, projectKey: 'DESK', name: null })),
  statuses: Object.values(statuses).map((one) => toStatus(one)!),
  priorities: [
    { id: '1', name: 'Highest' },
    { id: '2', name: 'High' },
    { id: '3', name: 'Medium' },
    { id: '4', name: 'Blocker' },
    { id: '9', name: 'Whenever' },
  ],
}
const projects = 'project in (10000, 10100)'
const conditions = (filter: TicketFilter, changes: Partial<JqlTables> = {}) =>
  toConditions(filter, { ...tables, ...changes }, dialect)
const methods = toFilterMethods(createFilters(dialect))

describe('the conditions of a search of Jira', () => {
  it('JIRA-02: begin with the service projects, and there is no search where the account sees none', () => {
    expect(conditions({})).toEqual([projects])
    expect(conditions({}, { desks: tables.desks.slice(1) })).toEqual(['project in (10100)'])
    expect(conditions({}, { desks: [] })).toBeNull()
    expect(conditions({ tags: ['a'] }, { desks: [] })).toBeNull()
  })

  it.each<[TicketFilter, string | null]>([
    // The names of the dialect.
    [{ status: ['OPEN'] }, 'status in (10001)'],
    [{ status: ['PENDING', 'CANCELLED'] }, 'status in (10002, 10007)'],
    // The categories "to do", "in progress" and none.
    [{ status: ['NEW', 'IN_PROGRESS', 'UNKNOWN'] }, 'status in (10003, 10004, 10008)'],
    // "Done" is told by the resolution.
    [{ status: ['CLOSED'] }, '(status in (10005) AND resolution is EMPTY)'],
    [{ status: ['CLOSED', 'OPEN'] }, '(status in (10001) OR (status in (10005) AND resolution is EMPTY))'],
    [{ status: ['RESOLVED'] }, '(status in (10006) OR (status in (10005) AND resolution is not EMPTY))'],
    [{ status: ['RESOLVED', 'CLOSED'] }, 'status in (10005, 10006)'],
    [{ status: ['ON_HOLD'] }, null],
    [{ status: [] }, null],
    [{ priority: ['URGENT'] }, 'priority in (1, 4)'],
    [{ priority: ['MEDIUM', 'UNKNOWN'] }, 'priority in (3, 9)'],
    [{ priority: ['LOW'] }, null],
    [{ priority: [] }, null],
    [{ customer: { kind: 'customer', sourceKey: 'jira', tenant: '', externalId: 'qm:a"b' } }, 'reporter = "qm:a\\"b"'],
    [{ unassigned: true }, 'assignee is EMPTY'],
    [{ unassigned: true, assignee: 'Ann' }, null],
    [{ unassigned: true, assignedTo: { jira: 'ann@example.com' } }, null],
    [{ unassigned: true, assignee: null, assignedTo: null }, 'assignee is EMPTY'],
    [{ tags: ['vip'] }, 'labels in ("vip")'],
    [{ tags: ['vip', 'a\\b'] }, 'labels in ("vip", "a\\\\b")'],
    [{ tags: [] }, null],
  ])('are %j: %s', (filter, condition) => {
    expect(conditions(filter)).toEqual(condition === null ? null : [projects, condition])
  })

  it('JIRA-04: have times at whole minutes, the earlier one for a start and the later one for an end', () => {
    // 1767225600000 is 2026-01-01T00:00Z; a minute has 60,000 ms.
    const [minute, within, next] = ['2026-01-01T00:01:00.000Z', '2026-01-01T00:01:00.001Z', '2026-01-01T00:02:00.000Z']
    expect(conditions({ createdAfter: minute, createdBefore: next })).toEqual([
      ...[projects, 'created >= 1767225660000', 'created <= 1767225720000'],
    ])
    expect(conditions({ updatedAfter: within, updatedBefore: within })).toEqual([
      ...[projects, 'updated >= 1767225660000', 'updated <= 1767225720000'],
    ])
    expect(conditions({ createdBefore: within })).toEqual([projects, 'created <= 1767225720000'])
    expect(conditions({ updatedAfter: within })).toEqual([projects, 'updated >= 1767225660000'])
  })

  it('are exact for statuses, priorities, the customer and no assignee, and narrowed for times and labels', () => {
    const customer = { kind: 'customer' as const, sourceKey: 'jira', tenant: '', externalId: 'qm:1' }
    const times = { createdAfter: '2026-01-01T00:00:00.000Z', updatedBefore: '2026-01-02T00:00:00.000Z' }
    const all: TicketFilter = { status: ['NEW'], priority: ['LOW'], customer, unassigned: true, tags: ['a'], ...times }
    expect([methods.pushdownFilters(all), methods.narrowingFilters(all)]).toEqual([
      ['STATUS', 'PRIORITY', 'CUSTOMER', 'ASSIGNEE'],
      ['CREATED', 'UPDATED', 'TAGS'],
    ])
  })

  it('are left to the gateway for a named assignee, and for a label with a control character', () => {
    const filters: TicketFilter[] = [
      { assignee: 'Ann' },
      { assignedTo: { jira: 'ann@example.com' } },
      { tags: ['a\u0000'] },
      { tags: ['b', 'a\n'] },
    ]
    for (const filter of filters) {
      expect([methods.pushdownFilters(filter), methods.narrowingFilters(filter)]).toEqual([[], []])
      expect(conditions(filter)).toEqual([projects])
    }
  })

  it('need the lists of a site only where they name its statuses or priorities', () => {
    expect(needsTables({}, byUpdate)).toEqual({ statuses: false, priorities: false })
    expect(needsTables({ status: null, priority: null }, byUpdate)).toEqual({ statuses: false, priorities: false })
    expect(needsTables({ status: [] }, byUpdate)).toEqual({ statuses: true, priorities: false })
    expect(needsTables({ priority: ['LOW'] }, byUpdate)).toEqual({ statuses: false, priorities: true })
    expect(needsTables({}, byPriority)).toEqual({ statuses: false, priorities: true })
  })

  it('quote a text so that it ends nowhere else', () => {
    expect(quote('a "b" \\ c')).toBe('"a \\"b\\" \\\\ c"')
  })
})

describe('the searches of a list by priority', () => {
  const rank = (number: number, priorities = tables.priorities) => toRankCondition(number, byPriority, priorities, dialect)

  it('have one rank each', () => {
    expect([rank(4), rank(3), rank(2)]).toEqual(['priority in (1, 4)', 'priority in (2)', 'priority in (3)'])
    expect(rank(1)).toBe('')
  })

  it('have those without a known priority last', () => {
    expect(rank(0)).toBe('(priority is EMPTY OR priority not in (1, 2, 3, 4))')
    expect(rank(0, [{ id: '9', name: 'Whenever' }])).toBeNull()
  })

  it('are one search in another order', () => {
    expect([0, 4].map((number) => toRankCondition(number, byUpdate, tables.priorities, dialect))).toEqual([null, null])
  })
})
