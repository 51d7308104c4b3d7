import { describe, expect, it } from 'vitest'
import { rangeOfList } from '../../../src/graphql/schema/paging.ts'

/** Ids of 79, 80 and 81 characters: the shortest that is its own cursor, and two that are not. */
const list = [79, 80, 81].map((length) => ({ id: `id-${length}-`.padEnd(length, 'x') }))
const all = { from: 'start', size: 10, after: null, before: null } as const

describe('the cursors of a list in memory', () => {
  it('have less than 80 characters, also where ids are longer (GRAPH-09)', () => {
    const cursors = rangeOfList(list, all).items.map(({ cursor }) => cursor)
    expect(cursors[0]).toBe(list[0]!.id)
    expect(cursors.map(({ length }) => length)).toEqual([79, 43, 43])
    expect(new Set(cursors).size).toBe(3)
  })

  it('resume behind and before each item', () => {
    const cursors = rangeOfList(list, all).items.map(({ cursor }) => cursor)
    const idsOf = (after: string | null, before: string | null) =>
      rangeOfList(list, { ...all, after, before }).items.map(({ node }) => list.indexOf(node))
    expect(idsOf(cursors[0]!, null)).toEqual([1, 2])
    expect(idsOf(cursors[1]!, null)).toEqual([2])
    expect(idsOf(null, cursors[2]!)).toEqual([0, 1])
  })

  it('of version 0.2.0 were the ids, and still resume', () => {
    expect(rangeOfList(list, { ...all, after: list[1]!.id }).items.map(({ node }) => node)).toEqual([list[2]])
    expect(() => rangeOfList(list, { ...all, after: 'x' })).toThrowError(
      expect.objectContaining({ code: 'BAD_USER_INPUT', message: '"after" is not a cursor of this list.' }),
    )
  })
})
