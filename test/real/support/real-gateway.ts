import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/load-config.ts'
import { readSettings } from '../../../src/config/settings.ts'
import { startGateway } from '../../../src/server.ts'
import { freePort } from './desk-process.ts'

// biome-ignore lint/suspicious/noExplicitAny: each test compares the fields of its answers
type Data = any

/** A gateway over real desks, from a configuration file as an operator writes it. */
export interface RealGateway {
  readonly url: string
  /** Executes an operation and returns its data. Throws when the answer has errors. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Data>
  close(): Promise<void>
}

/** `sources`: the block of the configuration. */
export async function startRealGateway(sources: Readonly<Record<string, object>>): Promise<RealGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-real-'))
  const file = join(folder, 'deskgraph.yaml')
  const port = await freePort()
  // JSON is YAML.
  const config = {
    auth: { mode: 'none' },
    http: { publicUrl: `http://127.0.0.1:${port}` },
    limits: { overload: { eventLoopLagMs: 60_000 } },
    observability: { audit: { file: join(folder, 'audit.jsonl') } },
    live: { pollIntervalMs: 1_000 },
    sources,
  }
  writeFileSync(file, JSON.stringify(config))
  const settings = { ...readSettings({ PORT: String(port), LOG_LEVEL: 'silent' }, folder), dataDir: null }
  const loaded = loadConfig(file, settings.host, {})
  const gateway = await startGateway({ config: loaded, settings, environment: {}, console: null })
  return {
    url: gateway.url,
    async ask(query, variables) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = (await response.json()) as { data: Data; errors?: unknown }
      if (errors) throw new Error(`The graph answered with errors: ${JSON.stringify(errors)}`)
      return data
    },
    async close() {
      await gateway.close()
      rmSync(folder, { recursive: true })
    },
  }
}
