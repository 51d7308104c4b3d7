import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { expect } from 'vitest'
import { stringify } from 'yaml'
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts'
import { buildWhenStale } from '../../support/process/built.ts'
import { startProcess } from '../../support/process/gateway-process.ts'
import { startTcpProxy, type TcpProxy } from '../../support/process/tcp-proxy.ts'
import { runFolder } from './prepare.ts'

/** A gateway process as clients meet it in production: signed-in viewers (auth.mode jwt), and a network that can break. */
export interface ClientGateway {
  /** The address of the graph, through a network that `cutNetwork` breaks. */
  readonly url: string
  /** The same address for WebSockets. */
  readonly socketUrl: string
  /** The token of the agent who uses the client. */
  readonly token: string
  readonly expiredToken: string
  /** Another token of the same agent, which expires after this many seconds. */
  shortToken(seconds: number): Promise<string>
  /** The simulated vendors, for their faults. */
  readonly sandbox: Sandbox
  /** A ticket of OneView that can be escalated and closed. Each call returns another one, also in another file. */
  openTicket(): { readonly id: string }
  /** Another agent, with another token and another connection, escalates a ticket. */
  otherAgentEscalates(id: string): Promise<void>
  /** Another agent writes a message to a ticket that takes replies. */
  otherAgentReplies(id: string, body: string): Promise<void>
  /** What the graph answers to the other agent. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
  ask(query: string, variables?: Record<string, unknown>): Promise<any>
  /** Resolves when the gateway counts this many subscriptions: a change before that is not sent to a new one. */
  untilSubscribed(subscriptions: number): Promise<void>
  /** Breaks every connection of `url`, and refuses new ones. */
  cutNetwork(): Promise<void>
  restoreNetwork(): Promise<void>
  /** Another network between clients and the gateway, which breaks by itself alone. */
  openNetwork(): Promise<TcpProxy & { readonly url: string }>
  close(): Promise<void>
}

const issuer = 'https://issuer.example'
const scope = 'tickets:read tickets:write customers:pii source:*'
const metricsToken = 'a-token-for-metrics'

let shared: Promise<ClientGateway> | undefined

/** The gateway of this worker. Its test files run one after the other and share it; the end of the run stops it (prepare.ts). */
export function sharedGateway(): Promise<ClientGateway> {
  shared ??= startClientGateway({ parent: runFolder() })
  return shared
}

/**
 * Starts the sandbox, and `dist/src/main.js` over it. `allowedOrigins`: which pages of other origins may ask. `parent`: where the gateway has its
 * folder, with its process id in the file `pid`.
 */
export async function startClientGateway({ allowedOrigins = [] as string[], parent = tmpdir() } = {}): Promise<ClientGateway> {
  buildWhenStale()
  const folder = mkdtempSync(join(parent, 'deskgraph-clients-'))
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content)
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const sandbox = await createSandbox({ counts: { oneview: 400, verifik: 60, vcc: 20, wasabi: 20, rbi: 20 } })
  const { sources } = sandbox.gatewayConfig()
  write('key.pem', await exportSPKI(publicKey))
  write('routing.yaml', stringify(sources.rbi.routing))
  write(
    'gateway.yaml',
    stringify({
      sources: { ...sources, rbi: { ...sources.rbi, routing: 'routing.yaml' } },
      http: { allowedOrigins },
      auth: { mode: 'jwt', issuer, audience: 'deskgraph', publicKeyFile: 'key.pem', clockSkewSeconds: 0 },
      // A busy test machine would trigger load shedding.
      limits: { overload: { eventLoopLagMs: 60_000 } },
      observability: { metrics: { token: metricsToken }, audit: { file: 'audit.log' } },
    }),
  )
  const gateway = await startProcess({ DESKGRAPH_CONFIG: join(folder, 'gateway.yaml'), DESKGRAPH_DATA_DIR: join(folder, 'data') })
  write('pid', String(gateway.pid))
  await sandbox.replayHistory(gateway.url)
  const openNetwork = async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(gateway.url).port) })
    return { ...proxy, url: `http://127.0.0.1:${proxy.port}/graphql` }
  }
  const network = await openNetwork()

  const now = Math.floor(Date.now() / 1000)
  const sign = (subject: string, issuedAt = now, lifetimeSeconds = 3600) =>
    new SignJWT({ sub: subject, email: `${subject}@desk.example`, scope })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience('deskgraph')
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetimeSeconds)
      .sign(privateKey)
  const otherToken = await sign('other')

  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${otherToken}` },
      body: JSON.stringify({ query, variables }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
    const { data, errors } = (await response.json()) as any
    if (errors) throw new Error(`The graph answered with errors: ${JSON.stringify(errors)}`)
    return data
  }
  const { tickets } = await ask(openTickets)
  const unused: { id: string }[] = tickets.nodes

  return {
    url: network.url,
    socketUrl: `ws://127.0.0.1:${network.port}/graphql`,
    token: await sign('agent'),
    expiredToken: await sign('agent', now - 7200),
    shortToken: (seconds) => sign('agent', Math.floor(Date.now() / 1000), seconds),
    sandbox,
    openTicket() {
      const ticket = unused.pop()
      if (!ticket) throw new Error('No ticket is left that can be escalated.')
      return ticket
    },
    async otherAgentEscalates(id) {
      const { escalateTicket } = await ask(escalate, { id })
      expect(escalateTicket).toEqual({ outcome: 'APPLIED', userErrors: [] })
    },
    async otherAgentReplies(id, body) {
      const { replyToTicket } = await ask(reply, { input: { id, body, visibility: 'PUBLIC' } })
      expect(replyToTicket).toEqual({ outcome: 'APPLIED' })
    },
    ask,
    async untilSubscribed(subscriptions) {
      await expect.poll(() => countSubscribers(gateway.url), { timeout: 20_000 }).toBe(subscriptions)
    },
    cutNetwork: network.cut,
    restoreNetwork: network.restore,
    openNetwork,
    async close() {
      await Promise.all([network.close(), gateway.stop()])
      await sandbox.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const openTickets = `{
  tickets(first: 100, filter: { sources: ["oneview"], status: [IN_PROGRESS] }) { nodes { id } }
}`
const escalate = `mutation ($id: ID!) {
  escalateTicket(input: { id: $id, department: "partner-service", statusReason: "The customer insists." }) {
    outcome
    userErrors { code }
  }
}`

const reply = 'mutation ($input: ReplyToTicketInput!) { replyToTicket(input: $input) { outcome } }'

async function countSubscribers(gatewayUrl: string): Promise<number> {
  const response = await fetch(`${gatewayUrl}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })
  return Number(/^deskgraph_subscribers (\d+)$/m.exec(await response.text())?.[1] ?? 0)
}
