import type { Fault } from './inspection.ts'
import type { EventSimulator } from './simulator.ts'
import type { SimulatorServer } from './simulator-server.ts'

/** A fault that a person can choose. `effect` says what a client of the gateway then sees. */
export interface NamedFault {
  readonly name: string
  readonly label: string
  readonly effect: string
}

/** A simulated system with the faults that apply to it. */
export interface FaultySystem {
  readonly key: string
  readonly label: string
  readonly faults: readonly NamedFault[]
  /** The name of the present fault; null: the system works. */
  readonly fault: string | null
}

/** The faults of all systems, for a person who builds failure screens. */
export interface FaultPanel {
  systems(): readonly FaultySystem[]
  /** Sets a fault; null removes it. False: there is no such system, or it has no such fault. */
  setFault(key: string, name: string | null): boolean
}

/** One system of the panel: its faults, and what sets them. */
interface PanelEntry {
  readonly label: string
  readonly faults: readonly NamedFault[]
  set(name: string | null): void
}

/** A panel without a fault. */
export function createFaultPanel(entries: Readonly<Record<string, PanelEntry>>): FaultPanel {
  const present = new Map<string, string>()
  return {
    systems: () =>
      Object.entries(entries).map(([key, { label, faults }]) => ({ key, label, faults, fault: present.get(key) ?? null })),
    setFault(key, name) {
      const entry = Object.hasOwn(entries, key) ? entries[key] : undefined
      if (!entry || (name !== null && !entry.faults.some((fault) => fault.name === name))) return false
      if (name === null) present.delete(key)
      else present.set(key, name)
      entry.set(name)
      return true
    },
  }
}

type CallFault = NamedFault & { readonly fault: Fault }

const hang = { name: 'hang', label: 'Hang', fault: { kind: 'hang' } } as const
const tooMany = { name: '429', label: '429', fault: { kind: 'status', status: 429, retryAfter: '5' } } as const
const broken = { name: '500', label: '500', fault: { kind: 'status', status: 500 } } as const

const callFaults: readonly CallFault[] = [
  { ...hang, effect: 'No answer. Lists and tickets: UPSTREAM_TIMEOUT; after five in a row CIRCUIT_OPEN. Writes: UNKNOWN.' },
  { ...tooMany, effect: 'Too many calls. Reads: UPSTREAM_RATE_LIMITED with retryAfter. Writes: SOURCE_RATE_LIMITED.' },
  { ...broken, effect: 'The system fails. Reads: UPSTREAM_UNAVAILABLE; after five in a row CIRCUIT_OPEN.' },
  {
    name: 'lost-answer',
    label: 'Lose the answer',
    effect: 'A write is done, and its answer is lost: outcome UNKNOWN. Reads work.',
    fault: { kind: 'reset', afterWork: true, writesOnly: true },
  },
]

/** The faults of a system that the gateway calls. */
export function callEntry(label: string, server: SimulatorServer): PanelEntry {
  return toCallEntry(label, callFaults, server)
}

const deliveryFaults: readonly CallFault[] = [
  { ...hang, effect: 'Partners do not answer. An attempt of a delivery times out and is repeated.' },
  { ...tooMany, effect: 'Partners ask for fewer calls. A delivery waits and is repeated.' },
  { ...broken, effect: 'Partners fail. A delivery is repeated, and is DEAD after its last attempt.' },
]

/** The faults of the receiver of routed tickets. */
export function receiverEntry(label: string, server: SimulatorServer): PanelEntry {
  return toCallEntry(label, deliveryFaults, server)
}

function toCallEntry(label: string, faults: readonly CallFault[], server: SimulatorServer): PanelEntry {
  return {
    label,
    faults: faults.map(({ name, label, effect }) => ({ name, label, effect })),
    set: (name) => server.setFault(faults.find((fault) => fault.name === name)?.fault ?? null),
  }
}

const eventFaults: readonly NamedFault[] = [
  {
    name: 'silent',
    label: 'No events',
    effect: 'Tickets change, and no event tells it. What the gateway shows becomes old.',
  },
  {
    name: 'unreadable',
    label: 'Unreadable events',
    effect: 'Each event becomes a dead letter, and the health of the source is DEGRADED. The first comes within 15 seconds.',
  },
]

/** A system that sends events, with its live changes as its fault says. The gateway never calls it, so that calls cannot fail. */
export function withEventFaults(label: string, simulator: EventSimulator): { simulator: EventSimulator; entry: PanelEntry } {
  let fault: string | null = null
  return {
    simulator: {
      ...simulator,
      changeOne(now) {
        if (fault === 'unreadable') return [simulator.unreadable(now)]
        const webhooks = simulator.changeOne(now)
        return fault === 'silent' ? [] : webhooks
      },
    },
    entry: {
      label,
      faults: eventFaults,
      set(name) {
        fault = name
      },
    },
  }
}
