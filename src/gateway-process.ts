import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { Sandbox, SandboxOptions } from '../sandbox/sandbox.ts'
import { type GatewayConfig, gatewayConfig } from './config/gateway-config.ts'
import { loadConfig, loadConfigForStart } from './config/load-config.ts'
import { ConfigError, type Environment } from './config/read-yaml.ts'
import { readSettings } from './config/settings.ts'
import { DeskgraphError } from './domain/errors.ts'
import { loopbackOrigins } from './http/plugins/cors.ts'
import type { SandboxPanel } from './http/routes/sandbox.ts'
import { createProcessMessages } from './observability/process-messages.ts'
import { type Gateway, startGateway } from './server.ts'

/** The build writes the console here. Without it the gateway runs without GraphiQL. */
const consoleFolder = fileURLToPath(new URL('../console', import.meta.url))
const messages = createProcessMessages(process.stdout, process.stderr)

/** Starts a gateway as the environment says. A failed start ends the process with a message and the exit code 1. */
export function runProcess(environment: Environment): void {
  // A diagnostic report (--report-on-fatalerror) would hold the secrets of the environment.
  if (process.report) process.report.excludeEnv = true
  start(environment).catch((error: unknown) => {
    messages.fail(`Deskgraph did not start. ${explain(error)}`)
    process.exit(1)
  })
}

/** Without a configuration file the gateway runs over the sandbox. */
async function start(environment: Environment): Promise<void> {
  const settings = readSettings(environment, process.cwd())
  const loaded = settings.configFile === null ? null : loadConfigForStart(settings.configFile, settings.host, environment)
  const file = loaded?.config ?? null
  const { sandboxSystems } = settings
  const isSandbox = file === null || file.sandbox
  if (sandboxSystems && !isSandbox) {
    throw new ConfigError(['environment variable DESKGRAPH_SANDBOX: the configuration file has no "sandbox: true"'])
  }
  const sandbox = isSandbox ? await startSandbox(file, sandboxSystems ? { systems: sandboxSystems } : {}) : null
  const config = sandbox?.config ?? file
  if (config === null) throw new Error('neither a file nor the sandbox configured the gateway')
  const gateway = await startGateway({
    config,
    // The sandbox has a new history at each start. Its database is stored only where the operator names a directory.
    settings: sandbox ? { ...settings, dataDir: environment.DESKGRAPH_DATA_DIR?.trim() || null } : settings,
    environment,
    console: existsSync(consoleFolder) ? { folder: consoleFolder, sandbox: sandbox?.panel } : null,
    prepare: sandbox ? (url) => replayHistory(sandbox, url) : undefined,
  }).catch((error: unknown) => {
    // The place of each fault says more than the source's own refusal.
    throw loaded && loaded.linkedFaults.length > 0 ? new ConfigError(loaded.linkedFaults) : error
  })
  const close = async () => {
    // Before the sandbox, which removes the routing file that the gateway watches.
    await gateway.close()
    await sandbox?.close()
  }
  // The sandbox has no load balancer in front that would have to notice.
  shutDownOnSignals({ drain: gateway.drain, close, delayMs: sandbox ? 0 : config.shutdown.delayMs })
  reloadOnHangUp(gateway, () =>
    settings.configFile === null ? config : loadConfig(settings.configFile, settings.host, environment),
  )
  messages.inform(describeGateway(gateway, config, sandbox !== null), summarise(gateway, config), { sandbox: sandbox !== null })
  sandbox?.startLiveUpdates(gateway.url)
}

/** Runs before the gateway listens, so that the first query finds every ticket. */
async function replayHistory(sandbox: StartedSandbox, url: string): Promise<void> {
  const text = 'The simulated systems send their history to the gateway …'
  messages.inform(text, text)
  await sandbox.replayHistory(url)
}

const shutdownTimeoutMs = 10_000

interface Shutdown {
  drain(): void
  close(): Promise<void>
  readonly delayMs: number
}

/**
 * Ends the process: with the exit code 0, or with 1 when the closing takes longer than ten seconds or after a second signal. After SIGTERM it
 * goes on serving for `delayMs` first, while readiness is 503. SIGINT, which people send, closes at once. PROCESS-02.
 */
function shutDownOnSignals({ drain, close, delayMs }: Shutdown): void {
  let isEnding = false
  const end = async (waitMs: number) => {
    if (isEnding) process.exit(1)
    isEnding = true
    drain()
    await sleep(waitMs)
    setTimeout(() => process.exit(1), shutdownTimeoutMs).unref()
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', () => void end(delayMs))
  process.on('SIGINT', () => void end(0))
}

/** SIGHUP: the log level and the linked files are read again. A configuration with faults changes nothing and is reported. */
function reloadOnHangUp(gateway: Pick<Gateway, 'reload'>, read: () => GatewayConfig): void {
  const reload = async () => gateway.reload(read())
  process.on('SIGHUP', () => {
    reload().catch((error: unknown) => {
      messages.fail(`Deskgraph goes on with its present configuration. ${explain(error)}`)
    })
  })
}

/** What failed at the start, for the operator. A stack trace only where the message alone does not explain it. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return `The configuration has ${error.lines.length} fault(s):\n  ${error.lines.join('\n  ')}`
  if (error instanceof DeskgraphError) return error.message
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  return startFaults[code ?? ''] ?? error.stack ?? error.message
}

const startFaults: Readonly<Record<string, string>> = {
  EADDRINUSE: 'The address is in use already. Set PORT to another port, or stop the process that listens there.',
  EADDRNOTAVAIL: 'The address is not one of this machine. Set HOST to an address of this machine.',
  EACCES: 'The port may not be used by this user. Set PORT to a port from 1024 on.',
  ENOTFOUND: 'The host name is not known. Set HOST to a name or an address of this machine.',
}

/** The running sandbox and the gateway's configuration for it. */
export interface StartedSandbox {
  readonly sandbox: Sandbox
  readonly config: GatewayConfig
  /** The faults of the simulators that the gateway uses. */
  readonly panel: SandboxPanel
  /** Sends the history of the event-fed systems to the gateway. */
  replayHistory(gatewayUrl: string): Promise<void>
  /** Changes a ticket every few seconds, until `close`. */
  startLiveUpdates(gatewayUrl: string): void
  close(): Promise<void>
}

/** `systems`: the names of those that start, as an operator wrote them. Absent: all. */
type SandboxSettings = Omit<SandboxOptions, 'systems'> & { readonly systems?: readonly string[] }

/**
 * Starts the simulators and adds them to the configuration `base`. The routing file is in a temporary folder, so that a user
 * can edit it and see the reload. Throws ConfigError for the name of a system that there is not. A source of `base` wins over a simulator with the same key.
 */
export async function startSandbox(base: GatewayConfig | null, options: SandboxSettings = {}): Promise<StartedSandbox> {
  // The sandbox is loaded only where it is used.
  const { createSandbox, findSystems } = await import('../sandbox/sandbox.ts')
  const { systems, ...rest } = options
  const found = systems === undefined ? undefined : findSystems(systems)
  if (found !== undefined && 'problem' in found)
    throw new ConfigError([`environment variable DESKGRAPH_SANDBOX: ${found.problem}`])
  const sandbox = await createSandbox({ ...rest, ...found })
  const folder = mkdtempSync(join(tmpdir(), 'deskgraph-sandbox-'))
  const routing = join(folder, 'routing.yaml')
  const { sources } = sandbox.gatewayConfig()
  if (sources.rbi) writeFileSync(routing, stringify(sources.rbi.routing), { mode: 0o600 })
  const simulated = gatewayConfig.parse({
    sources: { ...sources, ...(sources.rbi && { rbi: { ...sources.rbi, routing } }) },
    http: { allowedOrigins: loopbackOrigins },
  })
  return {
    sandbox,
    config: base ? joinConfigs(base, simulated) : simulated,
    panel: toPanel(sandbox, base),
    replayHistory: async (gatewayUrl) => void (await sandbox.replayHistory(gatewayUrl)),
    startLiveUpdates: sandbox.startLiveUpdates,
    async close() {
      await sandbox.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Without the simulators that a source of the configuration replaces. */
function toPanel({ faultPanel }: Sandbox, base: GatewayConfig | null): SandboxPanel {
  const systems = () => faultPanel.systems().filter(({ key }) => !Object.hasOwn(base?.sources ?? {}, key))
  return {
    systems,
    setFault: (key, name) => systems().some((system) => system.key === key) && faultPanel.setFault(key, name),
  }
}

function joinConfigs(base: GatewayConfig, simulated: GatewayConfig): GatewayConfig {
  const allowedOrigins = [...base.http.allowedOrigins, ...simulated.http.allowedOrigins]
  return { ...base, http: { ...base.http, allowedOrigins }, sources: { ...simulated.sources, ...base.sources } }
}

/** One line: how many sources, at which address, and which. */
function summarise({ url }: Pick<Gateway, 'url'>, config: GatewayConfig): string {
  const sources = Object.entries(config.sources).map(([key, { system }]) => (key === system ? key : `${key} (${system})`))
  return `Deskgraph serves ${sources.length} sources at ${url}: ${sources.join(', ')}`
}

/** The first output of a gateway: its sources, its addresses, and three queries to try. */
export function describeGateway(
  gateway: Pick<Gateway, 'url' | 'metricsPort' | 'console'>,
  config: GatewayConfig,
  isSandbox: boolean,
): string {
  const { url, metricsPort } = gateway
  const metricsUrl = metricsPort === null ? url : url.replace(/\d+$/, String(metricsPort))
  const lines = [
    '',
    `  ${summarise(gateway, config)}`,
    '',
    ...(gateway.console ? [`  GraphiQL        ${url}/graphql  (in a browser)`] : []),
    `  GraphQL         ${url}/graphql  (POST; WebSocket and SSE for subscriptions)`,
    `  Webhooks        ${url}/webhooks/{source}`,
    `  Health          ${url}/health/live  ${url}/health/ready`,
    `  Metrics         ${metricsUrl}/metrics`,
    ...(isSandbox
      ? ['', '  This is the sandbox: simulated systems, and nothing is stored. DESKGRAPH_CONFIG names a file for real systems.']
      : []),
    ...(config.auth.mode === 'none'
      ? ['', '  Three queries to try:', ...sampleQueries.map((query) => `    ${toCurl(url, query)}`)]
      : []),
    '',
  ]
  return lines.join('\n')
}

const sampleQueries = [
  '{ tickets(first: 5) { nodes { title status source { key } } sources { source { key } outcome returned } } }',
  '{ tickets(first: 3, filter: { status: [ESCALATED] }) { nodes { id title customer { name } vendor { vertical } links { externalId } } } }',
  '{ sources { key system mode actions health { state latencyP50Ms } } }',
]

function toCurl(url: string, query: string): string {
  return `curl -s ${url}/graphql -H 'content-type: application/json' -d '${JSON.stringify({ query })}'`
}
