import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts'
import { type GatewayConfig, gatewayConfig } from '../config/gateway-config.ts'

/** The running sandbox and the gateway's configuration for it. */
export interface StartedSandbox {
  readonly sandbox: Sandbox
  readonly config: GatewayConfig
  /** Sends the history of the event-fed systems to the gateway. */
  replayHistory(gatewayUrl: string): Promise<void>
  /** Changes a ticket every few seconds, until `close`. */
  startLiveUpdates(gatewayUrl: string): void
  close(): Promise<void>
}

/** Starts the five simulators and adds them to the configuration `base`. The routing file is in a temporary folder, so that a user can edit it and see the reload. */
export async function startSandbox(base: GatewayConfig | null, options: SandboxOptions = {}): Promise<StartedSandbox> {
  const sandbox = await createSandbox(options)
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-sandbox-'))
  const { sources } = sandbox.gatewayConfig()
  const routing = join(folder, 'routing.yaml')
  writeFileSync(routing, stringify(sources.rbi.routing), { mode: 0o600 })
  return {
    sandbox,
    config: withSources(base, { ...sources, rbi: { ...sources.rbi, routing } }),
    replayHistory: async (gatewayUrl) => void (await sandbox.replayHistory(gatewayUrl)),
    startLiveUpdates: sandbox.startLiveUpdates,
    async close() {
      await sandbox.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function withSources(base: GatewayConfig | null, sources: Record<string, unknown>): GatewayConfig {
  const simulated = gatewayConfig.parse({ sources })
  return base ? { ...base, sources: { ...simulated.sources, ...base.sources } } : simulated
}
