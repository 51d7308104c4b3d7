import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts'
import { type GatewayConfig, gatewayConfig } from '../config/gateway-config.ts'

/** The sandbox and the configuration that joins a gateway to it. */
export interface StartedSandbox {
  readonly sandbox: Sandbox
  readonly config: GatewayConfig
  /** Sends the history of the event-fed systems. */
  feed(gatewayUrl: string): Promise<void>
  /** Goes on changing things, every few seconds, until `close`. */
  live(gatewayUrl: string): void
  close(): Promise<void>
}

/** Starts the five simulators beside what `base` configures. Its routing file is a real one, in a temporary folder: editing it shows the reload. */
export async function startSandbox(base: GatewayConfig | null, options: SandboxOptions = {}): Promise<StartedSandbox> {
  const sandbox = await createSandbox(options)
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-sandbox-'))
  const { sources } = sandbox.gatewayConfig()
  const routing = join(folder, 'routing.yaml')
  writeFileSync(routing, stringify(sources.rbi.routing), { mode: 0o600 })
  return {
    sandbox,
    config: withSources(base, { ...sources, rbi: { ...sources.rbi, routing } }),
    feed: async (gatewayUrl) => void (await sandbox.feed(gatewayUrl)),
    live: sandbox.live,
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
