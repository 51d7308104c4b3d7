import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { holdBack, status } from '../support/fault-proxy.ts'
import { expectPartialPage, type FaultyGateway, page, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

/** Changes of the circuit breaker, by source. */
const breakers: Readonly<Record<string, object>> = {
  circuit: {},
  probed: { openMs: 1_000 },
  crowd: { failures: 100_000 },
  failing: { failures: 100_000 },
}

let gateway: FaultyGateway
beforeAll(async () => {
  gateway = await startFaultyGateway({
    oneViews: { circuit: {}, probed: {}, crowd: {}, failing: {} },
    config: (config) => {
      const sources = Object.entries(config.sources).map(([key, source]) => [
        key,
        source.system === 'oneview' ? { ...source, upstream: { ...source.upstream, ...breakers[key] } } : source,
      ])
      return { ...config, sources: Object.fromEntries(sources) }
    },
  })
})
afterAll(() => gateway.close())
beforeEach(() => {
  for (const key of Object.keys(breakers)) gateway.proxy(key).reset()
})

const idOf = (externalId: string, key: string) => encodeId('ticket', key, '', externalId)
const read = (externalId: string, key: string) =>
  gateway.answer('query ($id: ID!) { ticket(id: $id) { externalId title raw } }', { id: idOf(externalId, key) })

guarantee(
  'UPSTREAM-14',
  { fault: 'a source fails five times in a row', expected: 'CIRCUIT_OPEN for 30 s, no call, in under 5 ms' },
  async () => {
    const proxy = gateway.proxy('circuit')
    proxy.fault(status(500))
    for (let failed = 0; failed < 5; failed = proxy.calls.length) await page(gateway, 'circuit')
    const before = proxy.calls.length
    const latencies: number[] = []
    for (let asked = 0; asked < 20; asked++) {
      const { data } = await gateway.answer(
        '{ tickets(first: 1, filter: { sources: ["circuit"] }) { sources { outcome latencyMs } } }',
      )
      expect(data.tickets.sources[0].outcome).toBe('CIRCUIT_OPEN')
      latencies.push(data.tickets.sources[0].latencyMs)
    }
    const { retryAfter } = await expectPartialPage(gateway, 'circuit', {
      code: 'CIRCUIT_OPEN',
      outcome: 'CIRCUIT_OPEN',
    })
    expect(proxy.calls).toHaveLength(before)
    expect(retryAfter).toBeGreaterThan(15)
    expect(retryAfter).toBeLessThanOrEqual(30)
    const median = latencies.sort((one, other) => one - other)[10] ?? Number.NaN
    expect(median).toBeLessThan(3 * 5)
    return `CIRCUIT_OPEN, retryAfter ${retryAfter}, no further call, median ${median.toFixed(2)} ms`
  },
)

guarantee(
  'UPSTREAM-14',
  {
    fault: 'the time of an open circuit ends and twenty clients read at once',
    expected: 'one call probes, then the circuit closes',
  },
  async () => {
    const proxy = gateway.proxy('probed')
    proxy.fault(status(500))
    for (let failed = 0; failed < 5; failed = proxy.calls.length) await page(gateway, 'probed')
    const probe = holdBack()
    proxy.reset()
    proxy.fault(probe.fault)
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    let answered = 0
    const asked = Array.from({ length: 20 }, async (_, index) => {
      // Different tickets: equal reads would share the probe.
      const answer = await read(`probe-${index}`, 'probed')
      answered += 1
      return answer
    })
    await expect.poll(() => [probe.waiting(), answered], { timeout: 10_000 }).toEqual([1, 19])
    proxy.fault(null)
    probe.release()
    const answers = await Promise.all(asked)
    expect(proxy.calls).toHaveLength(1)
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? [])
    expect(codes).toEqual(Array(19).fill('CIRCUIT_OPEN'))
    const { errors } = await page(gateway, 'probed')
    expect(errors).toBeUndefined()
    return '1 call while probing, closed again afterwards'
  },
)

guarantee(
  'UPSTREAM-15',
  { fault: 'one source hangs for 300 readers', expected: 'at most 64 calls to it; the other source stays as fast' },
  async () => {
    const proxy = gateway.proxy('crowd')
    const quick = async () => {
      const times: number[] = []
      for (let count = 0; count < 60; count++) {
        const { data } = await gateway.answer(
          '{ tickets(first: 5, filter: { sources: ["verifik"] }) { sources { outcome latencyMs } } }',
        )
        expect(data.tickets.sources[0].outcome).toBe('OK')
        times.push(data.tickets.sources[0].latencyMs)
      }
      return times.sort((one, other) => one - other)
    }
    await quick()
    const before = await quick()
    const slow = holdBack()
    proxy.fault(slow.fault)
    const waiting = Array.from({ length: 300 }, (_, index) => read(`missing-${index}`, 'crowd'))
    await expect.poll(slow.waiting).toBe(64)
    const during = await quick()
    expect(slow.waiting()).toBeLessThanOrEqual(64)
    proxy.reset()
    slow.release()
    await Promise.all(waiting)
    const [p50, p99] = [during[30]!, during[58]!]
    expect(p50).toBeLessThan(3 * 1.2 * before[30]! + 15)
    return `64 calls at once; the other's p50 ${before[30]!.toFixed(1)} → ${p50.toFixed(1)} ms, p99 ${before[58]!.toFixed(1)} → ${p99.toFixed(1)} ms`
  },
)

guarantee(
  'UPSTREAM-16',
  { fault: 'a source answers 503 to 100 reads', expected: 'at most 20 % more calls than reads' },
  async () => {
    const proxy = gateway.proxy('failing')
    proxy.fault(status(503))
    const ids = Array.from({ length: 100 }, (_, index) => idOf(`down-${index}`, 'failing'))
    const { errors } = await gateway.answer('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })
    expect(errors).toHaveLength(100)
    expect(proxy.calls.length).toBeGreaterThanOrEqual(100)
    expect(proxy.calls.length).toBeLessThanOrEqual(120)
    return `100 errors, ${proxy.calls.length} calls`
  },
)
