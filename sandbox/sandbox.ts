import { callEntry, createFaultPanel, type FaultPanel, receiverEntry, withEventFaults } from './fault-panel.ts'
import type { CallRecord, Fault } from './inspection.ts'
import { createOneView } from './oneview/simulator.ts'
import { createPartnerReceiver, type ReceivedDelivery } from './partner-receiver.ts'
import { createRandom } from './random.ts'
import { createRouting } from './rbi/catalogue.ts'
import { createRbi } from './rbi/simulator.ts'
import { createReplay, type ReplayReport } from './replay.ts'
import type { Simulator } from './simulator.ts'
import { type SimulatorServer, serveSimulator } from './simulator-server.ts'
import { startOfDay } from './times.ts'
import { createVcc } from './vcc/simulator.ts'
import { createVerifik } from './verifik/simulator.ts'
import { createWasabi } from './wasabi/simulator.ts'

const sandboxSystems = ['oneview', 'verifik', 'vcc', 'wasabi', 'rbi'] as const
/** The key of a simulated system, in the sandbox and in the gateway's configuration. */
export type SandboxSystemName = (typeof sandboxSystems)[number]

export interface SandboxOptions {
  /** The same seed and day give the same tickets. */
  readonly seed?: string
  /** A time in the day whose midnight (UTC) ends the generated history, as milliseconds since 1970. Default: now. */
  readonly today?: number
  /** How many tickets each system starts with. */
  readonly counts?: Partial<Record<SandboxSystemName, number>>
  /** The port of each system and of the partner receiver. Absent: a free port. */
  readonly ports?: Partial<Record<SandboxSystemName | 'partners', number>>
  /** The listening address. Default: 127.0.0.1. */
  readonly host?: string
  /** The delay of every answer of every system. */
  readonly latencyMs?: number
}

/** One simulated system, as a test sees it. */
export interface SandboxSystem {
  /** The base URL of its API, as in the gateway's configuration. */
  readonly url: string
  /** The token or secret that the system and the gateway share. */
  readonly token: string
  /** Calls by operation, as the system counted them. */
  calls(): Readonly<Record<string, number>>
  /** The latest calls, oldest first. */
  callLog(): readonly CallRecord[]
  resetCalls(): void
  /** How many tickets a list of all pages returns. Deleted tickets do not count. */
  tickets(): number
  /** A ticket in the vendor's own shape, or undefined. The id of a VCC ticket is `projectId-ticketId`. */
  ticket(id: string): unknown
  /** Sets the fault of the next calls; null removes it. */
  fault(fault: Fault | null): void
}

/** The running simulators. */
export interface Sandbox extends Readonly<Record<SandboxSystemName, SandboxSystem>> {
  /** The receiver of routed tickets. It verifies and records every delivery. */
  readonly partners: SandboxSystem & { received(): readonly ReceivedDelivery[]; refused(): number }
  /** The faults that a person can choose, by system. */
  readonly faultPanel: FaultPanel
  /** The number of tickets of all systems. */
  tickets(): number
  /** The gateway's configuration for this sandbox, in the shape of the YAML file. `routing` is the content of the routing file. */
  gatewayConfig(): GatewayConfig
  /**
   * Sends the history of the event-fed systems to a gateway, then changes a few tickets of every system, so that each has
   * some of the latest tickets. Resolves when the gateway answered every event; with null when the signal or `close`
   * stopped it. Rejects when the gateway does not answer for a minute.
   */
  replayHistory(gatewayUrl: string, signal?: AbortSignal): Promise<ReplayReport | null>
  /** Changes one ticket every `everyMs` (3,000 by default) until `close`, the systems in turn. */
  startLiveUpdates(gatewayUrl: string, everyMs?: number): void
  close(): Promise<void>
}

/** The tokens and secrets of the simulators. They are no secrets: the simulators listen on loopback only. */
const tokens: Readonly<Record<SandboxSystemName, string>> = {
  oneview: 'sandbox-oneview-token',
  verifik: 'sandbox-verifik-token',
  vcc: 'sandbox-vcc-secret',
  wasabi: 'sandbox-wasabi-token',
  rbi: 'sandbox-rbi-secret',
}
const partnerSecret = `whsec_${Buffer.from('sandbox-partner-secret-of-32-byte').toString('base64')}`

/** A gateway's configuration for the sandbox. */
export type GatewayConfig = ReturnType<typeof toGatewayConfig>

function toGatewayConfig(urls: { readonly oneview: string; readonly verifik: string; readonly partners: string }) {
  return {
    sources: {
      oneview: { system: 'oneview' as const, url: urls.oneview, token: tokens.oneview },
      verifik: { system: 'verifik' as const, url: urls.verifik, token: tokens.verifik },
      vcc: { system: 'vcc' as const, account: 'acme', secret: tokens.vcc },
      wasabi: { system: 'wasabi' as const, token: tokens.wasabi },
      rbi: { system: 'rbi' as const, secret: tokens.rbi, routing: createRouting(urls.partners, partnerSecret) },
    },
  }
}

const defaultCounts: Readonly<Record<SandboxSystemName, number>> = { oneview: 700, verifik: 450, vcc: 350, wasabi: 350, rbi: 150 }

/** Starts the five simulators and the partner receiver. Each is a real HTTP server with its own loopback port. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const simulators = createSimulators(options)
  const partnerReceiver = createPartnerReceiver(partnerSecret)
  const serve = async (name: SandboxSystemName | 'partners', simulator: Simulator) => {
    const { host = '127.0.0.1', latencyMs = 0, ports = {} } = options
    return serveSimulator(simulator, { host, latencyMs, port: ports[name] ?? 0 })
  }
  const [partners, ...started] = await Promise.all([
    serve('partners', partnerReceiver),
    ...sandboxSystems.map((name) => serve(name, simulators[name])),
  ])
  const servers = Object.fromEntries(sandboxSystems.map((name, index) => [name, started[index]])) as SimulatorServers
  const systems = toSystems(simulators, servers)
  const vcc = withEventFaults('VCC Live', simulators.vcc)
  const wasabi = withEventFaults('Wasabi', simulators.wasabi)
  const rbi = withEventFaults('RBI', simulators.rbi)
  const { oneview, verifik } = simulators
  const replay = createReplay([oneview, verifik, vcc.simulator, wasabi.simulator, rbi.simulator])
  return {
    ...systems,
    faultPanel: createFaultPanel({
      oneview: callEntry('OneView', servers.oneview),
      verifik: callEntry('Verifik', servers.verifik),
      vcc: vcc.entry,
      wasabi: wasabi.entry,
      rbi: rbi.entry,
      partners: receiverEntry('Partners of RBI', partners),
    }),
    partners: {
      ...toSystem(partnerReceiver, partners, partners.origin, partnerSecret),
      received: partnerReceiver.received,
      refused: partnerReceiver.refused,
    },
    tickets: () => sandboxSystems.reduce((sum, name) => sum + simulators[name].tickets(), 0),
    gatewayConfig: () =>
      toGatewayConfig({ oneview: systems.oneview.url, verifik: systems.verifik.url, partners: partners.origin }),
    replayHistory: replay.replayHistory,
    startLiveUpdates: replay.startLiveUpdates,
    async close() {
      await replay.close()
      await Promise.all([...Object.values(servers), partners].map((server) => server.close()))
    },
  }
}
type SimulatorServers = Readonly<Record<SandboxSystemName, SimulatorServer>>

function createSimulators({ seed = 'deskgraph', today = Date.now(), counts = {} }: SandboxOptions) {
  const until = startOfDay(today)
  const optionsOf = (name: SandboxSystemName) => ({
    random: createRandom(`${seed}/${name}`),
    until,
    count: counts[name] ?? defaultCounts[name],
    token: tokens[name],
    secret: tokens[name],
  })
  return {
    oneview: createOneView(optionsOf('oneview')),
    verifik: createVerifik(optionsOf('verifik')),
    vcc: createVcc(optionsOf('vcc')),
    wasabi: createWasabi(optionsOf('wasabi')),
    rbi: createRbi(optionsOf('rbi')),
  }
}
type SandboxSimulators = ReturnType<typeof createSimulators>

function toSystems(simulators: SandboxSimulators, servers: SimulatorServers) {
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
