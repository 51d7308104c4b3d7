import { describe, expect, test } from 'vitest'
import { noon, pollerOf } from './source-poller-fixture.ts'

describe('the lease of a poll', () => {
  test('is for three intervals, and without it nothing is read', async () => {
    const { poller, desk, leases, state } = pollerOf()
    state.leader = false
    await poller.poll()
    expect(leases).toEqual([['acquire', 'poll:desk', 'one', 30_000]])
    expect([poller.hasLease, desk.calls.list]).toEqual([false, []])
    await poller.releaseLease()
    expect(leases).toHaveLength(1)
  })

  test('is released once', async () => {
    const { poller, leases } = pollerOf()
    await poller.poll()
    expect(poller.hasLease).toBe(true)
    await poller.releaseLease()
    await poller.releaseLease()
    expect(poller.hasLease).toBe(false)
    expect(leases.slice(1)).toEqual([['release', 'poll:desk', 'one']])
  })

  test('that cannot be released is logged', async () => {
    const { poller, state, lines } = pollerOf()
    await poller.poll()
    state.releaseFails = new Error('no database')
    await poller.releaseLease()
    expect(lines).toEqual([
      [{ err: state.releaseFails }, 'the lease of a poll could not be released; it expires after three intervals'],
    ])
  })
})

describe('the first poll', () => {
  test('keeps the tickets at the beginning of the list as they are, and records none', async () => {
    const { poller, desk, observed, recorded, state } = pollerOf()
    desk.put('a')
    desk.put('b')
    await poller.poll()
    expect(recorded()).toEqual([])
    expect([...observed.keys()].toSorted()).toEqual(['a', 'b'])
    expect(state.checkpoint).toEqual({
      watermark: '2024-06-01T11:00:02.000Z',
      polledAt: noon,
      exportCursor: null,
      exportedAt: null,
    })
  })

  test('of an empty list begins now', async () => {
    const { poller, state } = pollerOf()
    await poller.poll()
    expect(state.checkpoint).toMatchObject({ watermark: noon })
  })

  test.each([
    ['exactly a day', 0, ['UPDATED a']],
    ['more than a day', 1, []],
  ])('is made again after a pause of %s', async (_, moreMs, expected) => {
    const { poller, desk, clock, recorded } = pollerOf()
    desk.put('a')
    await poller.poll()
    clock.advance(24 * 3_600_000 + moreMs)
    desk.touch('a', { title: 'New' })
    await poller.poll()
    expect(recorded()).toEqual(expected)
  })
})

describe('a later poll', () => {
  test('records what has changed since, the oldest first, and moves on to the latest update', async () => {
    const { poller, desk, clock, recorded, state } = pollerOf()
    for (const id of ['a', 'b']) desk.put(id)
    await poller.poll()
    desk.touch('a', { title: 'New' })
    desk.put('c')
    clock.advance(10_000)
    await poller.poll()
    expect(recorded()).toEqual(['UPDATED a', 'CREATED c'])
    expect(state.checkpoint).toMatchObject({ watermark: '2024-06-01T11:00:04.000Z', polledAt: '2024-06-01T12:00:10.000Z' })
    await poller.poll()
    expect(recorded()).toHaveLength(2)
  })

  test('never moves back when the list has only older updates', async () => {
    const { poller, desk, state } = pollerOf()
    desk.put('a')
    desk.put('b')
    await poller.poll()
    desk.remove('b')
    await poller.poll()
    expect(state.checkpoint).toMatchObject({ watermark: '2024-06-01T11:00:02.000Z' })
  })

  test.each([
    ['five seconds, where the source names no lag', undefined, '11:00:54'],
    ['the lag of the source', 30_000, '11:00:29'],
  ])('reads back by %s', async (_, listLagMs, since) => {
    const { poller, desk } = pollerOf({ methods: listLagMs === undefined ? {} : { listLagMs } })
    desk.put('a', { updatedAt: '2024-06-01T11:01:00.000Z' })
    await poller.poll()
    await poller.poll()
    // The filter of a list is one second earlier.
    expect(desk.calls.list.at(-1)!.filter).toEqual({ updatedAfter: `2024-06-01T${since}.000Z` })
  })

  test('says that changes are lost when the list has more of them than a poll reads', async () => {
    const { poller, desk, lines } = pollerOf({ maxPageSize: 1 })
    desk.put('a')
    await poller.poll()
    for (let n = 0; n < 101; n++) desk.put(`n${n}`)
    await poller.poll()
    expect(lines).toEqual([
      [
        { source: 'desk', since: '2024-06-01T10:59:56.000Z' },
        'the list has more changes than one poll reads; the oldest of them are not recorded',
      ],
    ])
  })

  test('records fifty changes in a transaction, and ends between two when it is aborted', async () => {
    const { poller, desk, transactions } = pollerOf()
    await poller.poll()
    for (let n = 0; n < 101; n++) desk.put(`n${n}`, { updatedAt: '2024-06-01T12:00:00.000Z', createdAt: noon })
    await poller.poll()
    expect(transactions.map((changes) => changes.length)).toEqual([50, 50, 1])
    const aborted = pollerOf()
    aborted.desk.put('a')
    await aborted.poller.poll()
    aborted.desk.touch('a', { title: 'New' })
    aborted.desk.beforeList = () => aborted.stopping.abort()
    await expect(aborted.poller.poll()).rejects.toThrow()
    expect(aborted.transactions).toEqual([])
  })

  test('is for no user, with the priority of polling', async () => {
    const calls: unknown[] = []
    const empty = { tickets: [], positions: [], end: true, totalCount: 0, dropped: 0 }
    const { poller } = pollerOf({
      methods: {
        async listTickets(_request, call) {
          calls.push(call)
          return empty
        },
      },
    })
    await poller.poll()
    expect(calls).toMatchObject([
      { viewer: { id: 'poller' }, priority: 'polling', requestId: expect.stringMatching(/^poll-[\da-f-]{36}$/) },
    ])
  })
})

describe('the lag', () => {
  test('is the seconds since the last complete poll began, never negative; null before the first one', async () => {
    const { poller, clock } = pollerOf()
    expect(await poller.findLag()).toBeNull()
    await poller.poll()
    clock.advance(2_500)
    expect(await poller.findLag()).toBe(2.5)
    clock.advance(-5_000)
    expect(await poller.findLag()).toBe(0)
  })
})
