import { describe, expect, it } from 'vitest'
import { createAdaptiveLimit } from '../../../src/sources/http-client/adaptive-limit.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'

const overload = () => new UpstreamError('rateLimited', { sent: true })

/** A limit whose attempts end when the test says so. */
function start(max: number) {
  const lowered: number[] = []
  const limit = createAdaptiveLimit({ max, onLowered: (to) => void lowered.push(to) })
  const running: PromiseWithResolvers<void>[] = []
  const attempt = () => {
    const ending = Promise.withResolvers<void>()
    running.push(ending)
    return ending.promise
  }
  const begin = (count: number, signal = new AbortController().signal) => {
    for (let index = 0; index < count; index++) limit.run(signal, attempt).catch(() => {})
  }
  /** Ends the oldest attempts, and lets those that wait begin. */
  const end = async (count: number, error?: Error) => {
    for (const ending of running.splice(0, count)) error ? ending.reject(error) : ending.resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { limit, lowered, begin, end, active: () => running.length }
}

describe('UPSTREAM-38: the limit of reads that run at once', () => {
  it('starts as many as it allows, and the next one when one has ended', async () => {
    const { begin, end, active } = start(3)
    begin(5)
    expect(active()).toBe(3)
    await end(1)
    expect(active()).toBe(3)
    await end(3)
    expect(active()).toBe(1)
    begin(2)
    expect(active()).toBe(3)
  })

  it('starts those that wait in their order', async () => {
    const { limit } = start(1)
    const order: number[] = []
    const run = (index: number) => limit.run(new AbortController().signal, async () => void order.push(index))
    await Promise.all([1, 2, 3].map(run))
    expect(order).toEqual([1, 2, 3])
  })

  it('is halved and rounded down, and starts nothing while more run than it allows', async () => {
    const { limit, lowered, begin, end, active } = start(7)
    begin(9)
    await end(1, overload())
    expect([limit.current, lowered, active()]).toEqual([3, [3], 6])
    const fault = new UpstreamError('truncated', { sent: true })
    await end(3, fault)
    expect(active()).toBe(3)
    await end(1, fault)
    // One ended, and one of the two that waited began.
    expect(active()).toBe(3)
  })

  it('is lowered by an overload alone, not by another failure or a defect', async () => {
    const { limit, lowered, begin, end } = start(4)
    begin(2)
    await end(1, new UpstreamError('truncated', { sent: true }))
    await end(1, new TypeError('a defect'))
    expect([limit.current, lowered]).toEqual([4, []])
  })

  it('tells whether a further read would have to wait', async () => {
    const { limit, begin, end } = start(2)
    begin(1)
    expect(limit.isFull).toBe(false)
    begin(1)
    expect(limit.isFull).toBe(true)
    await end(1)
    expect(limit.isFull).toBe(false)
  })

  it('is lowered once for all that began before it was lowered, and again by one that began later', async () => {
    const { limit, lowered, begin, end } = start(16)
    begin(16)
    await end(16, overload())
    expect([limit.current, lowered]).toEqual([8, [8]])
    begin(1)
    await end(1, overload())
    expect([limit.current, lowered]).toEqual([4, [8, 4]])
  })

  it('is never lowered below one, and tells nothing then', async () => {
    const { limit, lowered, begin, end } = start(1)
    begin(1)
    await end(1, overload())
    expect([limit.current, lowered]).toEqual([1, []])
  })

  it('rises by a success for as many successes as it is high, and only while it is used up', async () => {
    const { limit, begin, end } = start(8)
    begin(1)
    await end(1, overload())
    expect(limit.current).toBe(4)
    // One at a time: the limit is not used up.
    for (let call = 0; call < 20; call++) {
      begin(1)
      await end(1)
    }
    expect(limit.current).toBe(4)
    // Four at once. Each success adds 1 / limit: 4.25, 4.49, 4.71, 4.92 and 5.12.
    begin(4)
    for (let success = 1; success <= 4; success++) {
      await end(1)
      expect(limit.current).toBe(4)
      begin(1)
    }
    await end(1)
    expect(limit.current).toBe(5)
  })

  it('never rises above the configured one', async () => {
    const { limit, begin, end } = start(2)
    begin(1)
    await end(1, overload())
    expect(limit.current).toBe(1)
    for (let call = 0; call < 10; call++) {
      begin(limit.current)
      await end(limit.current)
    }
    expect(limit.current).toBe(2)
  })

  it('passes on what an attempt returns or throws', async () => {
    const { limit } = start(1)
    const { signal } = new AbortController()
    expect(await limit.run(signal, async () => 'a')).toBe('a')
    const defect = new TypeError('a defect')
    await expect(limit.run(signal, () => Promise.reject(defect))).rejects.toBe(defect)
    expect(limit.current).toBe(1)
  })
})

describe('UPSTREAM-38: a read that waits for its turn', () => {
  it('ends with the reason of its caller, also where that is no error of an attempt', async () => {
    const { limit, begin } = start(1)
    begin(1)
    const controller = new AbortController()
    const left = limit.run(controller.signal, async () => 'never')
    const reason = new Error('left')
    controller.abort(reason)
    await expect(left).rejects.toBe(reason)
  })

  it('was not sent when its deadline comes, and is not sent later', async () => {
    const { limit, begin, end, active } = start(1)
    begin(1)
    const controller = new AbortController()
    let ran = false
    const late = limit.run(controller.signal, async () => {
      ran = true
    })
    controller.abort(new UpstreamError('deadline', { sent: false }))
    await expect(late).rejects.toMatchObject({ kind: 'notSent', sent: false })
    await end(1)
    expect([ran, limit.isFull, active()]).toEqual([false, false, 0])
  })

  it('ends with the reason of a caller that leaves', async () => {
    const { limit, begin } = start(1)
    begin(1)
    const reason = new UpstreamError('cancelled', { sent: false })
    const controller = new AbortController()
    const left = limit.run(controller.signal, async () => 'never')
    controller.abort(reason)
    await expect(left).rejects.toBe(reason)
  })

  it('no longer listens to its caller once it has begun', async () => {
    const { limit, begin, end } = start(1)
    begin(1)
    const controller = new AbortController()
    const ending = Promise.withResolvers<string>()
    const waiting = limit.run(controller.signal, () => ending.promise)
    await end(1)
    controller.abort(new UpstreamError('deadline', { sent: false }))
    ending.resolve('answered')
    expect(await waiting).toBe('answered')
  })
})
