import { callEntry, createFaultPanel, type FaultPanel, receiverEntry, withEventFaults } from './fault-panel.ts'
import type { CallRecord, Fault } from './inspection.ts'
import { createPartnerReceiver, type ReceivedDelivery } from './partner-receiver.ts'
import { createRandom } from './random.ts'
import { createReplay, type ReplayReport } from './replay.ts'
import type { EventSimulator, Simulator } from './simulator.ts'
import { type SimulatorServer, serveSimulator } from './simulator-server.ts'
import { createStory, type Story } from './story.ts'
import { type SandboxSystemName, type SystemEntry, sandboxSystems } from './systems.ts'
import { startOfDay } from './times.ts'

export type { SandboxSystemName } from './systems.ts'

const names = Object.keys(sandboxSystems) as SandboxSystemName[]
const entryOf = (name: SandboxSystemName): SystemEntry => sandboxSystems[name]

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

const partnerSecret = `whsec_${Buffer.from('sandbox-partner-secret-of-32-byte').toString('base64')}`

/** A gateway's configuration for the sandbox. */
export interface GatewayConfig {
  readonly sources: { readonly [Name in SandboxSystemName]: ReturnType<(typeof sandboxSystems)[Name]['config']> }
}

/** Starts the simulators and the partner receiver. Each is a real HTTP server with its own loopback port. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { seed = 'deskgraph', today = Date.now(), host = '127.0.0.1', latencyMs = 0, ports = {} } = options
  const until = startOfDay(today)
  const begin: Beginning = { seed, until, story: createStory(createRandom(`${seed}/story`), until) }
  const serve = (name: SandboxSystemName | 'partners', simulator: Simulator) =>
    serveSimulator(simulator, { host, latencyMs, port: ports[name] ?? 0 })
  const partnerReceiver = createPartnerReceiver(partnerSecret)
  const [partners, ...running] = await Promise.all([
    serve('partners', partnerReceiver),
    ...names.filter(isStarted(options)).map((name) => startSystem(name, begin, options.counts, serve)),
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

interface Beginning {
  readonly seed: string
  /** The end of the history. */
  readonly until: number
  readonly story: Story
}

function isStarted({ systems, counts }: SandboxOptions): (name: SandboxSystemName) => boolean {
  return (name) => systems?.includes(name) ?? (!counts || name in counts)
}

/** The systems of these names, or what is wrong with them. */
export function findSystems(
  wanted: readonly string[],
): { readonly systems: readonly SandboxSystemName[] } | { readonly problem: string } {
  const unknown = wanted.filter((name) => !names.includes(name as SandboxSystemName))
  if (unknown.length === 0 && wanted.length > 0) return { systems: wanted as readonly SandboxSystemName[] }
  const problem = unknown.length > 0 ? `there is no system "${unknown.join('", "')}"` : 'it names no system'
  return { problem: `${problem}; there are: ${names.join(', ')}` }
}

type RunningSystem = Awaited<ReturnType<typeof startSystem>>

async function startSystem(
  name: SandboxSystemName,
  { seed, until, story }: Beginning,
  counts: SandboxOptions['counts'],
  serve: (name: SandboxSystemName, simulator: Simulator) => Promise<SimulatorServer>,
) {
  const { label, token, path = '', ...system } = entryOf(name)
  const simulator = system.create({
    random: createRandom(`${seed}/${name}`),
    until,
    story,
    count: counts?.[name] ?? system.count,
    token,
    secret: token,
  })
  const server = await serve(name, simulator)
  // Calls to a system that sends events cannot fail: the gateway never calls it.
  const { simulator: changing, entry } =
    'history' in simulator ? withEventFaults(label, simulator as EventSimulator) : { simulator, entry: callEntry(label, server) }
  return { name, server, changing, entry, system: toSystem(simulator, server, server.origin + path, token) }
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
