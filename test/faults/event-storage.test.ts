import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, expect } from 'vitest'
import { type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'
import { type SentWebhook, ticket, toVcc, vccEvent } from './webhook-calls.ts'

let gateway: FaultyGateway
beforeAll(async () => {
  gateway = await startFaultyGateway()
})
afterAll(() => gateway.close())

guarantee(
  'WEBHOOK-15',
  { fault: '300 events come at once', expected: '2xx or 429 with Retry-After; every acknowledged one is stored' },
  async () => {
    const numbers = Array.from({ length: 300 }, (_, index) => 15_000 + index)
    const sent = await Promise.all(numbers.map((number) => toVcc(gateway, vccEvent('add', number, { title: 'burst' }))))
    const acknowledged = numbers.filter((_, index) => sent[index]?.status === 200)
    for (const { status, retryAfter } of sent) {
      expect([200, 429]).toContain(status)
      if (status === 429) expect(Number(retryAfter)).toBeGreaterThan(0)
    }
    const stored = await Promise.all(acknowledged.map((number) => ticket(gateway, 'vcc', `9-${number}`)))
    expect(stored.filter((one) => one?.title !== 'burst')).toEqual([])
    expect(acknowledged.length).toBeGreaterThan(0)
    return `${acknowledged.length} acknowledged and stored, ${300 - acknowledged.length} asked to retry`
  },
)

guarantee(
  'STORAGE-05',
  { fault: 'an event has NUL and a lone surrogate in its texts', expected: '200, normalised in the view' },
  async () => {
    const { status } = await toVcc(gateway, vccEvent('add', 16, { title: 'a\u0000b', description: 'half \ud83d of it' }))
    expect(status).toBe(200)
    const { title, description, raw } = await ticket(gateway, 'vcc', '9-16')
    expect(title).not.toContain('\u0000')
    expect(title).toMatch(/^a.?b$/)
    expect(description.isWellFormed()).toBe(true)
    expect(raw.title).toBe('a\ufffdb')
    const found = await gateway.ask('{ tickets(first: 5, filter: { sources: ["vcc"], text: "half" }) { nodes { externalId } } }')
    expect(found.tickets.nodes).toEqual([{ externalId: '9-16' }])
    return `title ${JSON.stringify(title)}, found by its text`
  },
)

guarantee(
  'STORAGE-06',
  { fault: 'the embedded database stores 100 events a second for three seconds', expected: 'event-loop lag under 100 ms' },
  async () => {
    const lag = monitorEventLoopDelay({ resolution: 10 })
    await gateway.idle()
    lag.enable()
    const sending: Promise<SentWebhook>[] = []
    for (let tick = 0; tick < 60; tick++) {
      for (let each = 0; each < 5; each++)
        sending.push(toVcc(gateway, vccEvent('add', 20_000 + tick * 5 + each, { title: 'steady' })))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect((await Promise.all(sending)).every(({ status }) => status === 200)).toBe(true)
    await gateway.idle()
    lag.disable()
    const [p50, p99] = [lag.percentile(50) / 1e6 - 10, lag.percentile(99) / 1e6 - 10]
    expect(p99).toBeLessThan(3 * 100)
    return `lag p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, sandbox and test in the same process`
  },
)
