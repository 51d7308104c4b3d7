import type { CallRecord } from './call-log.ts'
import type { Fault } from './faults.ts'
import type { GatewayConfig } from './gateway-config.ts'
import type { ReceivedDelivery } from './partner/receiver.ts'
import type { FeedReport } from './send-events.ts'

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
  gatewayConfig(): GatewayConfig
  /**
   * Sends the backlog of the event-fed systems to a gateway, then changes a few tickets of every system, so that each has
   * some of the latest. Resolves when all was answered.
   * null: it was ended before all was answered. Rejects when the gateway stays away for a minute.
   */
  feed(gatewayUrl: string, signal?: AbortSignal): Promise<FeedReport | null>
  /** From now on one ticket of the systems in turn changes every few seconds, until `close`. */
  live(gatewayUrl: string, everyMs?: number): void
  close(): Promise<void>
}
