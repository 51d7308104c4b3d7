import { describe, expect, it } from 'vitest'
import type { CallPriority } from '../../../src/domain/call.ts'
import {
  type CallEnd,
  CallWindow,
  keptForUsers,
  type Place,
  slotMsOf,
  type WindowAsk,
} from '../../../src/sources/budget/call-window.ts'
import type { CallLimit } from '../../../src/sources/budget/limits.ts'

/** Ten calls a minute: a slot is a second long, and counts for a minute after its end. */
const limit: CallLimit = { name: 'list', calls: 10, windowMs: 60_000 }

function start(changes: Partial<CallLimit> = {}, keepForUsers = 0) {
  const window = new CallWindow({ ...limit, ...changes }, keepForUsers)
  const take = (now: number, count = 1, priority: CallPriority = 'user') =>
    Array.from({ length: count }, () => window.take({ cost: 1, priority }, now)).at(-1)!
  const wait = (now: number, ask: Partial<WindowAsk> = {}) =>
    window.waitMs({ cost: 1, priority: 'user', ahead: 0, share: 1, ...ask }, now)
  const end = (place: Place, now: number, ended: Partial<CallEnd> = {}) =>
    window.end(place, { cost: 1, priority: 'user', sent: 1, closedForMs: null, ...ended }, now)
  /** The vendor's answer to a call: so many calls are left. */
  const tell = (place: Place, now: number, remaining: number, resetsInMs?: number) =>
    end(place, now, { reading: { limit: 'list', remaining, ...(resetsInMs !== undefined && { resetsInMs }) } })
  return { window, take, wait, end, tell }
}

describe('a limit', () => {
  it('is counted in sixtieths of its window, rounded up', () => {
    expect([60_000, 60_001, 59, 1].map((windowMs) => slotMsOf({ ...limit, windowMs }))).toEqual([1_000, 1_001, 1, 1])
  })

  it('keeps a part for people, unless only exports use it', () => {
    expect(keptForUsers(limit, 0.2)).toBe(0.2)
    expect(keptForUsers({ ...limit, kinds: [] }, 0.2)).toBe(0.2)
    expect(keptForUsers({ ...limit, kinds: ['export', 'list'] }, 0.2)).toBe(0.2)
    expect(keptForUsers({ ...limit, kinds: ['export'] }, 0.2)).toBe(0)
  })
})

describe('a call of a person', () => {
  it('waits until as many calls no longer count as it needs, the oldest first', () => {
    const { take, wait } = start()
    take(2_500, 3)
    take(500, 3)
    take(1_500, 4)
    // Slots 0, 1 and 2 end at 61, 62 and 63 s.
    expect([1, 3, 4, 7, 8, 10].map((cost) => wait(2_500, { cost }))).toEqual([58_500, 58_500, 59_500, 59_500, 60_500, 60_500])
    expect(wait(60_999)).toBe(1)
    expect([1, 3].map((cost) => wait(61_000, { cost }))).toEqual([0, 0])
    expect(wait(61_000, { cost: 4 })).toBe(1_000)
  })

  it('lets those that wait before it go first, also where they need more than a window', () => {
    const { take, wait } = start()
    take(500, 8)
    expect([wait(500, { ahead: 1 }), wait(500, { ahead: 2 }), wait(500, { cost: 2 })]).toEqual([0, 60_500, 0])
    expect(wait(500, { ahead: 9 })).toBe(60_500)
    // The eight calls free too little for ten others and this one.
    expect(wait(500, { ahead: 10 })).toBe(120_500)
    const empty = start()
    expect(empty.wait(500, { ahead: 9 })).toBe(0)
    // No slot will end: a slot that begins now would, in a second, and the window after it.
    expect(empty.wait(500, { ahead: 10 })).toBe(61_000)
  })

  it('that costs more than the limit needs all of it', () => {
    const { take, wait } = start()
    expect(wait(500, { cost: 50 })).toBe(0)
    take(500)
    expect(wait(500, { cost: 50 })).toBe(60_500)
  })

  it('counts calls of every priority', () => {
    const { take, wait } = start()
    take(500, 4)
    take(500, 3, 'polling')
    take(500, 2, 'export')
    expect(wait(500)).toBe(0)
    take(500, 1, 'export')
    expect(wait(500)).toBe(60_500)
  })

  it('has the share of this process, rounded down, and one call at least', () => {
    const { take, wait, window } = start()
    expect([0.5, 0.39, 0.01].map((share) => window.state(share, 0))).toEqual([
      { calls: 5, left: 5 },
      { calls: 3, left: 3 },
      { calls: 1, left: 1 },
    ])
    take(500, 4)
    expect([wait(500, { share: 0.5 }), wait(500, { share: 0.4 })]).toEqual([0, 60_500])
  })
})

describe('a call that has ended', () => {
  it('counts from its end, for each time that the vendor has received it', () => {
    const { take, end, window } = start()
    const place = take(500)
    end(place, 3_200)
    expect(window.counted(3_200)).toEqual([{ slot: 3, priority: 'user', calls: 1 }])
    end(take(3_500, 1, 'polling'), 4_000, { priority: 'polling', sent: 2 })
    expect(window.counted(4_000)).toEqual([
      { slot: 3, priority: 'user', calls: 1 },
      { slot: 4, priority: 'polling', calls: 2 },
    ])
    expect(window.state(1, 4_000)).toEqual({ calls: 10, left: 7 })
    expect(window.counted(63_999)).toHaveLength(2)
    expect(window.counted(64_000)).toEqual([{ slot: 4, priority: 'polling', calls: 2 }])
  })

  it('costs nothing where the vendor has not received it', () => {
    const { take, end, window } = start()
    const [first, second] = [take(500), take(700)]
    end(first, 800, { sent: 0 })
    expect(window.counted(800)).toEqual([{ slot: 0, priority: 'user', calls: 1 }])
    end(second, 800, { sent: 0 })
    expect(window.counted(800)).toEqual([])
  })

  it('gives back what it took, and never more than its slot has', () => {
    const { window, end } = start()
    const place = window.take({ cost: 3, priority: 'user' }, 500)
    expect(place).toEqual({ slot: 0, order: 3 })
    end(place, 900, { cost: 5, sent: 0 })
    expect(window.state(1, 900).left).toBe(10)
    expect(window.take({ cost: 2, priority: 'user' }, 1_500)).toEqual({ slot: 1, order: 5 })
    // A call that ends after its window counts at its end alone.
    end(place, 90_000, { cost: 3 })
    expect(window.counted(90_000)).toEqual([{ slot: 90, priority: 'user', calls: 3 }])
  })
})

describe("the vendor's answers", () => {
  it('close the limit for as long as a 429 says, and a shorter time does not open it', () => {
    const { take, end, wait, window } = start()
    end(take(0), 1_000, { closedForMs: 7_000 })
    end(take(0), 1_000, { closedForMs: 2_000 })
    expect([wait(1_000), wait(7_999), wait(8_000)]).toEqual([7_000, 1, 0])
    expect([window.state(1, 7_999).left, window.state(1, 8_000).left]).toEqual([0, 8])
  })

  it('tell how many calls there are: not zero, and not more than an operator has chosen', () => {
    const [vendors, own] = [start(), start({ isOwn: true })]
    const totals = [0, 40, 5].map((total) =>
      [vendors, own].map(({ take, end, window }) => {
        end(take(0), 0, { sent: 0, reading: { limit: 'list', total } })
        return window.state(1, 0).calls
      }),
    )
    expect(totals).toEqual([
      [10, 10],
      [40, 10],
      [5, 5],
    ])
  })

  it('tell how many calls are left until the window of the vendor ends', () => {
    const { take, tell, wait, window } = start()
    tell(take(0), 100, 2, 10_000)
    expect([wait(100, { cost: 2 }), wait(100, { cost: 3 }), wait(100, { ahead: 1 }), wait(100, { ahead: 2 })]).toEqual([
      0, 10_000, 0, 10_000,
    ])
    expect([wait(10_099, { cost: 3 }), wait(10_100, { cost: 3 })]).toEqual([1, 0])
    expect([window.state(1, 100), window.state(1, 10_100)]).toEqual([
      { calls: 10, left: 2 },
      { calls: 10, left: 9 },
    ])
    take(100, 4)
    expect(window.state(1, 100).left).toBe(0)
  })

  it('hold for a window of the limit where they do not say how long', () => {
    const { take, tell, wait } = start()
    tell(take(0), 100, 0)
    expect([wait(100), wait(60_099), wait(60_100)]).toEqual([60_000, 1, 0])
  })

  it('leave no more than the calls of this window, however many the vendor has', () => {
    const { take, tell, window } = start()
    tell(take(0), 100, 500, 10_000)
    expect(window.state(1, 100).left).toBe(9)
  })

  it('of one window may overtake each other, and may tell its end in whole seconds', () => {
    const { take, tell, window } = start({ calls: 100 })
    const [first, second, third, fourth] = [take(0), take(0), take(0), take(0)]
    tell(second, 100, 7, 10_000)
    expect(window.state(1, 100).left).toBe(5)
    // The older answer came later: eight were left when it was made. The window ends at 10,100 still.
    tell(first, 200, 8, 10_000)
    expect([window.state(1, 200).left, window.state(1, 10_099).left, window.state(1, 10_100).left]).toEqual([5, 5, 96])
    // The end seems 1,500 ms later: still the same window.
    tell(third, 1_600, 50, 10_000)
    expect(window.state(1, 1_600).left).toBe(5)
    // And an earlier end counts.
    tell(third, 1_700, 50, 5_000)
    expect([window.state(1, 6_699).left, window.state(1, 6_700).left]).toEqual([5, 96])
    tell(fourth, 5_201, 30, 3_000)
    expect(window.state(1, 5_201).left).toBe(30)
  })

  it('of a window that has ended, or without an end, begin a new one', () => {
    const { take, tell, window } = start({ calls: 100 })
    const [first, second, third] = [take(0), take(0), take(0)]
    tell(first, 100, 4, 1_000)
    tell(second, 1_100, 40, 500)
    expect(window.state(1, 1_100).left).toBe(39)
    tell(third, 1_200, 60)
    expect(window.state(1, 1_200).left).toBe(60)
  })

  it('that say nothing of what is left change nothing', () => {
    const { take, tell, end, window } = start()
    tell(take(0), 100, 3, 10_000)
    end(take(0), 100, { reading: { limit: 'list', resetsInMs: 5_000 } })
    expect(window.state(1, 100).left).toBe(2)
  })
})

describe('a window', () => {
  it('may be bounded by what others have counted', () => {
    const { take, window, wait } = start()
    take(0, 2)
    window.allowAtMost(3, 20_000)
    expect([wait(100, { cost: 3 }), wait(100, { cost: 4 }), window.state(1, 100).left]).toEqual([0, 19_900, 3])
  })

  it('is idle when no call counts any more, and the vendor has closed or bounded nothing', () => {
    const { take, end, window } = start()
    expect(window.isIdle(0)).toBe(true)
    for (const priority of ['user', 'polling', 'export'] as const) {
      const used = start()
      used.take(0, 1, priority)
      expect([used.window.isIdle(60_999), used.window.isIdle(61_000)]).toEqual([false, true])
    }
    end(take(0), 0, { sent: 0, closedForMs: 5_000 })
    expect([window.isIdle(4_999), window.isIdle(5_000)]).toEqual([false, true])
    const bounded = start()
    bounded.window.allowAtMost(3, 2_000)
    expect([bounded.window.isIdle(1_999), bounded.window.isIdle(2_000)]).toEqual([false, true])
  })
})
