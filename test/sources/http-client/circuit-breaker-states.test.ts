import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCircuitBreaker } from '../../../src/sources/http-client/circuit-breaker.ts'
import { defaultLimits, type HttpClientLimits } from '../../../src/sources/http-client/config.ts'
import { UpstreamError } from '../../../src/sources/http-client/upstream-error.ts'

afterEach(() => vi.useRealTimers())

const failure = () => new UpstreamError('server', { sent: true })
const { signal } = new AbortController()

/** A circuit breaker that opens after two failures for ten seconds, on a clock that the test moves. */
function start(changes: Partial<HttpClientLimits> = {}) {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 })
  const states: string[] = []
  const lowered: number[] = []
  const breaker = createCircuitBreaker({
    limits: { ...defaultLimits, failures: 2, openMs: 10_000, ...changes },
    clock: Date.now,
    onStateChange: (state) => void states.push(state),
    onLowered: (limit) => void lowered.push(limit),
  })
  const run = (kind: 'read' | 'write', outcome: unknown) =>
    breaker
      .execute(kind, signal, () => (outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome)))
      .catch((error: unknown) => error)
  return { breaker, states, lowered, run, advance: (ms: number) => vi.setSystemTime(Date.now() + ms) }
}

describe('UPSTREAM-14: the states of a circuit', () => {
  it('are closed, open after failures in a row, probing after a while, and closed after a success', async () => {
    const { breaker, states, run, advance } = start()
    expect(breaker.state).toBe('closed')
    await run('read', failure())
    expect(breaker.state).toBe('closed')
    await run('write', failure())
    expect(breaker.state).toBe('open')
    advance(10_000)
    const probe = Promise.withResolvers<string>()
    const probing = breaker.execute('read', signal, () => probe.promise)
    expect(breaker.state).toBe('probing')
    probe.resolve('ok')
    expect(await probing).toBe('ok')
    expect(breaker.state).toBe('closed')
    expect(states).toEqual(['open', 'probing', 'closed'])
  })

  it('refuse a call with the seconds that are left, rounded up, and at least one', async () => {
    const { run, advance } = start()
    for (let call = 0; call < 2; call++) await run('read', failure())
    const refused = { kind: 'circuitOpen', sent: false }
    expect(await run('read', 'never')).toMatchObject({ ...refused, retryAfter: 10 })
    advance(2_500)
    expect(await run('write', 'never')).toMatchObject({ ...refused, retryAfter: 8 })
    advance(7_499)
    expect(await run('read', 'never')).toMatchObject({ ...refused, retryAfter: 1 })
  })

  it('refuse other calls during a probe', async () => {
    const { breaker, run, advance } = start()
    for (let call = 0; call < 2; call++) await run('read', failure())
    advance(10_000)
    const probe = Promise.withResolvers<string>()
    const probing = breaker.execute('read', signal, () => probe.promise)
    expect(await run('read', 'never')).toMatchObject({ kind: 'circuitOpen', retryAfter: 1 })
    expect(await run('write', 'never')).toMatchObject({ kind: 'circuitOpen' })
    probe.resolve('ok')
    expect(await probing).toBe('ok')
  })

  it('do not close with a probe that says nothing about the source', async () => {
    const { breaker, run, advance } = start()
    for (let call = 0; call < 2; call++) await run('read', failure())
    advance(10_000)
    const left = new UpstreamError('cancelled', { sent: true })
    expect(await run('read', left)).toBe(left)
    expect(breaker.state).toBe('open')
    // The time begins anew.
    advance(9_999)
    expect(await run('read', 'never')).toMatchObject({ kind: 'circuitOpen', retryAfter: 1 })
  })

  it('do not change with errors that are no fault of the source', async () => {
    const { breaker, run } = start()
    for (const error of [new TypeError('a defect'), new UpstreamError('rateLimited', { sent: true })])
      for (let call = 0; call < 3; call++) expect(await run('read', error)).toBe(error)
    expect(breaker.state).toBe('closed')
  })

  it('stop a call that waited for its turn while the circuit opened', async () => {
    const { breaker, states } = start({ concurrentReads: 1, waitingReads: 5, failures: 1 })
    const endings: PromiseWithResolvers<string>[] = []
    const run = () => {
      const attempt = () => {
        const ending = Promise.withResolvers<string>()
        endings.push(ending)
        return ending.promise
      }
      return breaker.execute('read', signal, attempt).catch((error: unknown) => error)
    }
    const [first, second, third] = [run(), run(), run()]
    endings[0]!.reject(failure())
    expect(await first).toMatchObject({ kind: 'server' })
    expect(await Promise.all([second, third])).toMatchObject([{ kind: 'circuitOpen' }, { kind: 'circuitOpen' }])
    expect([endings.length, states]).toEqual([1, ['open']])
  })

  it('refuse a call at once while the circuit is open, also where it would have to wait for its turn', async () => {
    for (const [kind, other] of [
      ['read', 'write'],
      ['write', 'read'],
    ] as const) {
      const { breaker, run } = start({ concurrentReads: 4, concurrentWrites: 2, failures: 1 })
      // The overload leaves two reads at once, of the four places.
      await run('read', new UpstreamError('rateLimited', { sent: true }))
      const ending = Promise.withResolvers<string>()
      const running = [1, 2].map(() => breaker.execute(kind, signal, () => ending.promise))
      await run(other, failure())
      expect(await run(kind, 'never')).toMatchObject({ kind: 'circuitOpen' })
      ending.resolve('ok')
      expect(await Promise.all(running)).toEqual(['ok', 'ok'])
    }
  })
})

describe('UPSTREAM-15: the bulkheads', () => {
  const begin = (breaker: ReturnType<typeof start>['breaker'], kind: 'read' | 'write', by = signal) => {
    const ending = Promise.withResolvers<string>()
    const result = breaker.execute(kind, by, () => ending.promise).catch((error: unknown) => error)
    return { ending, result }
  }

  it('of reads and of writes are separate, and refuse what has no place', async () => {
    const { breaker } = start({ concurrentReads: 1, waitingReads: 1, concurrentWrites: 1, waitingWrites: 0 })
    const [read, waiting, write] = [begin(breaker, 'read'), begin(breaker, 'read'), begin(breaker, 'write')]
    const full = { kind: 'bulkheadFull', sent: false, retryAfter: 1 }
    expect(await begin(breaker, 'read').result).toMatchObject(full)
    expect(await begin(breaker, 'write').result).toMatchObject(full)
    for (const { ending } of [read, waiting, write]) ending.resolve('ok')
    expect(await Promise.all([read.result, waiting.result, write.result])).toEqual(['ok', 'ok', 'ok'])
    expect(breaker.state).toBe('closed')
  })

  it('let a call that waits leave with the reason of its signal, and never run it', async () => {
    const { breaker } = start({ concurrentWrites: 1, waitingWrites: 2 })
    const first = begin(breaker, 'write')
    const controller = new AbortController()
    let ran = false
    const left = breaker.execute('write', controller.signal, async () => {
      ran = true
    })
    const reason = new UpstreamError('cancelled', { sent: false })
    controller.abort(reason)
    await expect(left).rejects.toBe(reason)
    first.ending.resolve('ok')
    await first.result
    await new Promise((resolve) => setImmediate(resolve))
    expect(ran).toBe(false)
  })

  it.each(['read', 'write'] as const)(
    'do not count a %s whose time ended while it waited as a failure of the source',
    async (kind) => {
      const { breaker, lowered } = start({ concurrentReads: 1, concurrentWrites: 1, failures: 1 })
      const first = begin(breaker, kind)
      const controller = new AbortController()
      const second = begin(breaker, kind, controller.signal)
      const reason = new UpstreamError('deadline', { sent: false })
      controller.abort(reason)
      expect(await second.result).toBe(reason)
      first.ending.resolve('ok')
      expect(await first.result).toBe('ok')
      await new Promise((resolve) => setImmediate(resolve))
      expect([breaker.state, lowered]).toEqual(['closed', []])
    },
  )

  it('no longer listen to the caller of a call that has begun', async () => {
    const { breaker } = start({ concurrentWrites: 1, waitingWrites: 2 })
    const first = begin(breaker, 'write')
    const controller = new AbortController()
    const second = begin(breaker, 'write', controller.signal)
    first.ending.resolve('ok')
    await first.result
    await new Promise((resolve) => setImmediate(resolve))
    controller.abort(new UpstreamError('cancelled', { sent: true }))
    second.ending.resolve('second')
    expect(await second.result).toBe('second')
  })

  it('tell when an overload has lowered how many reads run at once', async () => {
    const { lowered, run } = start({ concurrentReads: 8, failures: 99 })
    await run('write', new UpstreamError('rateLimited', { sent: true }))
    expect(lowered).toEqual([])
    await run('read', new UpstreamError('rateLimited', { sent: true }))
    expect(lowered).toEqual([4])
  })
})
