import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Metrics, noFailureLog, noMetrics } from '../../../src/domain/telemetry.ts'
import { limitsConfig } from '../../../src/http/config.ts'
import { refuseUnclearCredentials } from '../../../src/http/plugins/credentials.ts'
import { createOverloadMonitor, type Pressure, shedLoad } from '../../../src/http/plugins/overload.ts'
import { createRateLimiter, limitRefusedSignIns } from '../../../src/http/plugins/rate-limit.ts'
import { sendRaw } from './raw-http.ts'

const limits = limitsConfig.parse({})
let app: FastifyInstance
let handled = 0

/** An app with one plugin, whose routes count their requests. Listening on loopback. */
async function start(plugin: FastifyPluginAsync, status = 200): Promise<string> {
  app = Fastify({ genReqId: () => randomUUID() })
  handled = 0
  await app.register(plugin)
  for (const url of ['/graphql', '/webhooks/vcc', '/health/live', '/metrics']) {
    app.all(url, async (_request, reply) => {
      handled++
      return reply.code(status).send('here')
    })
  }
  return app.listen({ port: 0, host: '127.0.0.1' })
}
afterEach(() => app.close())

function monitorWith(pressure: Pressure, random = 0.5) {
  return createOverloadMonitor(limits.overload, { watch: () => () => pressure, random: () => random })
}
async function settled(monitor: ReturnType<typeof monitorWith>): Promise<typeof monitor> {
  await new Promise((resolve) => setTimeout(resolve, 250))
  return monitor
}

describe('PROCESS-04: a process under pressure', () => {
  it.each([
    ['event_loop', { eventLoop: 1, heap: 0.2 }],
    ['heap', { eventLoop: 0, heap: 1 }],
  ])('refuses new requests before any work begins because of the %s', async (cause, pressure) => {
    const shed: unknown[] = []
    const reported: string[] = []
    const metrics: Metrics = { ...noMetrics, count: (name, labels) => void shed.push([name, labels]) }
    const url = await start(
      shedLoad(await settled(monitorWith(pressure)), limits.overload, {
        metrics,
        failures: { report: ({ code }) => void reported.push(code) },
      }),
    )
    const answer = await fetch(`${url}/graphql`, { method: 'POST' })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(await answer.json()).toMatchObject({
      errors: [{ extensions: { code: 'OVERLOADED', retryable: true, retryAfter: 2 } }],
    })
    const event = await fetch(`${url}/webhooks/vcc`, { method: 'POST' })
    expect([event.status, event.headers.get('retry-after')]).toEqual([429, '2'])
    expect(reported).toEqual(['OVERLOADED', 'RATE_LIMITED'])
    expect(handled).toBe(0)
    expect(shed).toContainEqual(['overload_shed_total', { cause }])
  })
  it('still answers its operators', async () => {
    const url = await start(
      shedLoad(await settled(monitorWith({ eventLoop: 9, heap: 9 })), limits.overload, {
        metrics: noMetrics,
        failures: noFailureLog,
      }),
    )
    expect((await fetch(`${url}/health/live`)).status).toBe(200)
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
  })
  it('refuses nothing up to half of the allowed lag, and a growing share from there', async () => {
    const refusals = async (eventLoop: number, random: number) => {
      const monitor = await settled(monitorWith({ eventLoop, heap: 0.99 }, random))
      const refusal = monitor.refusal()
      monitor.close()
      return refusal
    }
    expect(await refusals(0.5, 0)).toBeNull()
    expect(await refusals(0.75, 0.49)).toBe('event_loop')
    expect(await refusals(0.75, 0.51)).toBeNull()
    expect(await refusals(1, 0.999)).toBe('event_loop')
    await start(refuseUnclearCredentials())
  })
  it('takes no samples while there are no requests, and an idle time is no lag', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const samples: number[] = []
    const metrics: Metrics = { ...noMetrics, observe: (_name, seconds) => void samples.push(seconds) }
    const monitor = createOverloadMonitor(limits.overload, { metrics })
    expect(vi.getTimerCount()).toBe(0)
    expect(monitor.isHealthy()).toBe(true)
    vi.advanceTimersByTime(500)
    expect(samples).toHaveLength(20)
    vi.advanceTimersByTime(60_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(samples).toHaveLength(40)
    expect([monitor.refusal(), monitor.isHealthy()]).toEqual([null, true])
    vi.advanceTimersByTime(25)
    expect(samples).toHaveLength(41)
    expect(Math.max(...samples)).toBeLessThan(1)
    monitor.close()
    expect([monitor.refusal(), vi.getTimerCount()]).toEqual([null, 0])
  })
  it('refuses nothing and is not sampled while the monitor is inactive', () => {
    let isActive = false
    let samples = 0
    const watch = () => () => {
      samples += 1
      return { eventLoop: 1, heap: 0 }
    }
    const monitor = createOverloadMonitor(limits.overload, { watch, isActive: () => isActive })
    expect([monitor.refusal(), monitor.isHealthy(), samples]).toEqual([null, true, 0])
    isActive = true
    expect([monitor.refusal(), monitor.isHealthy()]).toEqual(['event_loop', false])
    expect(samples).toBeGreaterThan(0)
    monitor.close()
  })
  it('is noticed for real: a blocked event loop is refused for, and recovers', async () => {
    const monitor = createOverloadMonitor({ ...limits.overload, eventLoopLagMs: 20 })
    const url = await start(shedLoad(monitor, limits.overload, { metrics: noMetrics, failures: noFailureLog }))
    const block = setInterval(() => {
      const until = performance.now() + 100
      while (performance.now() < until);
    }, 1)
    await expect.poll(() => monitor.refusal(), { timeout: 5_000 }).toBe('event_loop')
    clearInterval(block)
    await expect.poll(async () => (await fetch(`${url}/graphql`)).status, { timeout: 5_000 }).toBe(200)
  })
})

describe('TOKEN-09: unclear credentials are refused without a reason', () => {
  const token = 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA'
  it('two Authorization headers, in any case', async () => {
    const url = await start(refuseUnclearCredentials())
    const twice = `authorization: Bearer ${token}\r\nAUTHORIZATION: Bearer ${token}\r\n`
    expect(await sendRaw(url, `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n${twice}\r\n`)).toMatch(
      /^HTTP\/1.1 401 /,
    )
    expect(handled).toBe(0)
  })
  it.each(['access_token', 'token', 'id_token', 'Authorization'])('a token in the URL as %s', async (name) => {
    const url = await start(refuseUnclearCredentials())
    for (const query of [`?${name}=${token}`, `?query=x&${name}=${token}`]) {
      const answer = await fetch(`${url}/graphql${query}`, { headers: { authorization: `Bearer ${token}` } })
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ errors: [{ message: 'A valid bearer token is needed.' }] })
    }
    expect(handled).toBe(0)
  })
  it('but one header is clear, a query may speak of tokens, and a webhook may bring its own secret', async () => {
    const url = await start(refuseUnclearCredentials())
    expect((await fetch(`${url}/graphql?query=token`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
    expect((await fetch(`${url}/webhooks/vcc?token=secret`)).status).toBe(200)
  })
})

describe('refused sign-ins', () => {
  const none = () => false
  const limiter = () => createRateLimiter({ rate: { perSecond: 1, burst: 3 }, redis: null, metrics: noMetrics })
  it('are counted per address, which is answered 429 before its next token is looked at', async () => {
    const url = await start(limitRefusedSignIns(limiter(), none), 401)
    const statuses: number[] = []
    for (let tries = 0; tries < 6; tries++) statuses.push((await fetch(`${url}/graphql`)).status)
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429])
    expect(handled).toBe(4)
    expect((await fetch(`${url}/graphql`)).headers.get('retry-after')).toBe('3')
  })
  it('do not close the door to those behind the address who are known', async () => {
    const isKnown = ({ authorization }: { authorization?: string | undefined }) => authorization === 'Bearer good'
    const url = await start(limitRefusedSignIns(limiter(), isKnown), 401)
    for (let tries = 0; tries < 6; tries++) await fetch(`${url}/graphql`)
    expect((await fetch(`${url}/graphql`)).status).toBe(429)
    expect((await fetch(`${url}/graphql`, { headers: { authorization: 'Bearer good' } })).status).toBe(401)
    expect((await fetch(`${url}/health/live`)).status).toBe(401)
  })
  it('do not close the door to webhooks from that address', async () => {
    const url = await start(limitRefusedSignIns(limiter(), none), 401)
    for (let tries = 0; tries < 6; tries++) await fetch(`${url}/graphql`)
    expect((await fetch(`${url}/webhooks/vcc`)).status).toBe(401)
  })
  it('are the only requests that are counted here', async () => {
    const url = await start(limitRefusedSignIns(limiter(), none), 200)
    for (let tries = 0; tries < 10; tries++) expect((await fetch(`${url}/graphql`)).status).toBe(200)
  })
})
