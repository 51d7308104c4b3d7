import { describe, expect, it } from 'vitest'
import type { CallLimit } from '../../../src/sources/budget/limits.ts'
import { type Ask, createMemoryStore, type EndOfLimit, type Receipt } from '../../../src/sources/budget/memory-store.ts'

const all: CallLimit = { name: 'all', calls: 4, windowMs: 60_000 }
const list: CallLimit = { name: 'list', calls: 2, windowMs: 30_000 }
const ticket: CallLimit = { name: 'ticket', calls: 1, windowMs: 6_000, perSubject: true }

function start({ share = () => 1, keepForUsers = 0 }: { share?: () => number; keepForUsers?: number } = {}) {
  const time = { now: 0 }
  const store = createMemoryStore({ limits: [all, list, ticket], keepForUsers, share, clock: () => time.now })
  return { time, store }
}

function ask(
  limits: readonly CallLimit[],
  more: { cost?: number; subject?: string; ahead?: number; priority?: Ask['priority'] } = {},
): Ask {
  const { cost = 1, subject = null, ahead = 0, priority = 'user' } = more
  return { priority, limits: limits.map((limit) => ({ limit, cost, ahead, subject: limit.perSubject ? subject : null })) }
}

const said = (...ends: Partial<EndOfLimit>[]): EndOfLimit[] =>
  ends.map((end) => ({ reading: undefined, closedForMs: null, ...end }))

describe('a store of one process', () => {
  it('takes a place in every limit, or in none: it says how long to wait for the last of them', async () => {
    const { store } = start()
    expect(await store.take(ask([all, list], { cost: 2 }))).toEqual({
      receipt: {
        places: [
          { slot: 0, order: 2 },
          { slot: 0, order: 2 },
        ],
      },
    })
    // The slot of half a second counts for 30 s after its end.
    expect(await store.take(ask([all, list]))).toEqual({ waitMs: 30_500, heldBy: list })
    expect(await store.take(ask([all], { cost: 2 }))).toHaveProperty('receipt')
    expect(await store.take(ask([list, all]))).toEqual({ waitMs: 61_000, heldBy: all })
    expect(await store.take(ask([all, list]))).toEqual({ waitMs: 61_000, heldBy: all })
    expect((await store.state()).map(({ left }) => left)).toEqual([0, 0])
  })

  it('counts those that wait before a call, and each ticket for itself', async () => {
    const { store } = start()
    expect(await store.take(ask([all], { ahead: 4 }))).toEqual({ waitMs: 61_000, heldBy: all })
    expect(await store.take(ask([ticket], { subject: '7' }))).toHaveProperty('receipt')
    expect(await store.take(ask([ticket], { subject: '7' }))).toEqual({ waitMs: 6_100, heldBy: ticket })
    expect(await store.take(ask([ticket], { subject: '8' }))).toHaveProperty('receipt')
  })

  it('has the share of this process, as it is now', async () => {
    let part = 0.5
    const { store } = start({ share: () => part })
    expect(await store.state()).toEqual([
      { limit: all, calls: 2, left: 2 },
      { limit: list, calls: 1, left: 1 },
    ])
    await store.take(ask([all], { cost: 2 }))
    expect(await store.take(ask([all]))).toHaveProperty('waitMs')
    part = 1
    expect(await store.take(ask([all]))).toHaveProperty('receipt')
  })

  it('keeps a part for people, and knows for whom a call is', async () => {
    const { store } = start({ keepForUsers: 0.5 })
    expect(await store.take(ask([all], { priority: 'export', cost: 3 }))).toEqual({ waitMs: 5_000, heldBy: all })
    expect(await store.take(ask([all], { cost: 3 }))).toHaveProperty('receipt')
    await store.take(ask([list], { priority: 'polling' }))
    expect(store.counted()).toEqual([
      { limit: all, subject: null, counted: [{ slot: 0, priority: 'user', calls: 3 }] },
      { limit: list, subject: null, counted: [{ slot: 0, priority: 'polling', calls: 1 }] },
    ])
  })

  it('ends a call in each of its limits, with what the vendor says of it', async () => {
    const { store, time } = start()
    const asked = ask([all, list], { priority: 'export', cost: 2 })
    const { receipt } = (await store.take(asked)) as { receipt: Receipt }
    time.now = 2_000
    await store.end(asked, receipt, 1, said({ closedForMs: 3_000 }, { reading: { limit: 'list', total: 9 } }))
    expect(store.counted().map(({ counted }) => counted)).toEqual([
      [{ slot: 2, priority: 'export', calls: 2 }],
      [{ slot: 4, priority: 'export', calls: 2 }],
    ])
    expect(await store.state()).toEqual([
      { limit: all, calls: 4, left: 0 },
      { limit: list, calls: 9, left: 7 },
    ])
    time.now = 5_000
    expect(await store.state()).toMatchObject([{ left: 2 }, { left: 7 }])
    await store.end(asked, { places: [1, 2].map(() => ({ slot: 2, order: 2 })) }, 0, said({}, {}))
    expect(store.counted().map(({ counted }) => counted)).toEqual([[], [{ slot: 4, priority: 'export', calls: 2 }]])
  })

  it('notes a call that another store has allowed, and is bounded by what others have counted', async () => {
    const { store, time } = start()
    for (let call = 0; call < 3; call++) store.note(ask([list], { cost: 2, priority: 'polling' }))
    expect(store.note(ask([list]))).toEqual([{ slot: 0, order: 7 }])
    expect(store.counted()).toMatchObject([
      {
        counted: [
          { priority: 'user', calls: 1 },
          { priority: 'polling', calls: 6 },
        ],
      },
    ])
    store.allowAtMost(all, 1, 9_000)
    time.now = 1_000
    expect(await store.state()).toMatchObject([{ limit: all, left: 1 }, { left: 0 }])
    expect(await store.take(ask([all], { cost: 2 }))).toEqual({ waitMs: 8_000, heldBy: all })
  })
})

describe('above a thousand limits, a store', () => {
  it('forgets the tickets without recent calls, not the others and not the account', () => {
    const { store, time } = start()
    const noteTicket = (subject: number | string) => store.note(ask([ticket], { subject: String(subject) }))
    store.note(ask([all]))
    for (let subject = 1; subject < 1_000; subject++) noteTicket(subject)
    const known = () => store.counted().map(({ subject }) => subject)
    // By then no call counts any more.
    time.now = 70_000
    noteTicket('recent')
    expect(known()).toHaveLength(1_001)
    noteTicket('next')
    expect(known()).toEqual([null, 'recent', 'next'])
  })
})
