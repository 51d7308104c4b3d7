import { callEntry, withEventFaults } from './fault-panel.ts'
import type { CallRecord, Fault } from './inspection.ts'
import { createRandom } from './random.ts'
import type { EventSimulator, Simulator } from './simulator.ts'
import type { SimulatorServer } from './simulator-server.ts'
import { createStory, type Story } from './story.ts'
import { type SandboxSystemName, type SystemEntry, sandboxSystems } from './systems.ts'
import { startOfDay } from './times.ts'

export const systemNames = Object.keys(sandboxSystems) as SandboxSystemName[]

export function entryOf(name: SandboxSystemName): SystemEntry {
  return sandboxSystems[name]
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

/** What all systems of one sandbox begin with. */
export interface Beginning {
  readonly seed: string
  /** The end of the history. */
  readonly until: number
  readonly story: Story
}

export function createBeginning(seed: string, today: number): Beginning {
  const until = startOfDay(today)
  return { seed, until, story: createStory(createRandom(`${seed}/story`), until) }
}

/** The systems of these names, or what is wrong with them. */
export function findSystems(
  wanted: readonly string[],
): { readonly systems: readonly SandboxSystemName[] } | { readonly problem: string } {
  const unknown = wanted.filter((name) => !systemNames.includes(name as SandboxSystemName))
  if (unknown.length === 0 && wanted.length > 0) return { systems: wanted as readonly SandboxSystemName[] }
  const problem = unknown.length > 0 ? `there is no system "${unknown.join('", "')}"` : 'it names no system'
  return { problem: `${problem}; there are: ${systemNames.join(', ')}` }
}

export type RunningSystem = Awaited<ReturnType<typeof startSystem>>

/** Starts one simulated system behind its server. */
export async function startSystem(
  name: SandboxSystemName,
  { seed, until, story }: Beginning,
  counts: Partial<Record<SandboxSystemName, number>> | undefined,
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

export function toSystem(simulator: Simulator, server: SimulatorServer, url: string, token: string): SandboxSystem {
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
