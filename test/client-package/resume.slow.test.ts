import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readErrors } from '../../clients/typescript/src/errors.ts'
import type { LiveSink } from '../../clients/typescript/src/resume.ts'
import { createEventsClient } from '../../clients/typescript/src/sse.ts'
import { createSocketClient } from '../../clients/typescript/src/ws.ts'
import { type GatewayUnderTest, startGatewayUnderTest } from '../support/gateway.ts'
import { startTcpProxy, type TcpProxy } from '../support/process/tcp-proxy.ts'

// A network that breaks for half a second. test/clients/network-cut.test.ts has the same for fifteen.
const cutMs = 500

let gateway: GatewayUnderTest
let network: TcpProxy
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ replayHistory: false })
  network = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(gateway.url).port) })
}, 120_000)
afterAll(async () => {
  await network?.close()
  await gateway?.close()
})

let nextTicket = 7000
/** A new ticket of VCC, which is one change. Returns its title. */
async function change(): Promise<string> {
  const id = nextTicket++
  const ticket = { ticketId: id, ticketNo: `n-${id}`, projectId: 9, projectName: 'Live', title: `Ticket ${id}` }
  const url = `${gateway.url}/webhooks/vcc?secret-key=${gateway.sandbox.vcc.token}`
  const body = JSON.stringify({ action: 'add', ticket })
  const { status } = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(status).toBe(200)
  await gateway.idle()
  return ticket.title
}

const query = `subscription ($after: String) {
  ticketChanged(after: $after, filter: { sources: ["vcc"] }) { cursor gap ticket { title } }
}`
type Change = {
  readonly data?: { readonly ticketChanged: { readonly gap: boolean; readonly ticket: { readonly title: string } } }
}

interface Options {
  onStatus?(status: string): void
  readonly silenceMs?: number
  getToken?(): undefined
}
interface LiveClient {
  subscribe(operation: { query: string; variables?: Record<string, unknown> }, sink: LiveSink<never>): () => void
}
const clients: readonly [name: string, (options: Options) => LiveClient][] = [
  ['WebSocket', (options) => createSocketClient({ url: url(), getToken: noToken, ...options }) as LiveClient],
  ['an event stream', (options) => createEventsClient({ url: url(), getToken: noToken, ...options }) as LiveClient],
]
const noToken = () => undefined
const url = () => `http://127.0.0.1:${network.port}/graphql`

/** Subscribes, and waits until the gateway counts it: a change before that is not sent to it. */
async function listen(create: (typeof clients)[number][1], options: Options = {}) {
  await untilSubscribed(0)
  const statuses: string[] = []
  const changes: Change[] = []
  const client = create({ onStatus: (status) => statuses.push(status), ...options })
  const stop = client.subscribe({ query }, {
    next: (result: Change) => changes.push(result),
    error: (reason: unknown) => statuses.push(`error: ${String(reason)}`),
    complete: () => statuses.push('complete'),
  } as LiveSink<never>)
  await untilSubscribed(1)
  return { statuses, stop, titles: () => changes.map(({ data }) => data?.ticketChanged.ticket.title) }
}

async function untilSubscribed(count: number): Promise<void> {
  const read = async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text()
    return Number(/^deskgraph_subscribers (\d+)$/m.exec(text)?.[1] ?? 0)
  }
  await expect.poll(read, { timeout: 10_000 }).toBe(count)
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.each(clients)('CLIENT-51: a subscription over %s', (_name, create) => {
  test('gets exactly the three changes that happened while the network was cut', async () => {
    const { titles, statuses, stop } = await listen(create)
    const before = await change()
    await expect.poll(titles).toEqual([before])
    await network.cut()
    const cutAt = Date.now()
    const missed = [await change(), await change(), await change()]
    await pause(cutMs - (Date.now() - cutAt))
    await network.restore()
    await expect.poll(titles, { timeout: 10_000 }).toEqual([before, ...missed])
    const after = await change()
    await expect.poll(titles, { timeout: 10_000 }).toEqual([before, ...missed, after])
    expect(statuses).toContain('waiting')
    expect(statuses.at(-1)).toBe('connected')
    stop()
  })

  test('gets them also when the network was cut before its first change', async () => {
    const { titles, stop } = await listen(create)
    await network.cut()
    const missed = [await change(), await change(), await change()]
    await network.restore()
    await expect.poll(titles, { timeout: 10_000 }).toEqual(missed)
    stop()
  })
})

test('CLIENT-51: a WebSocket notices a network that is silent without closing the connection', async () => {
  const [, createSocket] = clients[0]!
  const { titles, statuses, stop } = await listen(createSocket, { silenceMs: 2000 })
  const before = await change()
  await expect.poll(titles).toEqual([before])
  network.freeze()
  const missed = [await change(), await change(), await change()]
  // The old connection is still open, and a new one gets no answer: only the silence tells that both are lost.
  await expect.poll(() => statuses.filter((status) => status === 'waiting').length, { timeout: 15_000 }).toBeGreaterThan(1)
  network.thaw()
  await expect.poll(titles, { timeout: 10_000 }).toEqual([before, ...missed])
  stop()
})

test.each(clients)('over %s, a token that cannot be had now is asked for again', async (_name, create) => {
  let asked = 0
  const getToken = (): undefined => {
    asked += 1
    // The subscription and the cursor of its start ask.
    if (asked <= 2) throw new Error('The issuer does not answer.')
  }
  const { titles, stop } = await listen(create, { getToken })
  const title = await change()
  await expect.poll(titles).toEqual([title])
  stop()
})

/** How a subscription ends by itself. */
async function endOf(
  create: (typeof clients)[number][1],
  text: string,
  variables: Record<string, unknown> = {},
): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const results: unknown[] = []
  create({}).subscribe({ query: text, variables }, {
    next: (result: unknown) => results.push(result),
    error: resolve,
    complete: () => resolve(results.at(-1)),
  } as LiveSink<never>)
  return promise
}

describe.each(clients)('CLIENT-51: over %s', (_name, create) => {
  test('a subscription that the graph refuses ends with the reason, and is not tried again', async () => {
    const after = 'no cursor of this gateway'
    expect(readErrors(await endOf(create, query, { after }))).toMatchObject([{ code: 'BAD_USER_INPUT', retryable: false }])
  })

  test('a subscription that could not resume is refused before it begins', async () => {
    const withoutCursor = 'subscription { ticketChanged { ticket { title } } }'
    expect(await endOf(create, withoutCursor)).toMatchObject({ message: expect.stringContaining('$after: String') })
  })
})
