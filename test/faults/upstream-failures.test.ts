import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { bytes, drip, endless, gzipBomb, hang, reset, status, truncate } from '../support/fault-proxy.ts'
import { counted, deadlineMs, expectPartialPage, type FaultyDesk, indiscreet, page, startFaultyDesk } from './fault-gateway.ts'
import { row } from './row.ts'

let desk: FaultyDesk
beforeAll(async () => {
  desk = await startFaultyDesk({
    oneViews: { gone: {}, nameless: {} },
    config: (config) => {
      const { gone, nameless } = config.sources
      const sources = {
        ...config.sources,
        gone: { ...gone!, url: `http://127.0.0.1:${closedPort}/ticket-detail` },
        nameless: { ...nameless!, url: 'http://nowhere.invalid/ticket-detail' },
      } as typeof config.sources
      return { ...config, sources }
    },
  })
})
afterAll(() => desk.close())

/** A port on which nobody listens. */
const closedPort = await (async () => {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
})()

// A success between the rows: five failures in a row would open the circuit.
beforeEach(async () => {
  desk.proxy('oneview').reset()
  const { data } = await page(desk, 'oneview')
  expect(data.tickets.nodes).toHaveLength(10)
  desk.proxy('oneview').reset()
})
const oneview = () => desk.proxy('oneview')
const calls = () => `${oneview().calls.length} call(s)`

const unavailable = { code: 'UPSTREAM_UNAVAILABLE', outcome: 'ERROR', retryable: true }
const badResponse = { code: 'UPSTREAM_BAD_RESPONSE', outcome: 'ERROR', retryable: false }
const timeout = { code: 'UPSTREAM_TIMEOUT', outcome: 'TIMEOUT', retryable: true }

for (const [key, what] of [
  ['gone', 'a source refuses the connection'],
  ['nameless', "a source's name does not resolve"],
] as const) {
  row('UPSTREAM-01', { done: what, expected: 'the others, UPSTREAM_UNAVAILABLE, one retry' }, async () => {
    await expectPartialPage(desk, key, unavailable)
    expect(await counted(desk, 'upstream_calls_total', { source: key, outcome: 'refused' })).toBe(2)
    expect(await counted(desk, 'upstream_retries_total', { source: key })).toBe(1)
    return 'UPSTREAM_UNAVAILABLE at its report, 10 tickets of the other, 2 tries'
  })
}

for (const [id, what, fault] of [
  ['UPSTREAM-02', 'a source hangs', hang],
  ['UPSTREAM-03', 'a source drips its body', drip],
] as const) {
  row(id, { done: what, expected: 'the others, UPSTREAM_TIMEOUT at the deadline' }, async () => {
    oneview().fault(fault)
    const startedAt = performance.now()
    await expectPartialPage(desk, 'oneview', timeout)
    expect(performance.now() - startedAt).toBeLessThan(3 * deadlineMs)
    expect(oneview().calls).toHaveLength(1)
    return `UPSTREAM_TIMEOUT after ${((performance.now() - startedAt) / 1000).toFixed(1)} s (deadline ${deadlineMs / 1000} s), ${calls()}`
  })
}

row(
  'UPSTREAM-04',
  { done: 'a source answers 500 with a talkative body', expected: 'one retry, UPSTREAM_UNAVAILABLE, no word of it' },
  async () => {
    oneview().fault(status(500, {}, JSON.stringify({ error: indiscreet })))
    await expectPartialPage(desk, 'oneview', unavailable)
    expect(oneview().calls).toHaveLength(2)
    return `UPSTREAM_UNAVAILABLE, ${calls()}, body not relayed`
  },
)

row('UPSTREAM-04', { done: 'a source answers 502 once', expected: 'the retry succeeds, nobody notices' }, async () => {
  oneview().fault(status(502), 1)
  const { data, errors } = await page(desk, 'oneview', 'verifik')
  expect(errors).toBeUndefined()
  expect(data.tickets.sources.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['OK', 'OK'])
  expect(oneview().calls).toHaveLength(2)
  return `both sources OK, ${calls()}`
})

const limited = { code: 'UPSTREAM_RATE_LIMITED', outcome: 'RATE_LIMITED', retryable: true }
for (const [what, toRetryAfter, most] of [
  ['7 seconds', () => '7', 7],
  ['a date in half a minute', () => new Date(Date.now() + 30_000).toUTCString(), 30],
  ['a year', () => '31536000', 60],
] as const) {
  row(
    'UPSTREAM-05',
    { done: `a source answers 429 and names ${what}`, expected: `UPSTREAM_RATE_LIMITED, retryAfter at most ${most}` },
    async () => {
      oneview().fault(status(429, { 'retry-after': toRetryAfter() }))
      const { retryAfter: told, retryAt } = await expectPartialPage(desk, 'oneview', limited)
      expect(told).toBeGreaterThan(0)
      expect(told).toBeLessThanOrEqual(most)
      expect(Date.parse(String(retryAt))).toBeLessThanOrEqual(Date.now() + most * 1000)
      expect(oneview().calls).toHaveLength(1)
      return `retryAfter ${told}, ${calls()}`
    },
  )
}

row(
  'UPSTREAM-05',
  { done: 'a source answers 429 and names nonsense', expected: 'UPSTREAM_RATE_LIMITED without a time' },
  async () => {
    oneview().fault(status(429, { 'retry-after': "-5 o'clock" }))
    expect((await expectPartialPage(desk, 'oneview', limited)).retryAfter).toBeUndefined()
    return `no retryAfter, ${calls()}`
  },
)

row(
  'UPSTREAM-06',
  { done: "a source answers 401 to the gateway's token", expected: "UPSTREAM_AUTH_FAILED, not the client's UNAUTHENTICATED" },
  async () => {
    oneview().fault(status(401, { 'www-authenticate': 'Bearer realm="x"' }))
    await expectPartialPage(desk, 'oneview', { code: 'UPSTREAM_AUTH_FAILED', outcome: 'UNAUTHENTICATED', retryable: false })
    expect(oneview().calls).toHaveLength(1)
    return `UPSTREAM_AUTH_FAILED at HTTP 200, ${calls()}`
  },
)

for (const [what, fault] of [
  ['HTML', bytes('<html><body><h1>Bad gateway</h1>', { 'content-type': 'text/html' })],
  ['nothing', bytes('')],
  ['half of its JSON as if it were all', bytes('{"list":[{"id":"a')],
  ['half of what it promised', truncate],
] as const) {
  row('UPSTREAM-08', { done: `a source answers ${what}`, expected: 'the others, UPSTREAM_BAD_RESPONSE' }, async () => {
    oneview().fault(fault)
    await expectPartialPage(desk, 'oneview', badResponse)
    return `UPSTREAM_BAD_RESPONSE, ${calls()}`
  })
}

for (const [what, fault] of [
  ['names 200 MB', endless(200 * 1024 * 1024)],
  ['never ends its answer', endless()],
  ['answers with a gzip bomb', gzipBomb()],
] as const) {
  row('UPSTREAM-10', { done: `a source ${what}`, expected: 'aborted at 4 MiB, UPSTREAM_BAD_RESPONSE' }, async () => {
    oneview().fault(fault)
    const before = process.memoryUsage().rss
    await expectPartialPage(desk, 'oneview', badResponse)
    expect(oneview().calls).toHaveLength(1)
    const grown = Math.max(0, process.memoryUsage().rss - before)
    expect(grown).toBeLessThan(150 * 1024 * 1024)
    return `UPSTREAM_BAD_RESPONSE, ${calls()}, memory +${(grown / 1024 / 1024).toFixed(0)} MB`
  })
}

row('UPSTREAM-11', { done: 'a source redirects to another host', expected: 'refused, no credentials sent there' }, async () => {
  const strangers: string[] = []
  const stranger = createServer((request, response) => {
    strangers.push(JSON.stringify(request.headers))
    response.end('{}')
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  try {
    for (const code of [301, 302, 307, 308]) {
      oneview().fault(status(code, { location: `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/v1/tickets` }))
      await expectPartialPage(desk, 'oneview', badResponse)
    }
    expect(strangers).toEqual([])
    return 'UPSTREAM_BAD_RESPONSE four times, 0 calls to the stranger'
  } finally {
    stranger.close()
  }
})

for (const [when, what, fault] of [
  ['before', 'before it answers', unavailable],
  ['headers', 'after its headers', badResponse],
  ['body', 'within its body', badResponse],
] as const) {
  row(
    'UPSTREAM-12',
    { done: `a source resets the connection ${what}, once`, expected: 'the read is repeated and succeeds' },
    async () => {
      oneview().fault(reset(when), 1)
      const { data, errors } = await page(desk, 'oneview')
      expect(errors).toBeUndefined()
      expect(data.tickets.nodes).toHaveLength(10)
      expect(oneview().calls).toHaveLength(2)
      return `10 tickets, ${calls()}`
    },
  )
  row(
    'UPSTREAM-12',
    { done: `a source resets the connection ${what}, always`, expected: `the others, ${fault.code}` },
    async () => {
      oneview().fault(reset(when))
      await expectPartialPage(desk, 'oneview', fault)
      expect(oneview().calls).toHaveLength(2)
      return `${fault.code}, ${calls()}`
    },
  )
}

row('UPSTREAM-12', { done: 'a source closes a kept connection at the next call', expected: 'nobody notices' }, async () => {
  await page(desk, 'oneview')
  const [first] = oneview().calls
  oneview().fault(({ socket }) => void socket.end(), 1)
  const { errors } = await page(desk, 'oneview')
  expect(errors).toBeUndefined()
  expect(
    oneview()
      .calls.map(({ port }) => port)
      .at(-1),
  ).not.toBe(first?.port)
  return `no error, ${calls()}, a new connection`
})
