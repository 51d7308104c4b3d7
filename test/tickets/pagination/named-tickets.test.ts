import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { createMemorySource, type MemorySource } from '../../support/memory-source.ts'
import { listOnce } from '../ticket-service-fixture.ts'

const id = (source: string, externalId: string) => encodeId('ticket', source, '', externalId)

/** Five tickets in each source, the last one updated last. */
function sources(): [MemorySource, MemorySource] {
  const pair = [createMemorySource('a'), createMemorySource('b', { paginationStyle: 'offset', info: { filters: [] } })] as const
  for (let i = 0; i < 5; i++) for (const source of pair) source.put(`${i}`, { tags: i % 2 ? ['odd'] : [] })
  return [...pair]
}

describe('a filter by ids', () => {
  it('reads the tickets by their ids, once per source and without the list, in the order of the page', async () => {
    const [a, b] = sources()
    const ids = [id('b', '1'), id('a', '4'), id('a', '0'), id('a', '4'), id('a', 'missing')]
    const page = await listOnce([a, b], { filter: { ids } })
    expect(page.edges.map(({ node }) => node.id)).toEqual([id('a', '4'), id('b', '1'), id('a', '0')])
    expect([page.totalCount, page.hasNextPage]).toEqual([3, false])
    expect(page.sources.map(({ matching, ordering, exhausted }) => [matching, ordering, exhausted])).toEqual([
      [2, 'EXACT', true],
      [1, 'EXACT', true],
    ])
    expect([a.loadedIds(), b.loadedIds()]).toEqual([[['4', '0', 'missing']], [['1']]])
    expect([a.calls.list, b.calls.list]).toEqual([[], []])
  })

  it('asks no source that none of the ids names, and an empty list matches nothing', async () => {
    const [a, b] = sources()
    const one = await listOnce([a, b], { filter: { ids: [id('a', '1')] } })
    expect(one.sources.map(({ outcome }) => outcome)).toEqual(['OK', 'SKIPPED'])
    const none = await listOnce([a, b], { filter: { ids: [] } })
    expect([none.edges, none.totalCount, none.sources.map(({ outcome }) => outcome)]).toEqual([[], 0, ['SKIPPED', 'SKIPPED']])
    expect(b.calls).toMatchObject({ list: [], load: [] })
  })

  it('still applies the other conditions, the order and the pages, and leaves out deleted tickets', async () => {
    const [a, b] = sources()
    a.touch('3', { deletedAt: '2024-01-02T00:00:00.000Z', tags: ['odd'] })
    const ids = ['0', '1', '2', '3', '4'].flatMap((n) => [id('a', n), id('b', n)])
    const request = { filter: { ids, tags: ['odd'] }, order: { field: 'CREATED_AT', direction: 'ASC' }, first: 2 } as const
    const first = await listOnce([a, b], request)
    expect(first.edges.map(({ node }) => node.id)).toEqual([id('a', '1'), id('b', '1')])
    expect([first.totalCount, first.hasNextPage, first.sources[0]?.filtersApplied]).toEqual([3, true, ['TAGS']])
    const second = await listOnce([a, b], { ...request, after: first.endCursor })
    expect(second.edges.map(({ node }) => node.id)).toEqual([id('b', '3')])
    expect(second.hasNextPage).toBe(false)
  })

  it('leaves out a ticket that cannot be read, and fails for the source when none can', async () => {
    const [a] = sources()
    const broken = new DeskgraphError('UPSTREAM_BAD_RESPONSE', 'A cannot be understood.', { source: 'a' })
    const load = a.loadTickets
    a.loadTickets = async (refs, call) => (await load(refs, call)).map((ticket, index) => (index === 0 ? broken : ticket))
    const page = await listOnce([a], { filter: { ids: [id('a', '1'), id('a', '2')] } })
    expect(page.edges.map(({ node }) => node.externalId)).toEqual(['2'])
    expect(page.sources[0]).toMatchObject({ outcome: 'OK', error: expect.stringContaining('1 record') })
    const failed = await listOnce([a], { filter: { ids: [id('a', '1')] } })
    expect(failed.sources[0]).toMatchObject({ outcome: 'ERROR', code: 'UPSTREAM_BAD_RESPONSE' })
  })
})

describe('a filter by the own or no assignee', () => {
  const agent = (externalId: string) => ({ id: externalId, externalId, name: null, email: null })

  it('compares the identity as `assignee` does, and finds tickets without an agent', async () => {
    const [a] = sources()
    a.touch('1', { assignee: agent('Ann@Desk.example') })
    a.touch('2', { assignee: agent('bob') })
    const mine = await listOnce([a], { filter: { assignedTo: { a: 'ann@desk.example' } } })
    expect(mine.edges.map(({ node }) => node.externalId)).toEqual(['1'])
    const elsewhere = await listOnce([a], { filter: { assignedTo: { b: 'ann@desk.example' } } })
    expect(elsewhere.sources[0]).toMatchObject({ outcome: 'SKIPPED', returned: 0 })
    const free = await listOnce([a], { filter: { unassigned: true } })
    expect(free.edges.map(({ node }) => node.externalId)).toEqual(['4', '3', '0'])
  })
})
