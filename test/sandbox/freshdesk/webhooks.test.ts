import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import type { Rule } from '../../../sandbox/freshdesk/rules.ts'
import type { Sending } from '../../../sandbox/freshdesk/webhook-sender.ts'
import { openAccount } from './account.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Received {
  readonly at: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A receiver that answers with these statuses in turn, and then with 200. */
async function receive(statuses: readonly number[] = []) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const text = (await buffer(request)).toString('utf8')
    const index = received.push({ at: performance.now(), headers: request.headers, text }) - 1
    response.writeHead(statuses[index] ?? 200).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` }
}

/** An account with one rule that sends to the receiver. */
async function start(rule: Partial<Rule> = {}, statuses: readonly number[] = [], sending: Partial<Sending> = {}) {
  const account = await openAccount({ count: 30 })
  closers.push(account.close)
  const { received, url } = await receive(statuses)
  // A minute of the vendor is a millisecond here.
  account.freshdesk.sender.set({ timeScale: 1 / 60_000, ...sending })
  account.freshdesk.rules.add({
    ...{ name: 'Tell', events: ['created', 'updated', 'removed'], url, body: '{"ticket_id":"{{ticket.id}}"}', ...rule },
  })
  const create = async (subject = 'Engine') => {
    const ask = { email: 'ada@example.com', name: 'Ada', subject, description: 'It stopped.' }
    return (await account.call('POST', '/tickets', ask)).body.id as number
  }
  return { account, received, create, idle: account.freshdesk.sender.idle, sender: account.freshdesk.sender }
}

describe('a rule of the account', () => {
  it('sends the body as its author wrote it, with the own header, and neither signature nor id', async () => {
    const { create, received, idle } = await start({ headers: { 'x-secret': 'abc' } })
    const id = await create()
    await idle()
    expect(received.map(({ text }) => text)).toEqual([`{"ticket_id":"${id}"}`])
    const { headers } = received[0]!
    expect(headers['x-secret']).toBe('abc')
    expect(Object.keys(headers).filter((name) => /signature|delivery|event-id|webhook-id/.test(name))).toEqual([])
  })

  it('may send Basic credentials', async () => {
    const { create, received, idle } = await start({ basic: { user: 'desk', password: 'p w' } })
    await create()
    await idle()
    expect(received[0]!.headers.authorization).toBe(`Basic ${btoa('desk:p w')}`)
  })

  it('replaces placeholders as they are, so that a quote breaks the JSON', async () => {
    const body =
      '{"id":{{ticket.id}},"subject":"{{ ticket.subject }}","event":"{{triggered_event}}","by":"{{ticket.requester.email}}"}'
    const { account, create, received, idle } = await start({ body })
    const id = await create('Plain')
    await idle()
    expect(JSON.parse(received[0]!.text)).toEqual({ id, subject: 'Plain', event: '', by: 'ada@example.com' })
    await account.call('PUT', `/tickets/${id}`, { status: 3, subject: 'The "engine"' })
    await idle()
    expect(received[1]!.text).toContain('{status:{from:Open,to:Pending}}')
    expect(() => JSON.parse(received[1]!.text)).toThrow(SyntaxError)
  })

  it('runs on what it waits for: a new ticket, any change, and a removal', async () => {
    const { account, create, received, idle } = await start({ body: 'removed {{ticket.id}}', events: ['removed'] })
    const { url } = await receive()
    account.freshdesk.rules.add({ name: 'Other', events: ['updated'], url: url.replace('/hook', '/other'), body: 'x' })
    const id = await create()
    account.passes(1000)
    await account.call('POST', `/tickets/${id}/notes`, { body: 'Look' })
    await account.call('POST', `/tickets/${id}/watch`, { user_id: 43000210202 })
    account.passes(1000)
    await account.call('DELETE', `/tickets/${id}`)
    await idle()
    expect(received.map(({ text }) => text)).toEqual([`removed ${id}`])
    const runs = account.freshdesk.sender.attempts().map(({ ruleName }) => ruleName)
    expect(runs.toSorted()).toEqual(['Other', 'Tell'])
  })

  it('is told of changes that happen by themselves', async () => {
    const { account, received, idle } = await start()
    for (let change = 0; change < 8; change++) {
      account.passes(1000)
      account.freshdesk.changeOne(0)
    }
    await idle()
    expect(received).toHaveLength(8)
    const [{ text }] = received as [Received]
    const { ticket_id: id } = JSON.parse(text)
    expect((await account.get(`/tickets/${id}`)).body.updated_at >= '2026-03-02T12:00:01Z').toBe(true)
  })
})

describe('a delivery that fails', () => {
  it('is tried again after 5, 30 and 60 minutes, and then no more', async () => {
    const { create, received, idle, sender } = await start({}, [500, 500, 503, 500, 500])
    await create()
    await idle()
    expect(sender.attempts().map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 500],
      [3, 503],
      [4, 500],
    ])
    const gaps = received.slice(1).map(({ at }, index) => at - received[index]!.at)
    for (const [index, least] of [5, 30, 60].entries()) expect(gaps[index]).toBeGreaterThanOrEqual(least - 1)
    expect(sender.dropped()).toBe(1)
  })

  it('ends with the first success', async () => {
    const { create, received, idle, sender } = await start({}, [404])
    await create()
    await idle()
    expect([received.length, sender.dropped()]).toEqual([2, 0])
  })

  it('may be one without an answer in time', async () => {
    const { account, create, sender } = await start({ url: 'http://127.0.0.1:9/' }, [], { timeoutMs: 200 })
    await create()
    await account.freshdesk.sender.idle()
    expect(sender.attempts()).toMatchObject(Array.from({ length: 4 }, () => ({ status: null })))
  })
})

describe('more deliveries than an hour may have', () => {
  it('are put off to the next hour', async () => {
    const { create, received, idle } = await start({}, [], { callsPerHour: 2, timeScale: 1 / 10_000 })
    for (let ticket = 0; ticket < 3; ticket++) await create()
    await idle()
    expect(received).toHaveLength(3)
    // An hour lasts 360 ms here.
    expect(received[2]!.at - received[0]!.at).toBeGreaterThan(180)
  })

  it('are dropped after a day', async () => {
    const { create, received, idle, sender } = await start({}, [], { callsPerHour: 0, timeScale: 1 / 600_000 })
    await create()
    await idle()
    expect([received.length, sender.dropped()]).toEqual([0, 1])
  })
})
