import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CallPriority } from '../../../src/domain/call.ts'
import { CallWindow } from '../../../src/sources/budget/call-window.ts'

/** What a vendor sees: when each call reached it. */
function mostInAnyWindow(times: readonly number[], windowMs: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  let most = 0
  let first = 0
  sorted.forEach((time, index) => {
    while (time - sorted[first]! >= windowMs) first += 1
    most = Math.max(most, index - first + 1)
  })
  return most
}

const step = fc.record({
  pauseMs: fc.integer({ min: 0, max: 4_000 }),
  priority: fc.constantFrom<CallPriority>('user', 'polling', 'export'),
  burst: fc.integer({ min: 1, max: 12 }),
  /** How long a call takes, and after which part of it the vendor counts it. */
  takesMs: fc.integer({ min: 0, max: 3_000 }),
  arrives: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('BUDGET-01: the calls of any window', () => {
  it('are never more than the limit, however they are spread and wherever the window of the vendor begins', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 40 }), (steps, calls) => {
        const windowMs = 60_000
        const window = new CallWindow({ name: 'list', calls, windowMs }, 0.2)
        const received: number[] = []
        const ends: { at: number; run: () => void }[] = []
        let now = 1_000_000
        const endUntil = (time: number) => {
          ends.sort((a, b) => a.at - b.at)
          while (ends[0] && ends[0].at <= time) ends.shift()!.run()
        }
        for (const { pauseMs, priority, burst, takesMs, arrives } of steps) {
          now += pauseMs
          endUntil(now)
          for (let index = 0; index < burst; index++) {
            const ask = { cost: 1, priority, ahead: 0, share: 1 }
            if (window.waitMs(ask, now) > 0) continue
            const place = window.take(ask, now)
            received.push(now + takesMs * arrives)
            const at = now + takesMs
            ends.push({ at, run: () => window.end(place, { cost: 1, priority, sent: 1, closedForMs: null }, at) })
          }
        }
        expect(mostInAnyWindow(received, windowMs)).toBeLessThanOrEqual(calls)
      }),
    )
  })

  it('may be as many as the limit, and a call finds room again after the time that it was told', () => {
    const window = new CallWindow({ name: 'list', calls: 10, windowMs: 60_000 }, 0.2)
    const ask = { cost: 1, priority: 'user', ahead: 0, share: 1 } as const
    for (let call = 0; call < 10; call++) {
      expect(window.waitMs(ask, 1_000)).toBe(0)
      window.take(ask, 1_000)
    }
    const waitMs = window.waitMs(ask, 1_000)
    // A slot is a second long: its last call may be as late as its end.
    expect(waitMs).toBe(61_000)
    expect(window.waitMs(ask, 999 + waitMs)).toBe(1)
    expect(window.waitMs(ask, 1_000 + waitMs)).toBe(0)
  })
})

describe('BUDGET-02: people before polling before exports', () => {
  const limit = { name: 'list', calls: 100, windowMs: 60_000 }
  const count = (window: CallWindow, priority: CallPriority, from: number, untilMs: number) => {
    let made = 0
    for (let now = from; now < from + untilMs; now += 50) {
      const ask = { cost: 1, priority, ahead: 0, share: 1 }
      if (window.waitMs(ask, now) > 0) continue
      window.take(ask, now)
      made += 1
    }
    return made
  }

  it('an export alone uses four fifths and leaves a fifth to people at once', () => {
    const window = new CallWindow(limit, 0.2)
    expect(count(window, 'export', 0, 60_000)).toBe(80)
    for (let call = 0; call < 20; call++) {
      const ask = { cost: 1, priority: 'user', ahead: 0, share: 1 } as const
      expect(window.waitMs(ask, 60_000)).toBe(0)
      window.take(ask, 60_000)
    }
  })

  it('an export leaves as much as people used lately, and polling still gets through', () => {
    const window = new CallWindow(limit, 0.2)
    const user = { cost: 1, priority: 'user', ahead: 0, share: 1 } as const
    const made = { user: 0, polling: 0, export: 0 }
    let polls = 0
    for (let now = 0; now < 300_000; now += 250) {
      // 80 a minute.
      if (now % 750 === 0) {
        expect(window.waitMs(user, now)).toBe(0)
        window.take(user, now)
        made.user += 1
      }
      for (const priority of ['polling', 'export'] as const) {
        if (priority === 'polling' && polls > now / 15_000) continue
        const ask = { cost: 1, priority, ahead: 0, share: 1 } as const
        if (window.waitMs(ask, now) > 0) continue
        window.take(ask, now)
        made[priority] += 1
        if (priority === 'polling') polls += 1
      }
    }
    expect(made.user).toBe(400)
    expect(made.polling).toBe(20)
    expect(made.export).toBeGreaterThanOrEqual(20)
    expect(made.user + made.polling + made.export).toBeLessThanOrEqual(510)
  })
})

describe('BUDGET-09: 20 agents with a page every 15 s, on 100 list calls a minute, beside polling and an export', () => {
  it('never wait, are never refused by the vendor, and leave the rest to the export', () => {
    // Each at a moment of its own, up to three seconds from an even distance.
    const shifts = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(shifts, fc.integer({ min: 0, max: 59_999 }), (shift, vendorPhase) => {
        const agents = shift.map((ms, index) => (index * 750 + ms) % 15_000)
        const window = new CallWindow({ name: 'list', calls: 100, windowMs: 60_000 }, 0.2)
        const received: number[] = []
        const made = { user: 0, polling: 0, export: 0 }
        const running: { at: number; end: () => void }[] = []
        const tryCall = (priority: CallPriority, now: number) => {
          const ask = { cost: 1, priority, ahead: 0, share: 1 }
          if (window.waitMs(ask, now) > 0) return false
          const place = window.take(ask, now)
          made[priority] += 1
          received.push(now + 50)
          running.push({ at: now + 100, end: () => window.end(place, { ...ask, sent: 1, closedForMs: null }, now + 100) })
          return true
        }
        const minutes = 6
        for (let now = 0; now < minutes * 60_000; now += 50) {
          while (running[0] && running[0].at <= now) running.shift()?.end()
          for (const phase of agents) {
            if ((now - (phase - (phase % 50))) % 15_000 === 0 && now >= phase - 50) expect(tryCall('user', now)).toBe(true)
          }
          if (made.polling <= now / 15_000) tryCall('polling', now)
          tryCall('export', now)
        }
        const byWindow = Map.groupBy(received, (at) => Math.floor((at + vendorPhase) / 60_000))
        expect(Math.max(...[...byWindow.values()].map(({ length }) => length))).toBeLessThanOrEqual(100)
        expect(made.polling).toBeGreaterThanOrEqual(minutes * 4 - 2)
        expect(made.export).toBeGreaterThanOrEqual(minutes * 3)
      }),
      { numRuns: 20 },
    )
  })
})

describe("BUDGET-03: the vendor's answers", () => {
  const limit = { name: 'list', calls: 100, windowMs: 60_000 }
  const user = { cost: 1, priority: 'user', ahead: 0, share: 1 } as const

  it('correct the number of calls, except above the number that the operator chose', () => {
    const learned = new CallWindow(limit, 0)
    const own = new CallWindow({ ...limit, isOwn: true }, 0)
    for (const window of [learned, own]) {
      const end = (total: number) =>
        window.end(window.take(user, 0), { ...user, sent: 1, closedForMs: null, reading: { limit: 'list', total } }, 0)
      end(400)
      expect(window.state(1, 0).calls).toBe(window === own ? 100 : 400)
      end(20)
      expect(window.state(1, 0)).toEqual({ calls: 20, left: 18 })
    }
  })

  it('tell of calls that others have made: no more are made before the window of the vendor ends', () => {
    const window = new CallWindow(limit, 0)
    const place = window.take(user, 0)
    const reading = { limit: 'list', total: 100, remaining: 2, resetsInMs: 10_000 }
    window.end(place, { ...user, sent: 1, closedForMs: null, reading }, 100)
    window.take(user, 200)
    expect(window.waitMs(user, 200)).toBe(0)
    window.take(user, 200)
    expect(window.waitMs(user, 200)).toBe(9_900)
    expect(window.waitMs(user, 10_100)).toBe(0)
  })

  it('tell of the next window before the last one seems to have ended: people go on without a pause', () => {
    const window = new CallWindow(limit, 0.2)
    const vendor = { start: 0, used: 0 }
    for (let now = 0; now < 600_000; now += 750) {
      expect(window.waitMs(user, now)).toBe(0)
      const place = window.take(user, now)
      if (now - vendor.start >= 60_000) Object.assign(vendor, { start: now, used: 0 })
      vendor.used += 1
      // Whole seconds, rounded up.
      const resetsInMs = Math.ceil((vendor.start + 60_000 - now) / 1000) * 1000
      const reading = { limit: 'list', total: 100, remaining: 100 - vendor.used, resetsInMs }
      window.end(place, { ...user, sent: 1, closedForMs: null, reading }, now + 100)
    }
  })

  it('close the window for as long as a 429 says', () => {
    const window = new CallWindow(limit, 0)
    window.end(window.take(user, 0), { ...user, sent: 1, closedForMs: 7_000 }, 0)
    expect(window.waitMs(user, 0)).toBe(7_000)
    expect(window.state(1, 0).left).toBe(0)
    expect(window.waitMs(user, 7_000)).toBe(0)
  })

  it('count no call that did not reach the vendor', () => {
    const window = new CallWindow({ ...limit, calls: 1 }, 0)
    window.end(window.take(user, 0), { ...user, sent: 0, closedForMs: null }, 0)
    expect(window.waitMs(user, 0)).toBe(0)
  })
})
