import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import type { CountKey, TicketFilter, TicketSource } from '../../../src/sources/source.ts'
import type { CountTickets } from '../../../src/tickets/counts/count-tickets.ts'
import type { TicketLimits } from '../../../src/tickets/ticket-service.ts'
import { createMemorySource, type MemorySource } from '../../support/memory-source.ts'
import { toSourceInfo } from '../../support/memory-ticket.ts'
import { createService, listOnce, toCall, viewerWith } from '../ticket-service-fixture.ts'

/** A source that counts by these keys. */
function sourceThatCounts(key: string, countsBy: readonly CountKey[], methods: Partial<TicketSource> = {}): MemorySource {
  const info = toSourceInfo(key)
  const capabilities = { ...info.capabilities, counts: countsBy.length > 0, countsBy }
  return createMemorySource({ ...info, capabilities }, { methods })
}

/** Three open tickets and a closed one. */
function filled(source: MemorySource): MemorySource {
  for (const id of ['1', '2', '3']) source.put(id, { status: 'OPEN' })
  source.put('4', { status: 'CLOSED' })
  return source
}

function countOnce(sources: readonly TicketSource[], request: Partial<CountTickets> = {}, limits: Partial<TicketLimits> = {}) {
  const { reads } = createService(sources, limits).service.begin(toCall())
  return reads.count({ sources: null, filter: {}, by: 'STATUS', ...request })
}

const agent = (externalId: string, name: string | null = null) => ({ id: externalId, externalId, name, email: null })

describe('counts over several sources', () => {
  it('DECISION-37 are the sums of the sources, the largest group first, without reading a ticket', async () => {
    const [a, b] = [filled(createMemorySource('a')), createMemorySource('b')]
    b.put('1', { status: 'ESCALATED' })
    b.put('2', { status: 'ESCALATED' })
    b.put('3', { status: 'CLOSED' })
    const { groups, sources } = await countOnce([a, b])
    expect(groups).toEqual([
      { key: 'OPEN', label: null, count: 3, exact: true },
      { key: 'CLOSED', label: null, count: 2, exact: true },
      { key: 'ESCALATED', label: null, count: 2, exact: true },
    ])
    expect(sources.map(({ source, outcome, counted, matching }) => [source.key, outcome, counted, matching])).toEqual([
      ['a', 'OK', true, 4],
      ['b', 'OK', true, 3],
    ])
    for (const { calls } of [a, b]) expect(calls).toMatchObject({ list: [], load: [], count: [{ by: 'STATUS' }] })
  })

  it('DECISION-37 are not exact, group by group, where a source fails or never answers, and the others stay', async () => {
    const [good, dead, mute] = ['good', 'dead', 'mute'].map((key) => filled(createMemorySource(key))) as [
      MemorySource,
      MemorySource,
      MemorySource,
    ]
    dead.broken = new DeskgraphError('UPSTREAM_RATE_LIMITED', 'It is too much.', { source: 'dead', retryAfter: 30 })
    mute.broken = 'hang'
    const { groups, sources } = await countOnce([good, dead, mute], {}, { sourceDeadlinesMs: { mute: 20 } })
    expect(groups).toMatchObject([
      { key: 'OPEN', count: 3, exact: false },
      { key: 'CLOSED', count: 1, exact: false },
    ])
    expect(sources.map(({ outcome, counted, matching, code, error }) => [outcome, counted, matching, code, error])).toEqual([
      ['OK', true, 4, null, null],
      ['RATE_LIMITED', false, null, 'UPSTREAM_RATE_LIMITED', 'It is too much.'],
      ['TIMEOUT', false, null, 'UPSTREAM_TIMEOUT', 'Memory mute did not answer in time.'],
    ])
    expect(sources[1]?.retryAt).toMatch(/^\d{4}-/)
  })

  it('DECISION-37 by source are exact for each source that counted, because a failed one lacks its own group alone', async () => {
    const [good, dead] = [filled(createMemorySource('good')), createMemorySource('dead')]
    dead.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'dead' })
    const { groups } = await countOnce([good, dead], { by: 'SOURCE' })
    expect(groups).toEqual([{ key: 'good', label: 'Memory good', count: 4, exact: true }])
  })

  it('DECISION-37 ask no source that cannot count, and say so', async () => {
    const [a, mute] = [filled(createMemorySource('a')), filled(sourceThatCounts('mute', []))]
    const { groups, sources } = await countOnce([a, mute])
    expect(groups).toMatchObject([
      { key: 'OPEN', count: 3, exact: false },
      { key: 'CLOSED', count: 1, exact: false },
    ])
    expect(sources[1]).toMatchObject({ outcome: 'SKIPPED', counted: false, matching: null, code: null })
    expect(mute.calls).toMatchObject({ list: [], load: [], count: [] })
  })

  it('have the number of tickets of a source that cannot group them', async () => {
    const a = filled(sourceThatCounts('a', ['SOURCE']))
    expect(await countOnce([a], { by: 'QUEUE' })).toMatchObject({
      groups: [],
      sources: [{ outcome: 'OK', counted: false, matching: 4 }],
    })
  })

  it('put all tickets of a source that never fills the field into the group without a value', async () => {
    const info = toSourceInfo('a')
    const reads = info.capabilities.reads.filter((field) => field !== 'queue')
    const a = filled(createMemorySource({ ...info, capabilities: { ...info.capabilities, reads, countsBy: ['SOURCE'] } }))
    const { groups, sources } = await countOnce([a], { by: 'QUEUE' })
    expect(groups).toEqual([{ key: null, label: null, count: 4, exact: true }])
    expect(sources[0]).toMatchObject({ counted: true, matching: 4 })
  })

  it('are exact only where each source has the group or has listed all of its own', async () => {
    const a = sourceThatCounts('a', ['QUEUE', 'SOURCE'], {
      countTickets: async () => ({ total: 9, groups: [{ key: 'q1', label: 'One', count: 5, exact: true }], complete: false }),
    })
    const b = createMemorySource('b')
    b.put('1', { queue: 'q1' })
    b.put('2', { queue: 'q2' })
    b.put('3', { queue: 'q2' })
    const { groups, sources } = await countOnce([a, b], { by: 'QUEUE' })
    expect(groups).toEqual([
      { key: 'q1', label: 'One', count: 6, exact: true },
      { key: 'q2', label: null, count: 2, exact: false },
    ])
    expect(sources.map(({ counted, matching }) => [counted, matching])).toEqual([
      [false, 9],
      [true, 3],
    ])
  })

  it('compare agents as the filter `assignee` does, and end with the tickets without one', async () => {
    const [a, b] = [createMemorySource('a'), createMemorySource('b')]
    a.put('1', { assignee: agent('Ann') })
    b.put('1', { assignee: agent('ann') })
    b.put('2')
    b.put('3')
    a.put('2', { assignee: agent('bob') })
    a.put('3', { assignee: agent('bob') })
    const { groups } = await countOnce([a, b], { by: 'ASSIGNEE' })
    expect(groups.map(({ key, count }) => [key, count])).toEqual([
      ['Ann', 2],
      ['bob', 2],
      [null, 2],
    ])
    const { totalCount } = await listOnce([a, b], { first: 0, filter: { assignee: 'Ann' } })
    expect(totalCount).toBe(2)
  })

  it('have the 100 largest groups', async () => {
    const a = createMemorySource('a')
    for (let n = 0; n < 101; n++) a.put(`${n}`, { queue: `q${n}` })
    a.put('again', { queue: 'q100' })
    const { groups } = await countOnce([a], { by: 'QUEUE' })
    expect(groups).toHaveLength(100)
    expect(groups[0]).toMatchObject({ key: 'q100', count: 2 })
  })

  it('read the tickets that the filter names by their ids, where the source cannot count, and only those', async () => {
    const [a, mute] = [filled(createMemorySource('a')), filled(sourceThatCounts('mute', []))]
    mute.put('5', { deletedAt: '2024-01-02T00:00:00.000Z' })
    const ids = ['1', '4', '5', 'missing'].map((externalId) => encodeId('ticket', 'mute', '', externalId))
    const { groups, sources } = await countOnce([a, mute], { filter: { ids } })
    expect(groups).toMatchObject([
      { key: 'CLOSED', count: 1, exact: true },
      { key: 'OPEN', count: 1, exact: true },
    ])
    expect(sources.map(({ outcome, counted, matching }) => [outcome, counted, matching])).toEqual([
      ['SKIPPED', true, 0],
      ['OK', true, 2],
    ])
    expect([a.calls.count, mute.calls.list, mute.loadedIds()]).toEqual([[], [], [['1', '4', '5', 'missing']]])
  })

  it('are of the sources that the viewer may see, and refuse an unknown one', async () => {
    const { service } = createService([filled(createMemorySource('a')), filled(createMemorySource('b'))])
    const { reads } = service.begin(toCall(viewerWith('tickets:read', 'source:a')))
    const count = (request: Partial<CountTickets>) => reads.count({ sources: null, filter: {}, by: 'SOURCE', ...request })
    expect((await count({})).groups).toMatchObject([{ key: 'a' }])
    await expect(count({ sources: ['b'] })).rejects.toMatchObject({ message: 'There is no source "b".' })
  })

  const emptyText: TicketFilter = { assignee: '' }
  it('refuse an empty text in the filter, and an e-mail address without the right to read it', async () => {
    await expect(countOnce([createMemorySource('a')], { filter: emptyText })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
    const { service } = createService([createMemorySource('a')])
    const { reads } = service.begin(toCall(viewerWith('tickets:read', 'source:*')))
    await expect(reads.count({ sources: null, filter: { customerEmail: 'a@example.org' }, by: 'STATUS' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
  })
})

describe('a list with first: 0', () => {
  it('DECISION-37 has the counts of every source, and reads no ticket', async () => {
    const [a, b] = [filled(createMemorySource('a')), filled(createMemorySource('b', { paginationStyle: 'offset' }))]
    const page = await listOnce([a, b], { first: 0, filter: { status: ['OPEN'] } })
    expect(page).toMatchObject({ edges: [], hasNextPage: false, hasPreviousPage: false, endCursor: null, totalCount: 6 })
    expect(page.sources).toMatchObject([
      { outcome: 'OK', returned: 0, matching: 3, exhausted: false },
      { outcome: 'OK', returned: 0, matching: 3, exhausted: false },
    ])
    for (const { calls } of [a, b]) {
      expect(calls).toMatchObject({ list: [], load: [], count: [{ by: 'SOURCE', filter: { status: ['OPEN'] } }] })
    }
  })

  it('DECISION-37 has no total where one source cannot count or has failed, and the numbers of the others', async () => {
    const [a, mute, dead] = [
      filled(createMemorySource('a')),
      filled(sourceThatCounts('mute', [])),
      filled(createMemorySource('dead')),
    ]
    dead.broken = new DeskgraphError('CIRCUIT_OPEN', 'It is left alone.', { source: 'dead' })
    const page = await listOnce([a, mute, dead], { first: 0 })
    expect(page.totalCount).toBeNull()
    expect(page.sources.map(({ outcome, matching, code }) => [outcome, matching, code])).toEqual([
      ['OK', 4, null],
      ['SKIPPED', null, null],
      ['CIRCUIT_OPEN', null, 'CIRCUIT_OPEN'],
    ])
    expect((await listOnce([a], { first: 0 })).totalCount).toBe(4)
  })
})
