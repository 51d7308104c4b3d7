import { describe, expect, it } from 'vitest'
import { type FilterTable, isExact, toFilterMethods, toTerms } from '../../src/sources/filter-table.ts'
import { filterFields, type TicketFilter } from '../../src/sources/source.ts'

/** A vendor that compares names in lower case only, and days in place of times. */
const table: FilterTable<{ readonly open: string }> = {
  STATUS: { applied: 'EXACT', toTerms: ({ status }, { open }) => [status?.includes('OPEN') ? open : ''] },
  ASSIGNEE: {
    applied: 'EXACT',
    suits: ({ assignee }) => assignee === assignee?.toLowerCase(),
    toTerms: ({ assignee }) => [`owner=${assignee}`],
  },
  CREATED: { applied: 'NARROWED', toTerms: ({ createdAfter }) => [`day>=${createdAfter?.slice(0, 10)}`] },
}
const words = { open: 'state=1' }
const { pushdownFilters, narrowingFilters } = toFilterMethods(table)

describe('the conditions of a vendor', () => {
  it('are pushed down, narrowed or left to the gateway, by one table and by their values', () => {
    const filter = { createdAfter: '2026-01-02T10:00:00.000Z', assignee: 'ann', status: ['OPEN' as const], tags: ['vip'] }
    expect([pushdownFilters(filter), narrowingFilters(filter)]).toEqual([['STATUS', 'ASSIGNEE'], ['CREATED']])
    expect(toTerms(table, filter, words)).toEqual(['state=1', 'owner=ann', 'day>=2026-01-02'])
    const loud = { ...filter, assignee: 'ANN' }
    expect([pushdownFilters(loud), toTerms(table, loud, words)]).toEqual([['STATUS'], ['state=1', 'day>=2026-01-02']])
  })

  it('are none where a value is null', () => {
    const filter = { status: null, assignee: null, createdAfter: null }
    expect([pushdownFilters(filter), narrowingFilters(filter), toTerms(table, filter, words)]).toEqual([[], [], []])
  })

  it('match no ticket where no word of the vendor has the value', () => {
    expect(toTerms(table, { status: ['CLOSED'], assignee: 'ann' }, words)).toBeNull()
  })

  it('count exactly only where the vendor applies each of them exactly', () => {
    expect(isExact(table, { status: ['OPEN'], assignee: 'ann' })).toBe(true)
    expect(isExact(table, {})).toBe(true)
    for (const more of [{ assignee: 'ANN' }, { createdAfter: '2026-01-02T10:00:00.000Z' }, { tags: ['vip'] }])
      expect(isExact(table, { status: ['OPEN'], ...more })).toBe(false)
  })

  it.each([
    [{ status: ['OPEN'] }, 'STATUS'],
    [{ priority: ['HIGH'] }, 'PRIORITY'],
    [{ channel: ['CHAT'] }, 'CHANNEL'],
    [{ category: ['c'] }, 'CATEGORY'],
    [{ assignee: 'ann' }, 'ASSIGNEE'],
    [{ assignedTo: 'ann' }, 'ASSIGNEE'],
    [{ unassigned: true }, 'ASSIGNEE'],
    [{ ids: ['1'] }, 'IDS'],
    [{ customer: '7' }, 'CUSTOMER'],
    [{ customerEmail: 'a@b.test' }, 'CUSTOMER_EMAIL'],
    [{ vendor: '7' }, 'VENDOR'],
    [{ orderId: 'o-1' }, 'ORDER'],
    [{ tags: ['vip'] }, 'TAGS'],
    [{ text: 'refund' }, 'TEXT'],
    [{ createdAfter: '2026-01-02T00:00:00.000Z' }, 'CREATED'],
    [{ createdBefore: '2026-01-02T00:00:00.000Z' }, 'CREATED'],
    [{ updatedAfter: '2026-01-02T00:00:00.000Z' }, 'UPDATED'],
    [{ updatedBefore: '2026-01-02T00:00:00.000Z' }, 'UPDATED'],
  ])('have one field each: %j is %s', (condition, field) => {
    const all = Object.fromEntries(filterFields.map((name) => [name, { applied: 'EXACT', toTerms: () => [] }]))
    expect(toFilterMethods(all).pushdownFilters(condition as unknown as TicketFilter)).toEqual([field])
  })

  it('of one field are one field: a period has two conditions', () => {
    const period = { createdAfter: '2026-01-02T10:00:00.000Z', createdBefore: '2026-01-03T10:00:00.000Z' }
    expect(toFilterMethods(table).narrowingFilters(period)).toEqual(['CREATED'])
    expect(isExact({ CREATED: { applied: 'EXACT', toTerms: () => [] } }, period)).toBe(true)
  })
})
