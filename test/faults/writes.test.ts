import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { defaultLimits } from '../../src/sources/http-client/config.ts'
import { type Fault, hang, holdBack, status } from '../support/fault-proxy.ts'
import { expectNoInternals, type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

let gateway: FaultyGateway
/** Operations have a second, and OneView never answers a write. */
let short: FaultyGateway
let assigned: string[]
let message: string
beforeAll(async () => {
  // `narrow` sends one write at a time, and lets none wait. Nothing listens at the address of `gone`.
  const narrow = { ...defaultLimits, concurrentWrites: 1, waitingWrites: 0 }
  gateway = await startFaultyGateway({ oneViews: { narrow: { upstream: narrow }, broken: {}, gone: {} } })
  await gateway.proxy('gone').close()
  const query = `{
    oneview: tickets(first: 100, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { externalId } }
    verifik: tickets(first: 1, filter: { sources: ["verifik"], status: [OPEN] }) { nodes { id } }
  }`
  const { oneview, verifik } = await gateway.ask(query)
  assigned = oneview.nodes.map((node: { externalId: string }) => node.externalId)
  message = verifik.nodes[0].id
  short = await startFaultyGateway({
    config: (config) => ({ ...config, limits: { ...config.limits, operationTimeoutMs: 1_000 } }),
  })
  short.proxy('oneview').fault(ofWrites(hang))
})
afterAll(async () => {
  await gateway.close()
  await short.close()
})
beforeEach(() => {
  for (const key of ['oneview', 'verifik', 'narrow', 'broken']) gateway.proxy(key).reset()
})

/** An assigned ticket that no other test used. */
const fresh = (source = 'oneview') =>
  encodeId('ticket', source, '', assigned.shift() ?? expect.fail('the sandbox has no more assigned tickets'))

/** A reply to Verifik, then the closing of a OneView ticket, in one operation. */
const two = (close: string) =>
  gateway.answer(
    `mutation ($reply: ID!, $close: ID!) {
      a: replyToTicket(input: { id: $reply, body: "We are on it.", visibility: PUBLIC }) { outcome ticket { id } }
      b: closeTicket(input: { id: $close, idempotencyKey: "${close}" }) {
        outcome ticket { status } userErrors { code message field retryable retryAt }
      }
    }`,
    { reply: message, close },
  )
const closeAlone = (id: string, key: string | null = null) =>
  gateway.answer(
    'mutation ($id: ID!, $key: String) { closeTicket(input: { id: $id, idempotencyKey: $key }) { outcome userErrors { code } } }',
    { id, key },
  )

/** The fault for writes alone: reads reach the source. */
const ofWrites =
  (fault: Fault): Fault =>
  async (exchange) => {
    if (exchange.call.method !== 'GET') return fault(exchange)
    const { status: code, headers, body } = await exchange.forward()
    exchange.response.writeHead(code, headers).end(body)
  }

for (const [what, fault, code, seconds] of [
  ['answers 401', status(401), 'SOURCE_AUTH_FAILED', null],
  ['answers 429 with a Retry-After of 7 seconds', status(429, { 'retry-after': '7' }), 'SOURCE_RATE_LIMITED', 7],
  ['answers 429', status(429), 'SOURCE_RATE_LIMITED', 1],
] as const) {
  guarantee(
    'WRITE-01',
    { fault: `the source of the second of two writes ${what}`, expected: `both results, the second REJECTED, ${code}` },
    async () => {
      const id = fresh()
      gateway.proxy('oneview').fault(ofWrites(fault))
      const askedAt = Date.now()
      const { data, errors } = await two(id)
      expect(errors).toBeUndefined()
      expect(data.a).toEqual({ outcome: 'APPLIED', ticket: { id: message } })
      const userError = {
        code,
        field: null,
        retryable: seconds !== null,
        message: expect.stringContaining('nothing was changed'),
      }
      expect(data.b).toMatchObject({ outcome: 'REJECTED', ticket: { status: 'IN_PROGRESS' }, userErrors: [userError] })
      const [{ retryAt }] = data.b.userErrors
      if (seconds === null) expect(retryAt).toBeNull()
      else {
        expect(Date.parse(retryAt)).toBeGreaterThanOrEqual(askedAt + seconds * 1000)
        expect(Date.parse(retryAt)).toBeLessThanOrEqual(Date.now() + seconds * 1000)
      }
      expectNoInternals(data)
      // The key is free again: the same write is sent anew.
      gateway.proxy('oneview').reset()
      expect((await two(id)).data.b).toMatchObject({ outcome: 'APPLIED', ticket: { status: 'CLOSED' } })
      return `APPLIED; REJECTED, ${code}, retryAt ${retryAt === null ? 'null' : 'given'}; sent again under its key: APPLIED`
    },
  )
}

guarantee(
  'WRITE-01',
  { fault: 'the circuit of the second source of two writes is open', expected: 'both results, SOURCE_UNAVAILABLE' },
  async () => {
    const broken = gateway.proxy('broken')
    broken.fault(status(500))
    for (let n = 0; n < defaultLimits.failures; n++) await closeAlone(fresh('broken'))
    broken.reset()
    const { data, errors } = await two(fresh('broken'))
    expect(errors).toBeUndefined()
    expect(data.a.outcome).toBe('APPLIED')
    const userError = { code: 'SOURCE_UNAVAILABLE', retryable: true, retryAt: expect.any(String) }
    expect(data.b).toMatchObject({ outcome: 'REJECTED', ticket: null, userErrors: [userError] })
    // The circuit stays open for 30 seconds.
    expect(Date.parse(data.b.userErrors[0].retryAt)).toBeGreaterThan(Date.now())
    expect(broken.calls).toEqual([])
    return 'APPLIED; REJECTED, SOURCE_UNAVAILABLE, 0 calls'
  },
)

guarantee(
  'WRITE-01',
  { fault: 'the second source of two writes refuses the connection', expected: 'both results, SOURCE_UNAVAILABLE' },
  async () => {
    const { data, errors } = await two(fresh('gone'))
    expect(errors).toBeUndefined()
    expect(data.a.outcome).toBe('APPLIED')
    const userError = { code: 'SOURCE_UNAVAILABLE', retryable: true, retryAt: expect.any(String) }
    expect(data.b).toMatchObject({ outcome: 'REJECTED', ticket: null, userErrors: [userError] })
    expectNoInternals(data)
    return 'APPLIED; REJECTED, SOURCE_UNAVAILABLE'
  },
)

guarantee(
  'WRITE-01',
  { fault: 'the bulkhead of the second source of two writes is full', expected: 'both results, SOURCE_UNAVAILABLE' },
  async () => {
    const held = holdBack()
    gateway.proxy('narrow').fault(held.fault, 1)
    const running = closeAlone(fresh('narrow'))
    await expect.poll(held.waiting).toBe(1)
    const { data, errors } = await two(fresh('narrow'))
    held.release()
    expect(errors).toBeUndefined()
    expect(data.a.outcome).toBe('APPLIED')
    const userError = { code: 'SOURCE_UNAVAILABLE', retryable: true, retryAt: expect.any(String) }
    expect(data.b).toMatchObject({ outcome: 'REJECTED', ticket: { status: 'IN_PROGRESS' }, userErrors: [userError] })
    expect((await running).data.closeTicket.outcome).toBe('APPLIED')
    return 'APPLIED; REJECTED, SOURCE_UNAVAILABLE; the running write: APPLIED'
  },
)

guarantee(
  'WRITE-01',
  { fault: 'the first of two writes takes the whole time of the operation', expected: 'both results, neither lost' },
  async () => {
    const { data, errors } = await short.answer(
      `mutation ($a: ID!, $b: ID!) {
        a: closeTicket(input: { id: $a }) { outcome userErrors { code } }
        b: closeTicket(input: { id: $b }) { outcome userErrors { code retryable } }
      }`,
      { a: fresh(), b: fresh() },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      a: { outcome: 'UNKNOWN', userErrors: [{ code: 'OUTCOME_UNKNOWN' }] },
      b: { outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_UNAVAILABLE', retryable: true }] },
    })
    return 'UNKNOWN; REJECTED, SOURCE_UNAVAILABLE'
  },
)

guarantee(
  'WRITE-02',
  { fault: 'a closed ticket is closed again', expected: 'CONFLICT, with the ticket as it is now' },
  async () => {
    const id = fresh()
    const close =
      'mutation ($id: ID!) { closeTicket(input: { id: $id }) { outcome ticket { status } userErrors { code retryable } } }'
    await gateway.ask(close, { id })
    expect(await gateway.ask(close, { id })).toEqual({
      closeTicket: {
        outcome: 'REJECTED',
        ticket: { status: 'CLOSED' },
        userErrors: [{ code: 'CONFLICT', retryable: false }],
      },
    })
    return 'REJECTED, CONFLICT, status CLOSED'
  },
)
