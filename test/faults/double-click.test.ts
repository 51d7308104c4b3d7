import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { createDatabase, hasPostgres } from '../support/databases.ts'
import { doneThen, type Fault, hang, late, status } from '../support/fault-proxy.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { deadlineMs, type FaultyGateway, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

const close = `mutation ($id: ID!, $key: String) {
  closeTicket(input: { id: $id, idempotencyKey: $key }) { outcome ticket { status } userErrors { code message retryable } }
}`

/** Two ways to the same source: a gateway, and the gateway to which the second click comes. */
interface Clicked {
  readonly gateway: FaultyGateway
  readonly second: GatewayUnderTest
  /** A replica whose operations have a second; null: there is one gateway. */
  readonly hurried: GatewayUnderTest | null
  stop(): Promise<void>
}

async function startOne(): Promise<Clicked> {
  const gateway = await startFaultyGateway()
  return { gateway, second: gateway, hurried: null, stop: gateway.close }
}

/** Replicas on one PostgreSQL, over one OneView. */
async function startReplicas(): Promise<Clicked> {
  const database = await createDatabase()
  const environment = { DATABASE_URL: database.url }
  const gateway = await startFaultyGateway({ environment })
  const start = (operationTimeoutMs: number) =>
    startGatewayUnderTest({
      environment,
      replayHistory: false,
      config: (config) => {
        const { oneview } = config.sources
        if (oneview?.system !== 'oneview') throw new Error('the sandbox has no OneView')
        const url = gateway.proxy('oneview').origin + new URL(oneview.url).pathname
        const limits = { ...config.limits, operationTimeoutMs }
        return { ...config, limits, sources: { ...config.sources, oneview: { ...oneview, url, timeoutMs: deadlineMs } } }
      },
    })
  const [second, hurried] = [await start(30_000), await start(1_000)]
  const stop = async () => {
    await gateway.close()
    await second.close()
    await hurried.close()
    await database.drop()
  }
  return { gateway, second, hurried, stop }
}

const engines = [
  { name: 'one gateway', start: startOne },
  ...((await hasPostgres()) ? [{ name: 'two replicas', start: startReplicas }] : []),
]

for (const { name, start } of engines) {
  describe(name, () => {
    let clicked: Clicked
    let assigned: string[]
    beforeAll(async () => {
      clicked = await start()
      const query = '{ tickets(first: 100, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { externalId } } }'
      const { tickets } = await clicked.gateway.ask(query)
      assigned = tickets.nodes.map((node: { externalId: string }) => node.externalId)
    })
    afterAll(() => clicked.stop())
    beforeEach(() => clicked.gateway.proxy('oneview').reset())

    const proxy = () => clicked.gateway.proxy('oneview')
    const writes = () => proxy().calls.filter(({ method }) => method === 'POST')
    const fresh = () => encodeId('ticket', 'oneview', '', assigned.shift() ?? expect.fail('no more assigned tickets'))

    /** The answers to two clicks, the second of them while the first waits for its source. */
    async function clickTwice(id: string, fault: Fault, second = clicked.second) {
      const gate = Promise.withResolvers<void>()
      proxy().fault(async (exchange) => {
        if (exchange.call.method === 'GET') return late(0)(exchange)
        await gate.promise
        await fault(exchange)
      })
      const variables = { id, key: `click ${id}` }
      const first = clicked.gateway.answer(close, variables)
      await expect.poll(() => writes().length).toBe(1)
      const repeated = second.answer(close, variables)
      // Long enough for the second request to find the first one running. When it comes later, it gets the stored answer.
      await sleep(300)
      gate.resolve()
      const [one, two] = await Promise.all([first, repeated])
      expect([one.errors, two.errors]).toEqual([undefined, undefined])
      return [one.data.closeTicket, two.data.closeTicket]
    }

    for (const [what, fault, expected] of [
      ['closes the ticket', late(0), { outcome: 'APPLIED', ticket: { status: 'CLOSED' }, userErrors: [] }],
      [
        'asks for fewer calls',
        status(429),
        { outcome: 'REJECTED', userErrors: [{ code: 'SOURCE_RATE_LIMITED', retryable: true }] },
      ],
      ['refuses', status(409), { outcome: 'REJECTED', userErrors: [{ code: 'CONFLICT', retryable: false }] }],
      [
        'does it and answers 500',
        doneThen(500),
        { outcome: 'UNKNOWN', ticket: { status: 'CLOSED' }, userErrors: [{ code: 'OUTCOME_UNKNOWN', retryable: false }] },
      ],
    ] as const) {
      guarantee(
        'WRITE-04',
        { fault: `${name}: a second click comes while the source ${what}`, expected: 'one call, the same answer for both' },
        async () => {
          const [first, second] = await clickTwice(fresh(), fault)
          expect(first).toMatchObject(expected)
          expect(second).toEqual(first)
          expect(writes()).toHaveLength(1)
          return `1 POST, ${first.outcome} twice`
        },
      )
    }

    if (name === 'two replicas') {
      guarantee(
        'WRITE-04',
        { fault: `${name}: the source hangs longer than the second click waits`, expected: 'CONFLICT, with the ticket' },
        async () => {
          const [first, second] = await clickTwice(fresh(), hang, clicked.hurried ?? undefined)
          expect(first.outcome).toBe('UNKNOWN')
          expect(second).toMatchObject({
            outcome: 'REJECTED',
            ticket: { status: 'IN_PROGRESS' },
            userErrors: [{ code: 'CONFLICT', message: expect.stringContaining('still running') }],
          })
          expect(writes()).toHaveLength(1)
          return '1 POST, UNKNOWN and CONFLICT'
        },
      )
    }
  })
}
