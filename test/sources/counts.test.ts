import { describe, expect, it } from 'vitest'
import { countByTotals, type TotalsOptions } from '../../src/sources/counts.ts'
import type { TicketFilter } from '../../src/sources/source.ts'

/** A vendor that has so many tickets of each status or priority, and 99 in all. */
function start(totals: Readonly<Record<string, number | null>>, more: Partial<TotalsOptions> = {}) {
  const asked: TicketFilter[] = []
  const state = { active: 0, most: 0 }
  const options: TotalsOptions = {
    async count(filter) {
      asked.push(filter)
      state.active += 1
      state.most = Math.max(state.most, state.active)
      await new Promise((resolve) => setImmediate(resolve))
      state.active -= 1
      const [key] = filter.status ?? filter.priority ?? []
      return key === undefined ? 99 : (totals[key] ?? null)
    },
    concurrency: 2,
    ...more,
  }
  return { options, asked, state }
}
const group = (key: string, count: number) => ({ key, label: null, count, exact: true })

describe('a count by the totals of lists', () => {
  it('of a source as a whole is the total of one list', async () => {
    const { options, asked } = start({})
    expect(await countByTotals({ filter: { tags: ['vip'] }, by: 'SOURCE' }, options)).toEqual({
      total: 99,
      groups: [],
      complete: true,
    })
    expect(asked).toEqual([{ tags: ['vip'] }])
  })

  it('by status asks for one list of each status that the filter has', async () => {
    const { options, asked } = start({ OPEN: 3, CLOSED: 0 })
    const filter: TicketFilter = { status: ['OPEN', 'CLOSED', 'OPEN'], tags: ['vip'] }
    expect(await countByTotals({ filter, by: 'STATUS' }, options)).toEqual({
      total: 3,
      groups: [group('OPEN', 3), group('CLOSED', 0)],
      complete: true,
    })
    expect(asked).toEqual([
      { status: ['OPEN'], tags: ['vip'] },
      { status: ['CLOSED'], tags: ['vip'] },
    ])
  })

  it('by priority asks for the values that a ticket of the source may have', async () => {
    const keys: string[] = []
    const valuesOf: TotalsOptions['valuesOf'] = async (by) => {
      keys.push(by)
      return ['HIGH', 'LOW']
    }
    const { options, asked } = start({ HIGH: 2, LOW: 5 }, { valuesOf })
    expect(await countByTotals({ filter: {}, by: 'PRIORITY' }, options)).toMatchObject({ total: 7, complete: true })
    expect(asked).toEqual([{ priority: ['HIGH'] }, { priority: ['LOW'] }])
    expect(keys).toEqual(['PRIORITY'])
  })

  it('asks for each value of the model where the source names none', async () => {
    const byStatus = start({})
    await countByTotals({ filter: {}, by: 'STATUS' }, byStatus.options)
    expect(byStatus.asked.flatMap(({ status }) => status)).toEqual(expect.arrayContaining(['OPEN', 'CLOSED']))
    const byPriority = start({})
    await countByTotals({ filter: {}, by: 'PRIORITY' }, byPriority.options)
    expect(byPriority.asked.flatMap(({ priority }) => priority).toSorted()).toEqual([
      'HIGH',
      'LOW',
      'MEDIUM',
      'UNKNOWN',
      'URGENT',
    ])
  })

  it('tells nothing where the vendor does not say one of the totals', async () => {
    const { options } = start({ OPEN: 3, CLOSED: null })
    expect(await countByTotals({ filter: { status: ['OPEN', 'CLOSED'] }, by: 'STATUS' }, options)).toEqual({
      total: null,
      groups: [],
      complete: false,
    })
  })

  it('asks for so many lists at once', async () => {
    const { options, state } = start({ OPEN: 1, PENDING: 1, SOLVED: 1, CLOSED: 1, NEW: 1 })
    const status = ['OPEN', 'PENDING', 'SOLVED', 'CLOSED', 'NEW'] as never
    expect((await countByTotals({ filter: { status }, by: 'STATUS' }, options)).total).toBe(5)
    expect(state.most).toBe(2)
  })
})
