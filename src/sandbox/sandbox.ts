import type { CallRecord } from './call-log.ts'
import type { Fault } from './faults.ts'
import { createFeed, type FeedReport } from './feed.ts'
import { createOneView } from './oneview/simulator.ts'
import { createPartnerReceiver, type ReceivedDelivery } from './partner/receiver.ts'
import { createRandom } from './random.ts'
import { createRouting } from './rbi/routing.ts'
import { createRbi } from './rbi/simulator.ts'
import { type SimulatorServer, serveSimulator } from './server.ts'
import type { Simulator } from './simulator.ts'
import { startOfDay } from './times.ts'
import { createVcc } from './vcc/simulator.ts'
import { createVerifik } from './verifik/simulator.ts'
import { createWasabi } from './wasabi/simulator.ts'

export const sandboxSystems = ['oneview', 'verifik', 'vcc', 'wasabi', 'rbi'] as const
export type SandboxSystemName = (typeof sandboxSystems)[number]

export interface SandboxOptions {
  /** The same seed and day give the same tickets. */
  readonly seed?: string
  /** The day on whose midnight (UTC) the generated history ends, as milliseconds since 1970. Default: today. */
  readonly today?: number
  /** How many tickets each system begins with. */
  readonly counts?: Partial<Record<SandboxSystemName, number>>
  /** The port of each system and of the partners; a free one where none is given. */
  readonly ports?: Partial<Record<SandboxSystemName | 'partners', number>>
  readonly host?: string
  /** Every answer of every system waits this long. */
  readonly latencyMs?: number
  /** After the backlog, something changes in one of the systems every few seconds. */
  readonly live?: boolean
  readonly liveIntervalMs?: number
}

/** One simulated system, seen from outside. */
export interface SandboxSystem {
  /** The base URL of its API, as a configuration names it. */
  readonly url: string
  /** The token or secret that it and the gateway share. */
  readonly token: string
  /** How often each operation was called, by the system's own count. */
  calls(): Readonly<Record<string, number>>
  /** The latest calls, oldest first. */
  callLog(): readonly CallRecord[]
  resetCalls(): void
  /** How many tickets a walk over all of them gives. */
  tickets(): number
  /** A ticket in the vendor's own shape; VCC's key is `projectId-ticketId`. undefined: there is none. */
  ticket(id: string): unknown
  /** Switches a failure on; null switches it off. */
  fault(fault: Fault | null): void
}

export interface Sandbox extends Readonly<Record<SandboxSystemName, SandboxSystem>> {
  /** Where routed tickets are sent: verifies and remembers every delivery. */
  readonly partners: SandboxSystem & { received(): readonly ReceivedDelivery[]; refused(): number }
  /** All systems' tickets together. */
  tickets(): number
  /** The configuration that joins a gateway to the sandbox, in the shape of its YAML file; `routing` is the routing file's data. */
  gatewayConfig(): ReturnType<typeof toGatewayConfig>
  /**
   * Sends the backlog of the event-fed systems to a gateway, then changes a few tickets of every system, so that each has
   * some of the latest. Resolves when all was answered; with `live`, changes go on until the signal aborts or `close`.
   */
  feed(gatewayUrl: string, signal?: AbortSignal): Promise<FeedReport>
  close(): Promise<void>
}

const tokens: Readonly<Record<SandboxSystemName, string>> = {
  oneview: 'sandbox-oneview-token',
  verifik: 'sandbox-verifik-token',
  vcc: 'sandbox-vcc-secret',
  wasabi: 'sandbox-wasabi-token',
  rbi: 'sandbox-rbi-secret',
}
const partnerSecret = `whsec_${Buffer.from('sandbox-partner-secret-of-32-byte').toString('base64')}`
const defaultCounts: Readonly<Record<SandboxSystemName, number>> = { oneview: 700, verifik: 450, vcc: 350, wasabi: 350, rbi: 150 }

/** Starts the five simulators and the partners' receiver, each a real HTTP server on a loopback port of its own. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const simulators = createSimulators(options)
  const partnerReceiver = createPartnerReceiver(partnerSecret)
  const serve = async (name: SandboxSystemName | 'partners', simulator: Simulator) => {
    const { host = '127.0.0.1', latencyMs = 0, ports = {} } = options
    return serveSimulator(simulator, { host, latencyMs, port: ports[name] ?? 0 })
  }
  const [oneview, verifik, vcc, wasabi, rbi, partners] = await Promise.all([
    ...sandboxSystems.map((name) => serve(name, simulators[name])),
    serve('partners', partnerReceiver),
  ] as [P, P, P, P, P, P])
  const servers = { oneview, verifik, vcc, wasabi, rbi }
  const systems = toSystems(simulators, servers)
  const feed = createFeed(simulators, options)
  return {
    ...systems,
    partners: {
      ...toSystem(partnerReceiver, partners, partners.origin, partnerSecret),
      received: partnerReceiver.received,
      refused: partnerReceiver.refused,
    },
    tickets: () => sandboxSystems.reduce((sum, name) => sum + simulators[name].tickets(), 0),
    gatewayConfig: () => toGatewayConfig(systems, partners.origin),
    feed: feed.run,
    async close() {
      await feed.close()
      await Promise.all([...Object.values(servers), partners].map((server) => server.close()))
    },
  }
}
type P = Promise<SimulatorServer>

function createSimulators({ seed = 'deskgraph', today = Date.now(), counts = {} }: SandboxOptions) {
  const until = startOfDay(today)
  const base = (name: SandboxSystemName) => ({
    random: createRandom(`${seed}/${name}`),
    until,
    count: counts[name] ?? defaultCounts[name],
    token: tokens[name],
    secret: tokens[name],
  })
  return {
    oneview: createOneView(base('oneview')),
    verifik: createVerifik(base('verifik')),
    vcc: createVcc(base('vcc')),
    wasabi: createWasabi(base('wasabi')),
    rbi: createRbi(base('rbi')),
  }
}
export type SandboxSimulators = ReturnType<typeof createSimulators>

function toSystems(simulators: SandboxSimulators, servers: Readonly<Record<SandboxSystemName, SimulatorServer>>) {
  const system = (name: SandboxSystemName, path = '') =>
    toSystem(simulators[name], servers[name], servers[name].origin + path, tokens[name])
  return {
    oneview: system('oneview', '/ticket-detail'),
    verifik: system('verifik'),
    vcc: system('vcc'),
    wasabi: system('wasabi'),
    rbi: system('rbi'),
  }
}

function toSystem(simulator: Simulator, server: SimulatorServer, url: string, token: string): SandboxSystem {
  return {
    url,
    token,
    calls: server.calls.counts,
    callLog: server.calls.latest,
    resetCalls: server.calls.reset,
    tickets: simulator.tickets,
    ticket: simulator.ticket,
    fault: server.setFault,
  }
}

function toGatewayConfig(systems: Readonly<Record<'oneview' | 'verifik', SandboxSystem>>, partnerOrigin: string) {
  return {
    sources: {
      oneview: { system: 'oneview' as const, url: systems.oneview.url, token: tokens.oneview },
      verifik: { system: 'verifik' as const, url: systems.verifik.url, token: tokens.verifik },
      vcc: { system: 'vcc' as const, account: 'acme', secret: tokens.vcc },
      wasabi: { system: 'wasabi' as const, token: tokens.wasabi },
      rbi: { system: 'rbi' as const, secret: tokens.rbi, routing: createRouting(partnerOrigin, partnerSecret) },
    },
  }
}
