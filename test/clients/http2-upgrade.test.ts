import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ClientGateway, sharedGateway } from './support/gateway.ts'
import { runFolder } from './support/prepare.ts'

// Clients that ask for HTTP/2 by an Upgrade (h2c). The gateway ignores it and answers over HTTP/1.1.

let gateway: ClientGateway
beforeAll(async () => {
  gateway = await sharedGateway()
})
afterEach(() => gateway.sandbox.oneview.fault(null))

const run = promisify(execFile)
const typename = JSON.stringify({ query: '{ __typename }' })
const firstPage = JSON.stringify({ query: '{ tickets(first: 5) { nodes { id } sources { outcome source { key } } } }' })
const closeTicket = 'mutation ($input: CloseTicketInput!) { closeTicket(input: $input) { outcome ticket { status } } }'
const toClose = (id: string) =>
  JSON.stringify({ query: closeTicket, variables: { input: { id, idempotencyKey: crypto.randomUUID() } } })
const closed = { data: { closeTicket: { outcome: 'APPLIED', ticket: { status: 'CLOSED' } } } }

/** The status and the body of one request. */
type Post = (body: string, token: string | undefined) => Promise<string>

function parse(output: string) {
  const [, status, body] = /^(\d+) (.*)/s.exec(output) ?? []
  return { status: Number(status), body: JSON.parse(body ?? 'null') }
}

function holdRequests(post: Post): void {
  test('reads and changes tickets', async () => {
    expect(parse(await post(firstPage, gateway.token)).body.data.tickets.nodes).toHaveLength(5)
    expect(parse(await post(toClose(gateway.openTicket().id), gateway.token))).toEqual({ status: 200, body: closed })
  })
  test('gets the tickets of the other sources while one fails', async () => {
    gateway.sandbox.oneview.fault({ kind: 'status', status: 401 })
    const { tickets } = parse(await post(firstPage, gateway.token)).body.data
    expect(tickets.nodes).toHaveLength(5)
    expect(tickets.sources).toContainEqual({ outcome: 'UNAUTHENTICATED', source: { key: 'oneview' } })
  })
  test.each(['no token', 'an expired token'])('gets 401 in the form of GraphQL, with %s', async (given) => {
    const { status, body } = parse(await post(typename, given === 'no token' ? undefined : gateway.expiredToken))
    expect([status, body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
  })
}

describe('curl --http2', () => {
  holdRequests(async (body, token) => {
    const headers = ['content-type: application/json', ...(token === undefined ? [] : [`authorization: Bearer ${token}`])]
    const args = ['--http2', '-s', '-w', '%{stderr}%{http_code}', '--data-binary', body, gateway.url]
    const { stdout, stderr } = await run('curl', [...headers.flatMap((header) => ['-H', header]), ...args])
    return `${stderr} ${stdout}`
  })
})

const hasJdk = spawnSync('javac', ['-version']).status === 0
if (!hasJdk) {
  if (process.env.CI === 'true') throw new Error('The JDK is missing: apt-get install default-jdk-headless.')
  console.warn('Skipped: the tests with Java need a JDK (javac).')
}

describe.skipIf(!hasJdk)('java.net.http.HttpClient', () => {
  const classes = mkdtempSync(join(runFolder(), 'java-'))
  beforeAll(async () => {
    await run('javac', ['-d', classes, join(import.meta.dirname, 'java/TicketsClient.java')])
  })
  // The program runs for a moment: the quick compiler alone is the fastest.
  const program = ['-XX:TieredStopAtLevel=1', '-cp', classes, 'TicketsClient']
  const environment = (token: string | undefined) => ({ PATH: process.env.PATH, ...(token !== undefined && { TOKEN: token }) })
  const java = async (token: string | undefined, ...args: string[]) => {
    const { stdout } = await run('java', [...program, gateway.url, ...args], { env: environment(token) })
    return stdout
  }

  holdRequests((body, token) => java(token, 'post', body))

  test('reads a list page by page to its end', async () => {
    expect(Number(await java(gateway.token, 'list'))).toBe(gateway.sandbox.oneview.tickets())
  })
  test('its WebSocket comes back after the network was cut, and misses no change', async () => {
    const watching = spawn('java', [...program, gateway.url, 'watch', gateway.socketUrl], { env: environment(gateway.token) })
    let output = ''
    watching.stdout.on('data', (chunk) => {
      output += chunk
    })
    const changed = () => output.split('\n').filter((line) => line !== '')
    const [first, second] = [gateway.openTicket().id, gateway.openTicket().id]
    try {
      await gateway.untilSubscribed(1)
      await gateway.otherAgentEscalates(first)
      await expect.poll(changed, { timeout: 30_000 }).toEqual([first])
      await gateway.cutNetwork()
      await gateway.untilSubscribed(0)
      await gateway.otherAgentEscalates(second)
      await gateway.restoreNetwork()
      await expect.poll(changed, { timeout: 30_000 }).toEqual([first, second])
    } finally {
      watching.kill()
    }
  })
})
