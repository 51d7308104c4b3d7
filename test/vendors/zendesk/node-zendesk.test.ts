import { createClient, type ZendeskClientOptions } from 'node-zendesk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../../sandbox/random.ts'
import type { SimulatorServer } from '../../../sandbox/simulator-server.ts'
import { createZendesk, serveZendesk, type Zendesk } from '../../../sandbox/zendesk/simulator.ts'

// node-zendesk as its users install it, against the simulator. No source of the gateway takes part.

let zendesk: Zendesk
let server: SimulatorServer
beforeAll(async () => {
  const credentials = { token: 'access-token', apiToken: 'api-token' }
  zendesk = createZendesk({ random: createRandom('node-zendesk'), until: Date.UTC(2026, 2, 2), count: 250, credentials })
  server = await serveZendesk(zendesk, { host: '127.0.0.1', port: 0, latencyMs: 0 })
})
afterAll(() => server.close())

const clientOf = (options: ZendeskClientOptions = {}) =>
  createClient({
    ...{ username: 'nadia@support.example', token: 'api-token', subdomain: 'sandbox' },
    endpointUri: `${server.origin}/api/v2`,
    ...options,
  })

describe('node-zendesk, unchanged', () => {
  it('walks the whole list of tickets, page after page', async () => {
    const tickets = await clientOf().tickets.list()
    expect(tickets).toHaveLength(zendesk.tickets())
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(tickets.length)
  })

  it('reads one ticket, some tickets and their people', async () => {
    const { result } = await clientOf().tickets.show(1)
    expect(result).toMatchObject({ id: 1, url: `${server.origin}/api/v2/tickets/1.json` })
    const many = await clientOf().tickets.showMany([1, 2, 3])
    expect(many.result.map(({ id }) => id)).toEqual([1, 2, 3])
    const { result: requester } = await clientOf().users.show(result.requester_id)
    expect(requester.role).toBe('end-user')
  })

  it('reads the comments of a ticket', async () => {
    const comments = await clientOf().tickets.getComments(1)
    expect(comments[0]).toMatchObject({ type: 'Comment', public: true })
  })

  it('finds out who it is, with an API token and with OAuth', async () => {
    expect((await clientOf().users.me()).result).toMatchObject({ name: 'Nadia Rahman', role: 'admin' })
    const oauth = clientOf({ useOAuth: true, token: 'access-token' })
    expect((await oauth.users.me()).result).toMatchObject({ name: 'Nadia Rahman' })
    const other = clientOf({ asUser: 'ploy@support.example' })
    expect((await other.users.me()).result).toMatchObject({ name: 'Ploy Wongsakul' })
  })

  it('reports a refused credential and a missing ticket by their status', async () => {
    await expect(clientOf({ token: 'wrong' }).tickets.show(1)).rejects.toThrow('401')
    await expect(clientOf().tickets.show(99_999)).rejects.toThrow('404')
  })
})
