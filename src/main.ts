import { fileURLToPath } from 'node:url'
import { describeGateway } from './app/banner.ts'
import { type StartedSandbox, startSandbox } from './app/start-sandbox.ts'
import { startGateway } from './app.ts'
import { loadConfig } from './config/load-config.ts'
import { ConfigError } from './config/read-yaml.ts'
import { readSettings } from './config/settings.ts'
import { DeskgraphError } from './domain/errors.ts'

/** Starts a gateway as the environment says; without a configuration file, over the sandbox. */
async function main(): Promise<void> {
  const settings = readSettings(process.env, process.cwd())
  const file = settings.configFile === null ? null : loadConfig(settings.configFile, settings.host, process.env)
  const sandbox = file === null || file.sandbox ? await startSandbox(file) : null
  const config = sandbox?.config ?? file
  if (config === null) throw new Error('neither a file nor the sandbox configured the gateway')
  const consoleFolder = fileURLToPath(new URL('./console', import.meta.url))
  const prepare = sandbox ? (url: string) => feedSandbox(sandbox, url) : undefined
  // Every start of the sandbox has a new history: it is kept only where that was asked for.
  const kept = sandbox === null ? settings : { ...settings, dataDir: process.env.DESKGRAPH_DATA_DIR || null }
  const gateway = await startGateway({ config, settings: kept, environment: process.env, consoleFolder, prepare })
  endWith(async () => {
    await sandbox?.close()
    await gateway.close()
  })
  console.log(describeGateway(gateway, config, sandbox !== null))
  sandbox?.live(gateway.url)
}

/** So that the first question of the first visitor finds every ticket. */
async function feedSandbox(sandbox: StartedSandbox, url: string): Promise<void> {
  console.log('The simulated systems send their history to the gateway …')
  await sandbox.feed(url)
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

main().catch((error: unknown) => {
  console.error(`Deskgraph did not start. ${explain(error)}`)
  process.exit(1)
})
