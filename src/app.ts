import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import { buildEvents } from './app/build-events.ts'
import { buildGraph } from './app/build-graph.ts'
import { buildHttp } from './app/build-http.ts'
import { buildRouting } from './app/build-routing.ts'
import { buildSeeing } from './app/build-seeing.ts'
import { buildSources } from './app/build-sources.ts'
import { startUpkeep } from './app/upkeep.ts'
import { createAuthenticator } from './auth/authenticator.ts'
import { problemWithHost } from './auth/config.ts'
import type { GatewayConfig } from './config/gateway-config.ts'
import type { Environment } from './config/interpolate.ts'
import { ConfigError } from './config/read-yaml.ts'
import type { Settings } from './config/settings.ts'
import type { SourceInfo } from './domain/source.ts'
import { createChangeRecorder, createTicketHistory } from './events/journal.ts'
import { toExploration } from './graphql/limits/documents-config.ts'
import { createRateLimiter } from './http/guards/rate-limiter.ts'
import { systemClock } from './lib/clock.ts'
import type { BuiltSource } from './sources/registry.ts'
import { openStore } from './store/open-store.ts'
import { createTicketDesk } from './tickets/desk.ts'

export interface GatewayOptions {
  readonly config: GatewayConfig
  readonly settings: Settings
  /** For the routing files, which are interpolated again at every reload. */
  readonly environment: Environment
  /** Where the built console lies; null: no console. */
  readonly consoleFolder: string | null
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

async function joinParts({ config, settings, environment, consoleFolder }: GatewayOptions, closing: Closing): Promise<Gateway> {
  const problem = problemWithHost(config.auth, settings.host)
  if (problem) throw new ConfigError([problem])
  const clock = systemClock
  const seeing = buildSeeing(config.observability, settings, clock)
  closing.add(seeing.close)
  const { logger, metrics } = seeing

  const built: BuiltSource[] = []
  const infos = new Map<string, SourceInfo>()
  const findSource = (key: string) => infos.get(key) ?? null
  const store = await openStore({ ...settings, findSource, logger, metrics, clock })
  closing.add(store.close)
  const routing = await buildRouting({ config, store, findSource, environment, logger, metrics, clock })
  closing.add(routing.close)
  const routerOf = (key: string) => routing.routerOf(key) ?? raise(`The source ${key} has no routing.`)
  built.push(...buildSources(config.sources, { tickets: store.tickets, routerOf, logger, metrics, clock }))
  for (const { source } of built) infos.set(source.info.key, source.info)
  const sources = built.map(({ source }) => source)
  closing.add(async () => void (await Promise.all(sources.map((source) => source.close?.()))))
  const intakes = built.flatMap(({ intake }) => intake ?? [])
  const events = buildEvents({ store, intakes, redisUrl: settings.redisUrl, metrics, logger, clock })
  closing.add(events.close)

  const redis = settings.redisUrl === null ? undefined : new Redis(settings.redisUrl, { maxRetriesPerRequest: 1 })
  redis?.on('error', (error) => logger.warn({ cause: error.message }, 'the connection to Redis has a fault'))
  closing.add(async () => redis?.disconnect())
  const limiter = createRateLimiter({ rate: config.limits.rate, redis, metrics })
  const authenticator = createAuthenticator(config.auth, { clock, logger })
  closing.add(async () => authenticator.close())

  const desk = createTicketDesk({
    sources,
    idempotency: store.idempotency,
    recorder: createChangeRecorder(store),
    metrics,
    logger,
    clock,
    limits: { ...config.reading, maxPageSize: config.limits.pageSize },
  })
  const services = {
    sources,
    desk,
    deliveries: routing.deliveries,
    quarantine: events.quarantine,
    changes: events.changes,
    history: createTicketHistory(store.journal),
    routerOf: routing.routerOf,
    maxPageSize: config.limits.pageSize,
  }
  const graph = await buildGraph({ config, services, authenticator, limiter, metrics, logger })
  closing.add(graph.server.stop)
  let isClosing = false
  const http = await buildHttp({
    config,
    authenticator,
    limiter,
    handler: graph.handler,
    intake: events.intake,
    intakeKeys: new Set(intakes.map((intake) => intake.source.key)),
    dependencies: [
      { name: 'store', check: store.ping },
      ...(redis ? [{ name: 'redis', check: async () => void (await redis.ping()) }] : []),
      { name: 'keys', check: async () => void (authenticator.isReady() || raise('The keys were never loaded.')) },
    ],
    sources,
    consoleFolder,
    isClosing: () => isClosing,
    metrics,
    logger,
  })
  closing.add(async () => http.close())
  closing.add(async () => {
    isClosing = true
  })

  await events.intake.start()
  await http.listen({ host: settings.host, port: settings.port })
  await startUpkeep({ config, store, routing, logger, clock })
  const { address, port, family } = http.server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    console: toExploration(config, config.auth.mode).graphiql && consoleFolder !== null,
    idle: events.intake.idle,
    close: closing.close,
  }
}

interface Closing {
  add(step: () => Promise<unknown>): void
  close(): Promise<void>
}

/** Closes in the opposite order of opening; one step's failure does not keep the others open. */
function createClosing(): Closing {
  const steps: (() => Promise<unknown>)[] = []
  return {
    add: (step) => void steps.push(step),
    async close() {
      for (let step = steps.pop(); step; step = steps.pop()) await step().catch(() => undefined)
    },
  }
}

function raise(message: string): never {
  throw new Error(message)
}
