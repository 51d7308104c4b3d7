import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type RunningGateway, startGateway } from './gateway.ts'

// A plain page from another port asks the sandbox, with what every browser has: fetch, a stream of events, and WebSocket.

let gateway: RunningGateway
let server: Server
let browser: Browser
let page: Page

beforeAll(async () => {
  gateway = await startGateway()
  server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>A frontend</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  browser = await launchBrowser()
  page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
})
afterAll(async () => {
  await browser?.close()
  server?.close()
  await gateway?.stop()
})

// biome-ignore lint/suspicious/noExplicitAny: each test compares the fields of its answers
type Json = any

/** One operation by fetch, from the page. */
function ask(query: string, variables: object = {}): Promise<{ status: number; headers: Record<string, string>; body: Json }> {
  return page.evaluate(
    async ({ url, sent }) => {
      // A token makes every request one that needs a preflight, as in production.
      const headers = { 'content-type': 'application/json', authorization: 'Bearer of-no-meaning-in-the-sandbox' }
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(sent) })
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.json() }
    },
    { url: `${gateway.origin}/graphql`, sent: { query, variables } },
  )
}

const pages = `query ($after: String) {
  tickets(first: 5, after: $after, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) {
    edges { cursor node { id } }
    pageInfo { endCursor hasNextPage }
  }
}`
const openTicket = 'query ($id: ID!) { ticket(id: $id) { id title status actions { action allowed } } }'
const reply =
  'mutation ($input: ReplyToTicketInput!) { replyToTicket(input: $input) { outcome userErrors { message } ticket { id } } }'
const escalate = 'mutation ($input: EscalateTicketInput!) { escalateTicket(input: $input) { outcome userErrors { message } } }'
const changed = 'subscription { ticketChanged(filter: { sources: ["oneview"] }) { kind ticket { id status } } }'

/** The ids of a page of tickets that can be escalated. */
async function openIds(after: string | null = null) {
  const { body } = await ask(pages, { after })
  return body.data.tickets.edges.map(({ node }: Json) => node.id) as string[]
}

/** Escalates the ticket again and again, until the page has seen its change: before it is subscribed, a change is not sent. */
async function untilSeen(seen: () => Promise<string[]>): Promise<void> {
  const escalated: string[] = []
  await expect
    .poll(
      async () => {
        const [id] = (await openIds()).filter((open) => !escalated.includes(open))
        escalated.push(id!)
        await ask(escalate, { input: { id, department: 'partner-service', statusReason: 'The customer insists.' } })
        const ids = await seen()
        return escalated.some((one) => ids.includes(one))
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBe(true)
}
const seenByPage = () => page.evaluate(() => (globalThis as Json).seen as string[])

describe('TRANSPORT-16: a page of another origin', () => {
  it('lists tickets page by page, and reads the headers that concern it', async () => {
    const { status, headers, body } = await ask(pages)
    expect([status, body.errors, body.data.tickets.edges.length]).toEqual([200, undefined, 5])
    const counted = await ask('{ tickets(first: 1, filter: { sources: ["rbi"] }) { totalCount } }')
    expect(counted.body.data.tickets.totalCount).toBeGreaterThan(0)
    expect(Object.keys(headers)).toEqual(expect.arrayContaining(['x-request-id', 'ratelimit', 'ratelimit-policy']))
    const next = await openIds(body.data.tickets.pageInfo.endCursor)
    expect(next).toHaveLength(5)
    expect(next).not.toContain(body.data.tickets.edges[0].node.id)
  })

  it('opens a ticket and replies', async () => {
    const [id] = await openIds()
    const { data } = (await ask(openTicket, { id })).body
    expect(data.ticket).toMatchObject({ id, status: 'IN_PROGRESS' })
    const [{ node }] = (await ask('{ tickets(first: 1, filter: { sources: ["verifik"] }) { edges { node { id } } } }')).body.data
      .tickets.edges
    const answer = await ask(reply, {
      input: { id: node.id, body: 'We are on it.', visibility: 'PUBLIC', idempotencyKey: 'one-reply' },
    })
    expect(answer.body.errors).toBeUndefined()
    expect(answer.body.data.replyToTicket).toEqual({ outcome: 'APPLIED', userErrors: [], ticket: { id: node.id } })
  })

  it('sees a change live over WebSocket', async () => {
    await page.evaluate(
      ({ url, query }) => {
        const seen: string[] = []
        const socket = new WebSocket(url, 'graphql-transport-ws')
        socket.onopen = () => socket.send('{"type":"connection_init"}')
        socket.onmessage = ({ data }) => {
          const { type, payload } = JSON.parse(data)
          if (type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
          if (type === 'next') seen.push(payload.data.ticketChanged.ticket.id)
        }
        Object.assign(globalThis, { seen })
      },
      { url: `${gateway.origin.replace('http', 'ws')}/graphql`, query: changed },
    )
    await untilSeen(seenByPage)
  })

  it('sees a change live in an event stream', async () => {
    await page.evaluate(
      async ({ url, query }) => {
        const seen: string[] = []
        const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
        const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
        const read = async (): Promise<void> => {
          const { done, value } = await reader.read()
          if (done) return
          for (const [, id] of value.matchAll(/"ticket":\{"id":"([^"]+)"/g)) seen.push(id!)
          return read()
        }
        void read()
        Object.assign(globalThis, { seen })
      },
      { url: `${gateway.origin}/graphql`, query: changed },
    )
    await untilSeen(seenByPage)
  })
})

it('SANDBOX-01: a page of another origin, which the graph allows, cannot set a fault', async () => {
  const statuses = await page.evaluate(async (url) => {
    const body = JSON.stringify({ fault: 'hang' })
    const set = await fetch(`${url}/verifik`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body })
    return [set.status, (await fetch(url)).status]
  }, `${gateway.origin}/graphql/sandbox`)
  expect(statuses).toEqual([403, 403])
  const { systems } = (await (await fetch(`${gateway.origin}/graphql/sandbox`)).json()) as { systems: { fault: string | null }[] }
  expect(systems.filter(({ fault }) => fault !== null)).toEqual([])
  expect(systems.length).toBeGreaterThan(1)
})
