import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { problemWithHost } from './auth/config.ts'
import type { GatewayConfig } from './config/gateway-config.ts'
import type { Environment } from './config/read-yaml.ts'
import { ConfigError } from './config/read-yaml.ts'
import type { Settings } from './config/settings.ts'
import { toExploration } from './graphql/limits/config.ts'
import type { LoggerOptions } from './observability/logger.ts'
import { buildBase } from './server/build-base.ts'
import { buildGraph } from './server/build-graph.ts'
import { buildHttp, type Phase } from './server/build-http.ts'
import { buildSupply } from './server/build-supply.ts'
import { type Closing, createClosing } from './server/closing.ts'
import { startPoller } from './server/start-poller.ts'
import { startSinks } from './server/start-sinks.ts'
import { startUpkeep } from './server/upkeep.ts'
import type { SourceInfo } from './sources/source.ts'

export interface GatewayOptions {
  readonly config: GatewayConfig
  readonly settings: Settings
  /** For the routing files, which are interpolated again at every reload. */
  readonly environment: Environment
  /** Where the built console lies; null: no console. */
  readonly consoleFolder: string | null
  /** Done before anybody else can reach the gateway, which answers at `url` (loopback) meanwhile. */
  readonly prepare?: ((url: string) => Promise<void>) | undefined
  /** Receives the log lines; the standard output by default. */
  readonly logStream?: LoggerOptions['stream']
}

/** A running gateway. */
export interface Gateway {
  readonly url: string
  /** A browser gets GraphiQL. */
  readonly console: boolean
  /** Resolves when every event that was taken before is applied. */
  idle(): Promise<void>
  /** Lets requests in flight finish, refuses new ones, and gives everything back. */
  close(): Promise<void>
}

/**
 * Connections that may wait to be taken: the kernel's own limit on most machines (`net.core.somaxconn`, which bounds it).
 * Node takes one per turn of the event loop; of a crowd that connects at once, such as subscribers after a restart, those
 * beyond it are dropped and try again after one second, three, seven. Node's default is 511.
 */
const listenBacklog = 4_096

/**
 * Joins all parts and listens. Rejects with ConfigError where they do not fit, and with STORAGE_UNAVAILABLE where the
 * database cannot be opened; what was opened by then is closed again.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const closing = createClosing()
  try {
    return await joinParts(options, closing)
  } catch (error) {
    await closing.close()
    throw error
  }
}

async function joinParts(options: GatewayOptions, closing: Closing): Promise<Gateway> {
  const { config, settings, environment, consoleFolder } = options
  const problem = problemWithHost(config.auth, settings.host)
  if (problem) throw new ConfigError([problem])
  const infos = new Map<string, SourceInfo>()
  const base = await buildBase(config, settings, (key) => infos.get(key) ?? null, closing, options.logStream)
  const supply = await buildSupply(base, environment, infos, closing)
  const graph = await buildGraph(base, supply)
  closing.add(graph.server.stop)
  let phase: Phase = 'preparing'
  const http = await buildHttp({ base, supply, graph, consoleFolder, phase: () => phase })
  closing.add(() => http.close())
  closing.add(async () => {
    phase = 'closing'
  })
  await supply.events.ingestion.start()
  await startUpkeep(base, supply, closing)
  startSinks(base, supply, closing)
  startPoller(base, supply, closing)
  if (options.prepare) await prepareAlone(http, options.prepare)
  await http.listen({ host: settings.host, port: settings.port, backlog: listenBacklog })
  phase = 'open'
  return {
    url: urlOf(http.server),
    console: toExploration(config, config.auth.mode).graphiql && consoleFolder !== null,
    idle: supply.events.ingestion.idle,
    close: closing.close,
  }
}

/** Serves on a port that nobody knows until the preparation is done. */
async function prepareAlone(http: FastifyInstance, prepare: (url: string) => Promise<void>): Promise<void> {
  await http.ready()
  const server = createServer(http.routing)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await prepare(urlOf(server))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function urlOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
