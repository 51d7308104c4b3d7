import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createInFlightRequests } from '../../../src/sources/http-client/in-flight-requests.ts'

const left = new Error('left')

/** Requests in flight that end when the test says so. */
function start() {
  const state = {
    shared: 0,
    started: [] as { readonly controller: AbortController; readonly ending: PromiseWithResolvers<string> }[],
  }
  const requests = createInFlightRequests({
    toCancelledError: () => left,
    onShared: () => {
      state.shared += 1
    },
  })
  const share = (key: string | null, signal = new AbortController().signal) => {
    const result = requests.share<string>(key, signal, (controller) => {
      const ending = Promise.withResolvers<string>()
      state.started.push({ controller, ending })
      return ending.promise
    })
    result.catch(() => {})
    return result
  }
  return { requests, share, state }
}

describe('requests in flight', () => {
  it('are shared by callers with one key until they settle', async () => {
    const { share, state } = start()
    const [first, second] = [share('a'), share('a')]
    expect([state.started.length, state.shared]).toEqual([1, 1])
    state.started[0]!.ending.resolve('answer')
    expect(await Promise.all([first, second])).toEqual(['answer', 'answer'])
    share('a')
    expect([state.started.length, state.shared]).toEqual([2, 1])
  })

  it('are not shared with another key, or without one', () => {
    const { share, state } = start()
    for (const key of ['a', 'b', null, null]) share(key)
    expect([state.started.length, state.shared]).toEqual([4, 0])
  })

  it('fail for all their callers, and are not shared after that', async () => {
    const { share, state } = start()
    const both = [share('a'), share('a')]
    const error = new Error('down')
    state.started[0]!.ending.reject(error)
    for (const one of both) await expect(one).rejects.toBe(error)
    share('a')
    expect(state.started).toHaveLength(2)
  })

  it('are not shared after an invalidation, and their end leaves the request after it alone', async () => {
    const { requests, share, state } = start()
    const before = share('a')
    requests.invalidate()
    const after = share('a')
    expect(state.started).toHaveLength(2)
    state.started[0]!.ending.resolve('old')
    expect(await before).toBe('old')
    share('a')
    expect([state.started.length, state.shared]).toEqual([2, 1])
    state.started[1]!.ending.resolve('new')
    expect(await after).toBe('new')
  })
})

describe('a caller that leaves', () => {
  it('ends at once, and the others go on', async () => {
    const { share, state } = start()
    const caller = new AbortController()
    const [first, second] = [share('a', caller.signal), share('a')]
    caller.abort()
    await expect(first).rejects.toBe(left)
    expect(state.started[0]!.controller.signal.aborted).toBe(false)
    state.started[0]!.ending.resolve('answer')
    expect(await second).toBe('answer')
  })

  it('as the last one aborts the request, which is then not shared', async () => {
    for (const key of ['a', null]) {
      const { share, state } = start()
      const caller = new AbortController()
      const only = share(key, caller.signal)
      caller.abort()
      await expect(only).rejects.toBe(left)
      expect(state.started[0]!.controller.signal).toMatchObject({ aborted: true, reason: { kind: 'cancelled', sent: false } })
      share(key)
      expect([state.started.length, state.shared]).toEqual([2, 0])
    }
  })

  it('before it asks starts nothing', async () => {
    const { share, state } = start()
    await expect(share('a', AbortSignal.abort())).rejects.toBe(left)
    expect(state.started).toEqual([])
  })

  it('is no longer listened to once the request has settled', async () => {
    const { share, state } = start()
    const callers = [new AbortController(), new AbortController()]
    const both = callers.map(({ signal }) => share('a', signal))
    expect(callers.map(({ signal }) => getEventListeners(signal, 'abort').length)).toEqual([1, 1])
    state.started[0]!.ending.resolve('answer')
    await Promise.all(both)
    expect(callers.map(({ signal }) => getEventListeners(signal, 'abort').length)).toEqual([0, 0])
    callers[0]!.abort()
    expect(state.started[0]!.controller.signal.aborted).toBe(false)
  })
})
