import { describe, expect, it } from 'vitest'
import type { CountKey, TallyGroup, TicketTally } from '../../../src/sources/source.ts'
import { createMemorySource } from '../../support/memory-source.ts'
import { createService, toCall } from '../ticket-service-fixture.ts'

const group = (key: string | null, count: number, label: string | null = null): TallyGroup => ({ key, label, count, exact: true })

/** Counts over sources that answer in this way. The first is `s0`. */
function count(by: CountKey, ...tallies: readonly (readonly TallyGroup[] | TicketTally)[]) {
  const sources = tallies.map((tally, index) => {
    const answer: TicketTally = 'groups' in tally ? tally : { total: 9, groups: tally, complete: true }
    return createMemorySource(`s${index}`, { methods: { countTickets: async () => answer } })
  })
  return createService(sources).service.begin(toCall()).reads.count({ sources: null, filter: {}, by })
}

const namesOf = async (by: CountKey, ...tallies: readonly (readonly TallyGroup[])[]) =>
  (await count(by, ...tallies)).groups.map(({ key, count: size }) => [key, size])

describe('the groups of a count', () => {
  it('are in the order of their sizes; of the same size in the order of their keys, and without a key last', async () => {
    const groups = [group(null, 2), group('b', 2), group('c', 3), group('a', 2), group('d', 1)]
    const expected = [
      ['c', 3],
      ['a', 2],
      ['b', 2],
      [null, 2],
      ['d', 1],
    ]
    expect(await namesOf('QUEUE', groups)).toEqual(expected)
    expect(await namesOf('QUEUE', groups.toReversed())).toEqual(expected)
  })

  it('are the same for agents in any case of letters, and for no other key', async () => {
    expect(await namesOf('ASSIGNEE', [group('Ann', 1), group(null, 1)], [group('ann', 2), group(null, 1)])).toEqual([
      ['Ann', 3],
      [null, 2],
    ])
    expect(await namesOf('QUEUE', [group('Returns', 1)], [group('returns', 2)])).toEqual([
      ['returns', 2],
      ['Returns', 1],
    ])
  })

  it('have the label of the first source that has one', async () => {
    const { groups } = await count('QUEUE', [group('q1', 1)], [group('q1', 1, 'Returns')], [group('q1', 1, 'Retouren')])
    expect(groups).toEqual([{ key: 'q1', label: 'Returns', count: 3, exact: true }])
  })

  it('are those that have tickets', async () => {
    expect(await namesOf('QUEUE', [group('q1', 0), group('q2', 1)])).toEqual([['q2', 1]])
  })

  it('are not exact where a source has counted its part of them inexactly', async () => {
    const { groups } = await count('QUEUE', [{ ...group('q1', 1), exact: false }, group('q2', 1)], [group('q1', 4)])
    expect(groups.map(({ key, exact }) => [key, exact])).toEqual([
      ['q1', false],
      ['q2', true],
    ])
  })
})

describe('the report of a source in a count', () => {
  it.each([
    ['counted with all groups and a total', 3, true, true],
    ['not counted without all groups', 3, false, false],
    ['not counted without a total', null, true, false],
  ])('says %s', async (_, total, complete, counted) => {
    const { sources } = await count('QUEUE', { total, groups: [group('q1', 3)], complete })
    expect(sources).toMatchObject([{ counted, matching: total, outcome: 'OK' }])
    expect(sources[0]).not.toHaveProperty('tally')
  })
})
