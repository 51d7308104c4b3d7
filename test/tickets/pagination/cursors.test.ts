import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { toSourceHash } from '../../../src/tickets/pagination/edge-cursor.ts'
import type { ListTickets, TicketPage } from '../../../src/tickets/pagination/list-tickets.ts'
import { createMemorySource, type MemorySource, type MemorySourceOptions } from '../../support/memory-source.ts'
import { createService, listOnce, toCall, toRequest, viewerWith } from '../ticket-service-fixture.ts'

const at = (second: number) => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString()
const idsOf = (page: TicketPage) => page.edges.map((edge) => edge.node.externalId)
const lengthsOf = (page: TicketPage) => page.edges.map(({ cursor }) => cursor.length)
const isEdgeCursor = (cursor: string) => cursor.length < 80 && cursor[6] === '1'
const formsOf = (page: TicketPage) => page.edges.map(({ cursor }) => (isEdgeCursor(cursor) ? 'edge' : 'page'))

/** The tickets `key-second`, in the list's order where seconds repeat: `key-second`, `key-second-b`, … */
function sourceAt(key: string, seconds: readonly number[], options: MemorySourceOptions = {}): MemorySource {
  const source = createMemorySource(key, { startAt: Date.UTC(2024, 0, 2), ...options })
  const named = seconds.map((second, i) => {
    const before = seconds.slice(0, i).filter((one) => one === second).length
    return { second, id: `${key}-${second}${before === 0 ? '' : `-${'abcdefghijklmnop'[before]}`}` }
  })
  // An offset list has the latest insert first where times are equal.
  for (const { second, id } of named.toReversed()) source.put(id, { updatedAt: at(second), createdAt: at(second) })
  return source
}
const offset: MemorySourceOptions = { paginationStyle: 'offset' }

/** The ids behind the cursor of one edge of the first page. */
async function restAfter(sources: readonly MemorySource[], first: number, index: number, list: Partial<ListTickets> = {}) {
  const page = await listOnce(sources, { ...list, first })
  const { cursor } = page.edges[index]!
  return { cursor, page, resume: () => listOnce(sources, { ...list, after: cursor, first: 100 }) }
}

describe('the cursor of an edge', () => {
  it('is under 80 characters with six sources, and one page cursor has the positions of all (GRAPH-09)', async () => {
    const keys = ['oneview', 'verifik', 'redmine', 'vcc', 'wasabi', 'rbi']
    const sources = keys.map((key, k) =>
      sourceAt(
        key,
        Array.from({ length: 50 }, (_, i) => 1000 - i * 6 - k),
        k < 3 ? offset : {},
      ),
    )
    const page = await listOnce(sources, { first: 100 })
    expect(Math.max(...lengthsOf(page))).toBeLessThan(80)
    for (const { cursor } of page.edges) expect(cursor).toMatch(/^[\w-]+$/)
    expect(page.endCursor!.length).toBeLessThan(900)
    const [afterEdge, afterPage] = await Promise.all(
      [page.edges.at(-1)!.cursor, page.endCursor].map((after) => listOnce(sources, { after, first: 100 })),
    )
    expect(idsOf(afterEdge!)).toEqual(idsOf(afterPage!))
    expect(new Set([...formsOf(page), ...formsOf(afterEdge!), ...formsOf(afterPage!)])).toEqual(new Set(['edge']))
  })

  it('finds each source at the key of the edge: equal times are in the order of the sources', async () => {
    const sources = [sourceAt('a', [5, 3], offset), sourceAt('b', [4, 3, 3], offset), sourceAt('c', [3, 2])]
    // a-5, b-4, a-3, b-3, b-3-b, c-3, c-2
    const { cursor, resume } = await restAfter(sources, 7, 3)
    expect(isEdgeCursor(cursor)).toBe(true)
    expect(idsOf(await resume())).toEqual(['b-3-b', 'c-3', 'c-2'])
  })

  it('finds its place by the other tickets of its time when its own has changed or gone', async () => {
    const source = sourceAt('b', [9, 3, 3, 3, 3, 1], offset)
    const { cursor, resume } = await restAfter([source], 6, 3)
    expect(isEdgeCursor(cursor)).toBe(true)
    expect(idsOf(await resume())).toEqual(['b-3-d', 'b-1'])
    source.touch('b-3-c')
    expect(idsOf(await resume())).toEqual(['b-3-d', 'b-1'])
    source.remove('b-3-b')
    expect(idsOf(await resume())).toEqual(['b-3-d', 'b-1'])
  })

  it('names twelve tickets of one time at most; behind more, the page cursor names them', async () => {
    const source = sourceAt('b', Array<number>(15).fill(3), offset)
    const page = await listOnce([source], { first: 15 })
    // 6 + 6 + 1 + 8 + 3 + (6 + 1 + 4 for each other ticket) + 2 + 1 for the offset: 34, and 78 behind the twelfth.
    expect(lengthsOf(page).slice(0, 3)).toEqual([34, 38, 42])
    expect(formsOf(page)).toEqual([...Array<string>(12).fill('edge'), ...Array<string>(3).fill('page')])
    for (const [index, { cursor }] of page.edges.entries()) {
      expect(idsOf(await listOnce([source], { after: cursor }))).toEqual(idsOf(page).slice(index + 1))
    }
  })

  it('names the ties of the pages before too', async () => {
    const source = sourceAt('b', [3, 3, 3, 3, 3], offset)
    const given: string[] = []
    let after: string | null = null
    for (let pages = 0; pages < 3; pages++) {
      const page: TicketPage = await listOnce([source], { first: 1, after })
      given.push(...idsOf(page))
      after = page.edges[0]!.cursor
      expect(formsOf(page)).toEqual(['edge'])
    }
    expect(given).toEqual(['b-3', 'b-3-b', 'b-3-c'])
    // Only the first of the three is left to find the place by.
    source.remove('b-3-c')
    source.touch('b-3-b')
    expect(idsOf(await listOnce([source], { after }))).toEqual(['b-3-d', 'b-3-e'])
  })

  it('gives no ticket again that has changed, and none that came before the edge', async () => {
    const sources = [sourceAt('a', [9, 7, 5, 3], offset), sourceAt('b', [8, 6, 4, 2], offset), sourceAt('c', [1])]
    const { resume } = await restAfter(sources, 6, 3)
    sources[0]!.touch('a-9')
    sources[1]!.touch('b-2')
    sources[1]!.put('b-new')
    sources[2]!.touch('c-1')
    expect(idsOf(await resume())).toEqual(['a-5', 'b-4', 'a-3'])
  })

  it('does not read an exhausted source again, and still counts its tickets', async () => {
    const sources = [sourceAt('a', [9], offset), sourceAt('b', [8, 7, 6, 5]), sourceAt('c', [10])]
    const { cursor, resume } = await restAfter(sources, 4, 2)
    expect(isEdgeCursor(cursor)).toBe(true)
    const page = await resume()
    expect(page.totalCount).toBe(6)
    expect(page.sources.map(({ outcome }) => outcome)).toEqual(['SKIPPED', 'OK', 'SKIPPED'])
    expect(sources.map(({ calls }) => calls.list.length)).toEqual([1, 2, 1])
  })

  it('costs as many calls as a page cursor at the same place, also where records have gone or come', async () => {
    const many = Array.from({ length: 150 }, (_, i) => 1000 - 2 * i)
    const others = many.map((second) => second - 1)
    const [a, b] = [sourceAt('a', many, offset), sourceAt('b', others, offset)]
    const edge = (await listOnce([a, b], { first: 50 })).edges[24]!.cursor
    const pageCursor = (await listOnce([a, b], { first: 25 })).endCursor!
    expect([isEdgeCursor(edge), isEdgeCursor(pageCursor)]).toEqual([true, false])
    /** The calls to each source for the page behind a cursor. */
    const costOf = async (after: string, expected: readonly string[]) => {
      const before = [a, b].map(({ calls }) => calls.list.length)
      expect(idsOf(await listOnce([a, b], { after, first: 4 }))).toEqual(expected)
      return [a, b].map(({ calls }, i) => calls.list.slice(before[i]).map(({ position }) => position))
    }
    const next = ['b-975', 'a-974', 'b-973', 'a-972']
    // The edge is a-976, behind 13 tickets of a and 12 of b.
    for (const after of [edge, pageCursor]) expect(await costOf(after, next)).toEqual([['12'], ['11']])
    a.remove('a-1000')
    b.touch('b-711')
    // One page more of a, because its records stand one place earlier, and then the next ones. Those of b stand one place later.
    for (const after of [edge, pageCursor]) expect(await costOf(after, next)).toEqual([['12', null, '12'], ['11']])
  })

  it('begins each list at the edge where the gateway filters, also in front of tickets that do not match', async () => {
    const filters = { ...offset, info: { filters: [] } } satisfies MemorySourceOptions
    // b-7 does not match and is behind a-7 in the list, b-9 is before a-7.
    const a = sourceAt('a', [10, 7, 4, 1], filters)
    const b = sourceAt('b', [9, 7, 6, 5, 3], filters)
    for (const id of ['a-10', 'a-7', 'a-4', 'a-1'])
      a.put(id, { ...a.tickets().find((one) => one.externalId === id)!, tags: ['vip'] })
    b.put('b-3', { ...b.tickets().find((one) => one.externalId === 'b-3')!, tags: ['vip'] })
    const list = { filter: { tags: ['vip'] } }
    const page = await listOnce([a, b], { ...list, first: 5 })
    expect(idsOf(page)).toEqual(['a-10', 'a-7', 'a-4', 'b-3', 'a-1'])
    const starts: (readonly (string | null | undefined)[])[] = []
    for (const { cursor } of page.edges.slice(0, 3)) {
      const before = [a, b].map(({ calls }) => calls.list.length)
      await listOnce([a, b], { ...list, after: cursor, first: 1 })
      starts.push([a, b].map(({ calls }, i) => calls.list[before[i]!]?.position))
      expect([a, b].map(({ calls }, i) => calls.list.length - before[i]!)).toEqual([1, 1])
    }
    // One record before the edge: of b, none of five lies before a-10, one before a-7, four before a-4.
    expect(starts).toEqual([
      [null, null],
      ['1', null],
      ['2', '3'],
    ])
  })

  it.each([
    { field: 'UPDATED_AT', direction: 'ASC' },
    { field: 'CREATED_AT', direction: 'DESC' },
    { field: 'CREATED_AT', direction: 'ASC' },
    { field: 'PRIORITY', direction: 'DESC' },
    { field: 'PRIORITY', direction: 'ASC' },
  ] as const)('is short in the order $field $direction too', async (order) => {
    const sources = [sourceAt('a', [9, 7, 5], offset), sourceAt('b', [9, 8, 4])]
    for (const [i, source] of sources.entries()) {
      for (const [n, ticket] of source.tickets().entries()) {
        source.put(ticket.externalId, { ...ticket, priority: (['LOW', 'URGENT', 'UNKNOWN'] as const)[(n + i) % 3]! })
      }
    }
    const page = await listOnce(sources, { order, first: 10 })
    expect(new Set(formsOf(page))).toEqual(new Set(['edge']))
    for (const [index, { cursor }] of page.edges.entries()) {
      expect(idsOf(await listOnce(sources, { order, after: cursor }))).toEqual(idsOf(page).slice(index + 1))
    }
  })

  it('belongs to one filter, order and set of sources', async () => {
    const source = sourceAt('a', [9, 7, 5])
    const { cursor } = await restAfter([source], 3, 0)
    for (const list of [
      { filter: { status: ['OPEN' as const] } },
      { order: { field: 'UPDATED_AT', direction: 'ASC' } as const },
      { sources: ['a'] },
    ]) {
      await expect(listOnce([source], { after: cursor, ...list })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: '`after` belongs to a list with another filter, order or set of sources.',
      })
    }
  })

  it('continues where the viewer sees other sources now: at the same key', async () => {
    const sources = [sourceAt('a', [9, 6, 3], offset), sourceAt('b', [8, 5, 2], offset), sourceAt('c', [7, 4, 1])]
    const { service } = createService(sources)
    const list = (scopes: string, differences: Partial<ListTickets>) =>
      service.begin(toCall(viewerWith('tickets:read', ...scopes.split(' ')))).reads.list(toRequest(differences))
    const { edges } = await list('source:a source:b', { first: 3 })
    expect(edges.map(({ node }) => node.externalId)).toEqual(['a-9', 'b-8', 'a-6'])
    expect(idsOf(await list('source:b source:c', { after: edges[2]!.cursor }))).toEqual(['b-5', 'c-4', 'b-2', 'c-1'])
    expect(idsOf(await list('source:*', { after: edges[2]!.cursor }))).toEqual(['b-5', 'c-4', 'a-3', 'b-2', 'c-1'])
  })
})

describe('an edge has the page cursor, with the positions of all sources,', () => {
  async function expectLong(
    sources: readonly MemorySource[],
    list: Partial<ListTickets> = {},
    scanLimit = 1000,
  ): Promise<TicketPage> {
    const page = await listOnce(sources, list, { scanLimit })
    expect(formsOf(page)).toEqual(page.edges.map(() => 'page'))
    expect(page.edges.length).toBeGreaterThan(0)
    return page
  }

  it('where a source failed, and on the page behind it until every source has given a ticket', async () => {
    const sources = [sourceAt('a', [9, 7, 5, 3]), sourceAt('b', [8, 6, 4], offset)]
    sources[0]!.nextFailures.push(new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.'))
    const page = await expectLong(sources, { first: 2 })
    expect(idsOf(page)).toEqual(['b-8', 'b-6'])
    const next = await listOnce(sources, { first: 4, after: page.edges[0]!.cursor })
    expect(idsOf(next)).toEqual(['a-9', 'a-7', 'b-6', 'a-5'])
    expect(formsOf(next)).toEqual(['page', 'page', 'edge', 'edge'])
    const rests = [
      ['a-7', 'b-6', 'a-5', 'b-4', 'a-3'],
      ['b-6', 'a-5', 'b-4', 'a-3'],
      ['a-5', 'b-4', 'a-3'],
      ['b-4', 'a-3'],
    ]
    for (const [index, { cursor }] of next.edges.entries()) {
      expect(idsOf(await listOnce(sources, { after: cursor }))).toEqual(rests[index])
    }
    const behind = await listOnce(sources, { after: next.endCursor })
    expect([idsOf(behind), formsOf(behind)]).toEqual([
      ['b-4', 'a-3'],
      ['edge', 'edge'],
    ])
  })

  it('where a list contradicts its order, and where it is longer than the scan limit', async () => {
    const scrambled = sourceAt(
      'a',
      Array.from({ length: 20 }, (_, i) => i),
      { ...offset, listOrder: 'scrambled' },
    )
    await expectLong([scrambled])
    const long = sourceAt('a', [9, 8, 7, 6, 5], offset)
    await expectLong([long], { order: { field: 'CREATED_AT', direction: 'ASC' } }, 3)
  })

  it('where a key does not fit: behind a ticket with an id of 60 characters', async () => {
    const source = createMemorySource('a')
    source.put('x'.repeat(60))
    source.put('short')
    const page = await listOnce([source])
    expect(formsOf(page)).toEqual(['edge', 'page'])
    expect(idsOf(await listOnce([source], { after: page.edges[1]!.cursor }))).toEqual([])
  })

  it('where the gateway filters and more than a page of other tickets follows', async () => {
    const filters = { info: { filters: [] }, maxPageSize: 5 } satisfies MemorySourceOptions
    const source = sourceAt(
      'a',
      Array.from({ length: 20 }, (_, i) => 40 - i),
      { ...offset, ...filters },
    )
    for (const id of ['a-40', 'a-39', 'a-36', 'a-29']) {
      const ticket = source.tickets().find(({ externalId }) => externalId === id)!
      Object.assign(ticket, { tags: ['vip'] })
    }
    const list = { filter: { tags: ['vip'] } }
    const page = await listOnce([source], { ...list, first: 4 })
    expect(idsOf(page)).toEqual(['a-40', 'a-39', 'a-36', 'a-29'])
    // Six tickets that do not match follow a-36. The page has read four behind a-29.
    expect(formsOf(page)).toEqual(['edge', 'edge', 'page', 'edge'])
    for (const [index, { cursor }] of page.edges.entries()) {
      expect(idsOf(await listOnce([source], { ...list, after: cursor }))).toEqual(idsOf(page).slice(index + 1))
    }
  })

  it('where the gateway filters and a list may have been read further on the page before', async () => {
    const filters = { info: { filters: [] } } satisfies MemorySourceOptions
    for (const style of ['keyset', 'offset'] as const) {
      const a = sourceAt('a', [9, 7, 5, 3], filters)
      const b = sourceAt('b', [10, 8, 6, 4, 2], { ...filters, paginationStyle: style })
      for (const { externalId } of [...a.tickets(), ...b.tickets()]) {
        const isVip = externalId.startsWith('a') || externalId === 'b-10' || externalId === 'b-2'
        const source = externalId.startsWith('a') ? a : b
        if (isVip) source.put(externalId, { ...source.tickets().find((one) => one.externalId === externalId)!, tags: ['vip'] })
      }
      const list = { filter: { tags: ['vip'] } }
      const first = await listOnce([a, b], { ...list, first: 2 })
      expect(idsOf(first)).toEqual(['b-10', 'a-9'])
      const second = await listOnce([a, b], { ...list, first: 3, after: first.endCursor })
      // Behind b-10 the page cursor stands before b-2. How many tickets lie between there and a-7 is not known.
      expect([style, idsOf(second), formsOf(second)]).toEqual([style, ['a-7', 'a-5', 'a-3'], ['page', 'page', 'page']])
    }
  })

  it('where two sources have the same hash of their keys', async () => {
    const hashes = new Map<string, string>()
    let keys: readonly [string, string] | undefined
    for (let i = 0; keys === undefined; i++) {
      const hash = toSourceHash(`key-${i}`)
      if (hashes.has(hash)) keys = [hashes.get(hash)!, `key-${i}`]
      hashes.set(hash, `key-${i}`)
    }
    await expectLong(keys.map((key) => sourceAt(key, [3, 2])))
  })

  it('where a ticket was added before the last edge in a source that had given none', async () => {
    const sources = [sourceAt('a', [9, 7, 5, 3]), sourceAt('b', [2], offset)]
    const first = await listOnce(sources, { first: 2 })
    sources[1]!.put('b-8', { updatedAt: at(8) })
    const second = await listOnce(sources, { first: 3, after: first.endCursor })
    expect(idsOf(second)).toEqual(['b-8', 'a-5', 'a-3'])
    expect(formsOf(second)).toEqual(['page', 'edge', 'edge'])
    for (const [index, { cursor }] of second.edges.entries()) {
      expect(idsOf(await listOnce(sources, { after: cursor }))).toEqual([...idsOf(second).slice(index + 1), 'b-2'])
    }
  })
})
