import { createFaultPanel, type FaultPanel, receiverEntry } from './fault-panel.ts'
import { createPartnerReceiver, type ReceivedDelivery } from './partner-receiver.ts'
import { createReplay, type ReplayReport } from './replay.ts'
import type { Simulator } from './simulator.ts'
import { serveSimulator } from './simulator-server.ts'
import {
  createBeginning,
  entryOf,
  type RunningSystem,
  type SandboxSystem,
  startSystem,
  systemNames,
  toSystem,
} from './start-system.ts'
import type { SandboxSystemName, sandboxSystems } from './systems.ts'

export { findSystems, type SandboxSystem } from './start-system.ts'
export type { SandboxSystemName } from './systems.ts'

export interface SandboxOptions {
  /** The same seed and day give the same tickets. */
  readonly seed?: string
  /** A time in the day whose midnight (UTC) ends the generated history, as milliseconds since 1970. Default: now. */
  readonly today?: number
  /** The systems that are started. Absent: those that `counts` names, and without it all. */
  readonly systems?: readonly SandboxSystemName[]
  /** How many tickets each system starts with. Absent: as many as the system has by itself. */
  readonly counts?: Partial<Record<SandboxSystemName, number>>
  /** The port of each system and of the partner receiver. Absent: a free port. */
  readonly ports?: Partial<Record<SandboxSystemName | 'partners', number>>
  /** The listening address. Default: 127.0.0.1. */
  readonly host?: string
  /** The delay of every answer of every system. */
  readonly latencyMs?: number
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

const partnerSecret = `whsec_${Buffer.from('sandbox-partner-secret-of-32-byte').toString('base64')}`

/** A gateway's configuration for the sandbox. */
export interface GatewayConfig {
  readonly sources: { readonly [Name in SandboxSystemName]: ReturnType<(typeof sandboxSystems)[Name]['config']> }
}

/** Starts the simulators and the partner receiver. Each is a real HTTP server with its own loopback port. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { seed = 'deskgraph', today = Date.now(), host = '127.0.0.1', latencyMs = 0, ports = {} } = options
  const begin = createBeginning(seed, today)
  const serve = (name: SandboxSystemName | 'partners', simulator: Simulator) =>
    serveSimulator(simulator, { host, latencyMs, port: ports[name] ?? 0 })
  const partnerReceiver = createPartnerReceiver(partnerSecret)
  const [partners, ...running] = await Promise.all([
    serve('partners', partnerReceiver),
    ...systemNames.filter(isStarted(options)).map((name) => startSystem(name, begin, options.counts, serve)),
  ])
  const replay = createReplay(running.map(({ changing }) => changing))
  const systems = Object.fromEntries(running.map(({ name, system }) => [name, system]))
  const panel = Object.fromEntries(running.map(({ name, entry }) => [name, entry]))
  const toConfig = ({ name, system }: RunningSystem) => [
    name,
    entryOf(name).config({ ...system, partners: { url: partners.origin, secret: partnerSecret } }),
  ]
  return {
    ...(systems as Record<SandboxSystemName, SandboxSystem>),
    // Only RBI sends to partners.
    faultPanel: createFaultPanel({ ...panel, ...('rbi' in panel && { partners: receiverEntry('Partners of RBI', partners) }) }),
    partners: {
      ...toSystem(partnerReceiver, partners, partners.origin, partnerSecret),
      received: partnerReceiver.received,
      refused: partnerReceiver.refused,
    },
    tickets: () => running.reduce((sum, { system }) => sum + system.tickets(), 0),
    gatewayConfig: () => ({ sources: Object.fromEntries(running.map(toConfig)) }) as GatewayConfig,
    replayHistory: replay.replayHistory,
    startLiveUpdates: replay.startLiveUpdates,
    async close() {
      await replay.close()
      await Promise.all([...running.map(({ server }) => server), partners].map((server) => server.close()))
    },
  }
}

function isStarted({ systems, counts }: SandboxOptions): (name: SandboxSystemName) => boolean {
  return (name) => systems?.includes(name) ?? (!counts || name in counts)
}
