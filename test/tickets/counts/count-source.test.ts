import { describe, expect, it } from 'vitest'
import { DeskgraphError } from '../../../src/domain/errors.ts'
import { encodeId } from '../../../src/domain/ids.ts'
import { noLogger } from '../../../src/domain/telemetry.ts'
import type { Ticket } from '../../../src/domain/ticket.ts'
import type { CountKey, TicketFilter, TicketSource, TicketTally } from '../../../src/sources/source.ts'
import { countSource } from '../../../src/tickets/counts/count-source.ts'
import { someCall } from '../../support/call.ts'
import { createMemorySource, type MemorySource } from '../../support/memory-source.ts'
import { toAgent, toSourceInfo } from '../../support/memory-ticket.ts'

/** A source that counts by these keys, whose `countTickets` gives this answer, where there is one. */
function sourceThatCounts(countsBy: readonly CountKey[], answer?: TicketTally): MemorySource {
  const info = toSourceInfo('desk')
  const methods: Partial<TicketSource> = answer ? { countTickets: async () => answer } : {}
  return createMemorySource(
    { ...info, capabilities: { ...info.capabilities, counts: countsBy.length > 0, countsBy } },
    { methods },
  )
}

/** A clock that moves on by 40 ms each time that it is read. */
function steppingClock() {
  let now = Date.UTC(2026, 0, 1)
  return () => {
    now += 40
    return now
  }
}

function count(source: TicketSource, by: CountKey, filter: TicketFilter = {}, signal = new AbortController().signal) {
  return countSource(source, { filter, by }, someCall({ signal }), { logger: noLogger, clock: steppingClock() })
}

/** Names these tickets of the source by their ids. */
const named = (...externalIds: string[]): TicketFilter => ({ ids: externalIds.map((id) => encodeId('ticket', 'desk', '', id)) })

const group = (key: string | null, size: number, label: string | null = null) => ({ key, label, count: size, exact: true })

describe('the count of tickets that the filter names by their ids, in a source that cannot count', () => {
  function withTickets(...known: Partial<Ticket>[]) {
    const source = sourceThatCounts([])
    for (const [index, one] of known.entries()) source.put(`${index + 1}`, one)
    return { source, filter: named(...known.map((_, index) => `${index + 1}`)) }
  }

  it('has a group for each value of a field, and one for the tickets without a value', async () => {
    const { source, filter } = withTickets(
      { priority: 'HIGH', channel: 'EMAIL', status: 'CLOSED' },
      { priority: 'LOW', channel: 'EMAIL' },
      { priority: 'HIGH', channel: 'PHONE' },
      { priority: null, channel: null },
    )
    expect((await count(source, 'PRIORITY', filter)).tally).toEqual({
      total: 4,
      groups: [group('HIGH', 2), group('LOW', 1), group(null, 1)],
      complete: true,
    })
    expect((await count(source, 'CHANNEL', filter)).tally.groups).toEqual([group('EMAIL', 2), group('PHONE', 1), group(null, 1)])
    expect((await count(source, 'STATUS', filter)).tally.groups).toEqual([group('CLOSED', 1), group('OPEN', 3)])
  })

  it('has a group for each agent, with its name', async () => {
    const info = toSourceInfo('desk')
    const { source, filter } = withTickets(
      { assignee: toAgent(info, 'a1', { name: 'Ada' }) },
      { assignee: toAgent(info, 'a2') },
      { assignee: toAgent(info, 'a1', { name: 'Ada' }) },
      { assignee: null },
    )
    const { groups } = (await count(source, 'ASSIGNEE', filter)).tally
    expect(groups).toEqual([group('a1', 2, 'Ada'), group('a2', 1), group(null, 1)])
  })

  it('has a group for each queue by its key, or by its name where it has no key', async () => {
    const { source, filter } = withTickets(
      { queue: 'Billing', queueKey: 'q1' },
      { queue: 'Returns', queueKey: null },
      { queue: 'Billing', queueKey: 'q1' },
      { queue: null, queueKey: null },
    )
    const { groups } = (await count(source, 'QUEUE', filter)).tally
    expect(groups).toEqual([group('q1', 2, 'Billing'), group('Returns', 1, 'Returns'), group(null, 1)])
  })

  it('is the number alone by source', async () => {
    const { source, filter } = withTickets({}, {})
    expect((await count(source, 'SOURCE', filter)).tally).toEqual({ total: 2, groups: [], complete: true })
  })

  it('has the tickets that exist, are not deleted, and meet the other conditions', async () => {
    const { source } = withTickets(
      { status: 'OPEN' },
      { status: 'CLOSED' },
      { status: 'OPEN', deletedAt: '2025-01-01T00:00:00.000Z' },
    )
    const { tally } = await count(source, 'STATUS', { ...named('1', '2', '3', 'missing'), status: ['OPEN'] })
    expect(tally).toEqual({ total: 1, groups: [group('OPEN', 1)], complete: true })
  })

  it('fails as a whole where one of them cannot be read', async () => {
    const source = sourceThatCounts([])
    source.put('1')
    const load = source.loadTickets
    const failure = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'desk' })
    source.loadTickets = async (refs, call) => [...(await load(refs.slice(0, 1), call)), failure]
    expect(await count(source, 'STATUS', named('1', '2'))).toMatchObject({
      outcome: 'ERROR',
      cause: failure,
      tally: { total: null, groups: [], complete: false },
    })
  })
})

describe('the count of a source', () => {
  const fourOpen: TicketTally = { total: 4, groups: [group('OPEN', 4)], complete: true }

  it('is as the source answers it, with the time that the answer took', async () => {
    expect(await count(sourceThatCounts(['STATUS'], fourOpen), 'STATUS')).toMatchObject({
      outcome: 'OK',
      tally: fourOpen,
      latencyMs: 40,
    })
  })

  it('that failed has the time until it failed', async () => {
    const source = sourceThatCounts(['STATUS'])
    source.broken = new DeskgraphError('UPSTREAM_UNAVAILABLE', 'It is down.', { source: 'desk' })
    expect(await count(source, 'STATUS')).toMatchObject({ outcome: 'ERROR', code: 'UPSTREAM_UNAVAILABLE', latencyMs: 40 })
  })

  it('that was stopped by its deadline is a TIMEOUT', async () => {
    const source = sourceThatCounts(['STATUS'])
    source.broken = 'hang'
    expect(await count(source, 'STATUS', {}, AbortSignal.timeout(20))).toMatchObject({
      outcome: 'TIMEOUT',
      code: 'UPSTREAM_TIMEOUT',
    })
  })

  it('is 0 without a call where the filter names tickets of other sources only', async () => {
    const source = sourceThatCounts(['STATUS'], fourOpen)
    const filter = { ids: [encodeId('ticket', 'other', '', '1')] }
    expect(await count(source, 'STATUS', filter)).toMatchObject({
      outcome: 'SKIPPED',
      tally: { total: 0, groups: [], complete: true },
      latencyMs: 0,
    })
  })

  it('is SKIPPED where the source cannot count', async () => {
    const expected = { outcome: 'SKIPPED', code: null, tally: { total: null, groups: [], complete: false } }
    expect(await count(sourceThatCounts([]), 'STATUS')).toMatchObject(expected)
    const { countTickets: _, ...withoutMethod } = sourceThatCounts(['STATUS'])
    expect(await count(withoutMethod, 'STATUS')).toMatchObject(expected)
  })

  it('has the total alone where the source cannot group by a field that it fills', async () => {
    const { tally } = await count(sourceThatCounts(['SOURCE'], { total: 4, groups: [], complete: true }), 'PRIORITY')
    expect(tally).toEqual({ total: 4, groups: [], complete: false })
  })

  it.each([
    ['all tickets', 4, { total: 4, groups: [group(null, 4)], complete: true }],
    ['no group, where the source does not know how many there are', null, { total: null, groups: [], complete: false }],
  ])('has %s without a value of a field that the source never fills', async (_, total, expected) => {
    const source = sourceThatCounts(['SOURCE', 'QUEUE'], { total, groups: [], complete: true })
    const { info } = source
    const reads = info.capabilities.reads.filter((field) => field !== 'queue')
    const withoutQueues = { ...source, info: { ...info, capabilities: { ...info.capabilities, reads } } }
    expect((await count(withoutQueues, 'QUEUE')).tally).toEqual(expected)
  })
})
