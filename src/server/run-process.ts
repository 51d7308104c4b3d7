import { fileURLToPath } from 'node:url'
import type { GatewayConfig } from '../config/gateway-config.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Environment } from '../config/read-yaml.ts'
import { ConfigError } from '../config/read-yaml.ts'
import { readSettings } from '../config/settings.ts'
import { DeskgraphError } from '../domain/errors.ts'
import { startGateway } from '../server.ts'
import { describeGateway } from './banner.ts'
import type { StartedSandbox } from './start-sandbox.ts'

/** Starts a gateway as the environment says, and ends the process where it cannot be. */
export function runProcess(environment: Environment): void {
  start(environment).catch((error: unknown) => {
    console.error(`Deskgraph did not start. ${explain(error)}`)
    process.exit(1)
  })
}

/** Without a configuration file, over the sandbox. */
async function start(environment: Environment): Promise<void> {
  const settings = readSettings(environment, process.cwd())
  const file = settings.configFile === null ? null : loadConfig(settings.configFile, settings.host, environment)
  const sandbox = file === null || file.sandbox ? await loadSandbox(file) : null
  const config = sandbox?.config ?? file
  if (config === null) throw new Error('neither a file nor the sandbox configured the gateway')
  const consoleFolder = fileURLToPath(new URL('../../console', import.meta.url))
  const prepare = sandbox ? (url: string) => replayHistory(sandbox, url) : undefined
  // Every start of the sandbox has a new history: it is kept only where that was asked for.
  const kept = sandbox === null ? settings : { ...settings, dataDir: environment.DESKGRAPH_DATA_DIR || null }
  const gateway = await startGateway({ config, settings: kept, environment, consoleFolder, prepare })
  endWith(async () => {
    await sandbox?.close()
    await gateway.close()
  })
  console.log(describeGateway(gateway, config, sandbox !== null))
  sandbox?.startLiveUpdates(gateway.url)
}

/** Loaded only where it is wanted, as everything that takes long to load and is not always needed. */
async function loadSandbox(file: GatewayConfig | null): Promise<StartedSandbox> {
  const { startSandbox } = await import('./start-sandbox.ts')
  return startSandbox(file)
}

/** Runs before the gateway listens, so that the first query finds every ticket. */
async function replayHistory(sandbox: StartedSandbox, url: string): Promise<void> {
  console.log('The simulated systems send their history to the gateway …')
  await sandbox.replayHistory(url)
}

const graceMs = 10_000

/** SIGTERM and SIGINT let what is running finish, for at most ten seconds; a second signal ends at once. */
function endWith(close: () => Promise<void>): void {
  let closing = false
  const end = () => {
    if (closing) process.exit(1)
    closing = true
    setTimeout(() => process.exit(1), graceMs).unref()
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

/** What went wrong at the start, for the person at the terminal: no stack where the message says it all. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return `The configuration has ${error.lines.length} fault(s):\n  ${error.lines.join('\n  ')}`
  if (error instanceof DeskgraphError) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'The address is in use already. Set PORT to another port, or stop what listens there.'
  return error instanceof Error ? (error.stack ?? message) : String(error)
}
