import { afterEach, expect, it, vi } from 'vitest'
import type { Simulator } from '../../sandbox/simulator.ts'
import { serveSimulator } from '../../sandbox/simulator-server.ts'

const started: { close(): Promise<void> }[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(started.splice(0).map((server) => server.close()))
})

const broken: Simulator = {
  routes: [
    {
      ...{ method: 'GET', path: /^\/broken$/, operation: 'broken' },
      handle() {
        throw new Error('the state is broken')
      },
    },
    { method: 'GET', path: /^\/whole$/, operation: 'whole', handle: () => ({ status: 200, body: { whole: true } }) },
  ],
  authorise: () => null,
  failure: (status) => ({ error: { title: 'vendor', status } }),
  tickets: () => 0,
  ticket() {
    throw new Error('the state is broken')
  },
  changeOne: () => [],
}

it('answers an exception of a route with 500 in the format of the vendor, counts the call, and goes on', async () => {
  const log = vi.spyOn(console, 'error').mockReturnValue()
  const server = await serveSimulator(broken, { host: '127.0.0.1', port: 0, latencyMs: 0 })
  started.push(server)
  const answer = await fetch(`${server.origin}/broken`)
  expect([answer.status, await answer.json()]).toEqual([500, { error: { title: 'vendor', status: 500 } }])
  expect((await fetch(`${server.origin}/_sandbox/tickets/1`)).status).toBe(500)
  expect(log.mock.calls.map(([error]) => String(error))).toEqual(Array(2).fill('Error: the state is broken'))
  expect(await (await fetch(`${server.origin}/whole`)).json()).toEqual({ whole: true })
  expect(server.calls.latest().map(({ operation, status }) => [operation, status])).toEqual([
    ['broken', 500],
    ['whole', 200],
  ])
})
