import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { connectPrepared } from '../../src/performance/embedded-session.ts'
import { openTestStore } from '../support/databases.ts'
import { startGatewayUnderTest } from '../support/gateway.ts'
import { findTestSource } from '../support/ingestion-fixture.ts'
import { promotedBytesPerRun } from '../support/promoted-bytes.ts'

test('a ticket looked up over prepared statements promotes less than 600 bytes to the old generation', async () => {
  const store = await openTestStore({ findSource: findTestSource, connectPGlite: connectPrepared })
  const refs = [{ kind: 'ticket', sourceKey: 'vcc', tenant: '7', externalId: '5' }] as const
  expect(await promotedBytesPerRun(() => store.tickets.find([...refs]))).toBeLessThan(600)
  await store.close()
}, 120_000)

// A page of 50 tickets is about 300 kB of objects. One function that is assigned to a property for each request would promote them all.
test('a page of 50 tickets promotes less than 10 kB to the old generation', async () => {
  const rate = { perSecond: 1_000_000, burst: 1_000_000 }
  const gateway = await startGatewayUnderTest({
    replayHistory: false,
    config: (config) => ({ ...config, limits: { ...config.limits, rate } }),
  })
  const agent = new Agent({ keepAlive: true })
  const query =
    '{ tickets(first: 50, filter: { sources: ["oneview"] }) { nodes { id title customer { name } links { externalId } } } }'
  const lengths = new Set<number>()
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' }
      const sent = request(`${gateway.url}/graphql`, { method: 'POST', agent, headers }, async (response) => {
        const { data } = JSON.parse(await text(response))
        lengths.add(data?.tickets.nodes.length ?? 0)
        resolve()
      })
      sent.on('error', reject).end(JSON.stringify({ query }))
    })
  expect(await promotedBytesPerRun(ask, 20)).toBeLessThan(10_000)
  expect([...lengths]).toEqual([50])
  agent.destroy()
  await gateway.close()
}, 120_000)
