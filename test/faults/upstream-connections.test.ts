import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { encodeId } from '../../src/domain/ids.ts'
import { resetPorts, status } from '../support/fault-proxy.ts'
import { expectPartialPage, type FaultyGateway, page, readCounter, startFaultyGateway } from './fault-gateway.ts'
import { guarantee } from './guarantee.ts'

let gateway: FaultyGateway
beforeAll(async () => {
  gateway = await startFaultyGateway({ oneViews: { idle: {} } })
})
afterAll(() => gateway.close())
beforeEach(async () => {
  oneview().reset()
  expect((await page(gateway, 'oneview')).data.tickets.nodes).toHaveLength(10)
  oneview().reset()
})
const oneview = () => gateway.proxy('oneview')

guarantee(
  'UPSTREAM-33',
  { fault: 'eight idle connections are reset at once', expected: '20 look-ups of 20, no retry, no open circuit' },
  async () => {
    const proxy = gateway.proxy('idle')
    const { data: listed } = await gateway.answer(
      '{ tickets(first: 20, filter: { sources: ["idle"] }) { nodes { externalId } } }',
    )
    const externalIds = (listed.tickets.nodes as { externalId: string }[]).map(({ externalId }) => externalId)
    const ids = externalIds.map((externalId) => encodeId('ticket', 'idle', '', externalId))
    const lookUp = () => gateway.answer('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Ticket { externalId } } }', { ids })
    const found = ({ data }: Awaited<ReturnType<typeof lookUp>>) =>
      (data.nodes as ({ externalId: string } | null)[]).map((ticket) => ticket?.externalId)
    expect(found(await lookUp())).toEqual(externalIds)
    const ports = new Set(proxy.calls.map(({ port }) => port))
    expect(ports.size).toBe(8)
    const health = '{ source(key: "idle") { health { state errorRate } } }'

    proxy.fault(resetPorts(ports))
    const before = proxy.calls.length
    const answer = await lookUp()
    expect(answer.errors).toBeUndefined()
    expect(found(answer)).toEqual(externalIds)
    expect(proxy.calls.slice(before).filter(({ port }) => ports.has(port)).length).toBeGreaterThanOrEqual(8)
    expect(await readCounter(gateway, 'upstream_retries_total', { source: 'idle' })).toBe(0)
    expect((await gateway.answer(health)).data.source.health).toEqual({ state: 'UP', errorRate: 0 })
    return '20 of 20, 0 retries, health UP with an error rate of 0'
  },
)

for (const kilobytes of [20, 48]) {
  guarantee(
    'UPSTREAM-36',
    { fault: `a source answers with a head of ${kilobytes} kB`, expected: 'its tickets come' },
    async () => {
      oneview().fault(async ({ response, forward }) => {
        const { body } = await forward()
        const cookies = Array.from({ length: kilobytes }, (_, index) => `c${index}=${'v'.repeat(1_000)}`)
        response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': cookies }).end(body)
      })
      const { data, errors } = await page(gateway, 'oneview')
      expect(errors).toBeUndefined()
      expect(data.tickets.nodes).toHaveLength(10)
      return '10 tickets'
    },
  )
}

guarantee(
  'UPSTREAM-36',
  { fault: 'a source answers with a head of 100 kB', expected: 'the others, UPSTREAM_BAD_RESPONSE' },
  async () => {
    const filler = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-filler-${index}`, 'f'.repeat(1_000)]))
    oneview().fault(status(200, filler, '{}'))
    await expectPartialPage(gateway, 'oneview', { code: 'UPSTREAM_BAD_RESPONSE', outcome: 'ERROR' })
    expect(oneview().calls).toHaveLength(1)
    return 'UPSTREAM_BAD_RESPONSE, 1 call'
  },
)
