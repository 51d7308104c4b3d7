import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWindowCounter } from '../../../src/http/plugins/window-counter.ts'

describe('a window counter', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('gives what is left of the window once its limit is taken, and begins anew when it is over', () => {
    const counter = createWindowCounter(2, 1_000)
    expect([counter.take('a'), counter.take('a')]).toEqual([0, 0])
    vi.advanceTimersByTime(400)
    expect(counter.take('a')).toBe(600)
    vi.advanceTimersByTime(600)
    expect([counter.take('a'), counter.take('a'), counter.take('a')]).toEqual([0, 0, 1_000])
  })
  it('counts each key by itself', () => {
    const counter = createWindowCounter(1, 1_000)
    expect([counter.take('a'), counter.take('b'), counter.take('a')]).toEqual([0, 0, 1_000])
  })
  it('forgets keys whose window is over, and no other', () => {
    const counter = createWindowCounter(1, 1_000)
    for (let key = 0; key < 9_999; key++) counter.take(`old ${key}`)
    vi.advanceTimersByTime(999)
    counter.take('young')
    vi.advanceTimersByTime(1)
    for (let key = 0; key < 5_000; key++) counter.take(`new ${key}`)
    expect(counter.size()).toBe(5_001)
    expect(counter.take('young')).toBe(999)
  })
})
