import { describe, expect, it } from 'vitest'
import type { CallPriority } from '../../../src/domain/call.ts'
import { CallWindow } from '../../../src/sources/budget/call-window.ts'
import type { CallLimit } from '../../../src/sources/budget/limits.ts'

/** A hundred calls a minute, of which a fifth is kept for people. */
function start(changes: Partial<CallLimit> = {}, keepForUsers = 0.2) {
  const window = new CallWindow({ name: 'list', calls: 100, windowMs: 60_000, ...changes }, keepForUsers)
  const take = (priority: CallPriority, now: number, count = 1) =>
    Array.from({ length: count }, () => window.take({ cost: 1, priority }, now)).at(-1)!
  const wait = (priority: CallPriority, now: number, cost = 1) => window.waitMs({ cost, priority, ahead: 0, share: 1 }, now)
  return { window, take, wait }
}

describe('an export', () => {
  it('keeps its distance from the last export, so that its calls are spread over the window', () => {
    const { take, wait } = start()
    expect(wait('export', 1_000)).toBe(0)
    take('export', 1_000)
    // 80 of 100 calls are left to it: one every 750 ms.
    expect([wait('export', 1_000), wait('export', 1_700), wait('export', 1_750)]).toEqual([750, 50, 0])
    expect([wait('polling', 1_000), wait('user', 1_000)]).toEqual([0, 0])
  })

  it('keeps its distance from polling too, and polling from polling alone', () => {
    const { take, wait } = start()
    take('polling', 1_000)
    // Polling used one call: an export leaves it none beside that.
    expect([wait('polling', 1_000), wait('export', 1_000), wait('user', 1_000)]).toEqual([750, 750, 0])
    take('export', 1_200)
    expect([wait('polling', 1_200), wait('export', 1_200)]).toEqual([550, 750])
    take('user', 1_300)
    expect([wait('polling', 1_300), wait('export', 1_300)]).toEqual([450, 650])
  })

  it('leaves room for the polling of the last windows, half of it forgotten after two windows', () => {
    const { take, wait } = start()
    take('polling', 0, 10)
    // 10 calls at 0 count as 5 at 120 s: 80 - 5 are left, one every 800 ms.
    take('export', 120_000)
    expect(wait('export', 120_000)).toBe(800)
    const busy = start()
    busy.take('polling', 0, 50)
    // 25 by then, of which a fifth of the limit counts: 80 - 20 are left.
    busy.take('export', 120_000)
    expect(busy.wait('export', 120_000)).toBe(1_000)
    // What polling has used by now it needs no more: 15 of the 20.
    busy.take('polling', 120_000, 15)
    expect(busy.wait('export', 120_000)).toBe(800)
  })

  it('waits until polling and exports have used less of the window, also where people have used some', () => {
    const { take, wait } = start({ calls: 10 })
    take('user', 500)
    take('export', 1_500, 4)
    take('polling', 2_500, 4)
    // Eight of ten are left to both of them. The slot of the exports counts until 62 s.
    expect(wait('export', 59_500)).toBe(2_500)
    expect(wait('user', 59_500)).toBe(0)
  })
})

describe('what is left to people', () => {
  it('is as much as they will use if they go on as they began, and a tenth more', () => {
    const { take, wait } = start()
    take('user', 0, 40)
    // 40 in a moment: 160 in a window. Nothing is left to an export, which asks again in 5 s; polling has its twentieth.
    expect([wait('export', 0), wait('polling', 0)]).toEqual([5_000, 0])
    take('polling', 0)
    expect(wait('polling', 0)).toBe(12_000)
    // At 30 s: 80 in a window, and 8 more. 12 of 100 are left: one every 5 s.
    take('export', 30_000)
    expect(wait('export', 30_000)).toBe(5_000)
  })

  it('is three times what they used in the last quarter of the window', () => {
    const { take, wait } = start()
    take('user', 20_000)
    take('user', 50_000, 20)
    take('export', 64_900)
    // 20 in the last quarter: 60 × 1.1 = 66 for people, and one export every 60 s / 34.
    expect(wait('export', 64_999)).toBeCloseTo(60_000 / 34 - 99, 6)
    // A moment later none: 21 in 45 s are 28 in a window, and 28 × 1.1 = 30.8.
    expect(wait('export', 65_000)).toBeCloseTo(60_000 / 69 - 100, 6)
  })

  it('is as much as they used in the last windows, half of it forgotten after two windows', () => {
    const { take, wait } = start()
    take('user', 0, 40)
    take('export', 120_000)
    // 20 by then, and 2 more: 78 are left.
    expect(wait('export', 120_000)).toBeCloseTo(60_000 / 78, 6)
    // A later call of one person does not lower it: 40 at 0 are 20 at 120 s.
    take('user', 120_000)
    expect(wait('export', 120_000)).toBeCloseTo(60_000 / 78, 6)
  })

  it('is nothing where the configuration keeps nothing for them', () => {
    const { take, wait } = start({}, 0)
    take('user', 0, 40)
    expect(wait('export', 0)).toBe(0)
    take('export', 0)
    // 100 calls a minute: one every 600 ms.
    expect(wait('export', 0)).toBe(600)
  })

  it('is nothing of a limit that only exports use', () => {
    const { take, wait } = start({ kinds: ['export'] })
    take('export', 0)
    expect(wait('export', 0)).toBe(600)
  })

  it('is checked again after a tenth of a window that is short', () => {
    const { take, wait } = start({ windowMs: 10_000 })
    take('user', 0, 40)
    expect(wait('export', 0)).toBe(1_000)
  })

  it('is kept in the window of the vendor too, for the time that is left of it', () => {
    const { window, take, wait } = start()
    const reading = { limit: 'list', remaining: 10, resetsInMs: 60_000 }
    window.end(take('user', 0), { cost: 1, priority: 'user', sent: 1, closedForMs: null, reading }, 0)
    // Ten are left, nine after this call. People need 20 in a minute: 10 in 30 s, 9 in 27 s.
    expect([wait('export', 0), wait('polling', 30_000), wait('export', 32_999)]).toEqual([5_000, 5_000, 5_000])
    expect([wait('export', 33_000), wait('polling', 33_000), wait('export', 33_000, 2)]).toEqual([0, 0, 5_000])
    expect(wait('export', 60_000)).toBe(0)
  })
})

describe('polling', () => {
  it('has a twentieth of the limit, rounded up, however much people do', () => {
    const { take, wait } = start({ calls: 30 })
    take('user', 0, 25)
    // 1.5 calls, rounded up: two, one every 30 s.
    expect([wait('polling', 0, 2), wait('polling', 0, 3)]).toEqual([0, 5_000])
    take('polling', 0)
    expect(wait('polling', 0)).toBe(30_000)
  })
})
