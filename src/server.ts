import type { IncomingHttpHeaders } from 'node:http'
import { problemWithHost } from './auth/config.ts'
import { cacheSources } from './cache/cache-sources.ts'
import { createChangeRecorder } from './changes/change-log.ts'
import { type FileSink, startFileSinks } from './changes/change-sink.ts'
import { createChangeStream } from './changes/change-stream.ts'
import { createRedisPubSub } from './changes/pub-sub.ts'
import { type GatewayConfig, toPublicFields } from './config/gateway-config.ts'
import { ConfigError, readYaml } from './config/read-yaml.ts'
import { createDeliveryService } from './delivery/delivery-service.ts'
import { createOutbox } from './delivery/outbox.ts'
import { auditMutations } from './graphql/audit-mutations.ts'
import { createContext, type GraphRequest } from './graphql/context.ts'
import { cacheSeconds } from './graphql/format-response.ts'
import { createGraph } from './graphql/graph.ts'
import { toExploration } from './graphql/limits/config.ts'
import { createTrustedDocuments } from './graphql/limits/trusted-documents.ts'
import { createSchema } from './graphql/schema/index.ts'
import { createHttpApp, type HttpAppDeps, listen, serveOnLoopback } from './http/app.ts'
import { toDependencies, watchDependencies } from './http/dependency-monitor.ts'
import { createGraphHandler } from './http/graphql-handler.ts'
import { createAllowedOrigins } from './http/plugins/cors.ts'
import { refuseUnclearCredentials } from './http/plugins/credentials.ts'
import { createOverloadMonitor, shedLoad } from './http/plugins/overload.ts'
import { createRateCheck, limitRefusedSignIns } from './http/plugins/rate-limit.ts'
import { securityHeaders } from './http/plugins/security-headers.ts'
import { serveMetrics } from './http/routes/metrics.ts'
import type { WebhookReceiver } from './http/routes/webhooks.ts'
import { type Infrastructure, type InfrastructureOptions, openInfrastructure } from './infrastructure.ts'
import { createDeadLetters } from './ingestion/dead-letters.ts'
import { createHintService } from './ingestion/hint-service.ts'
import { createIngestionService } from './ingestion/ingestion-service.ts'
import { createPoller } from './ingestion/poller.ts'
import { createReconciler } from './ingestion/reconciler.ts'
import { type HousekeepingDeps, startHousekeeping } from './jobs/housekeeping.ts'
import { createJobs } from './jobs/jobs.ts'
import { createAuditLog } from './observability/audit-log.ts'
import { startSourcesAtZero } from './observability/metrics.ts'
import { createSources, findPlugin } from './sources/registry.ts'
import type { SourceDeps } from './sources/source-plugin.ts'
import { createFileService } from './tickets/files.ts'
import { createTicketService } from './tickets/ticket-service.ts'
import { createUploadService } from './tickets/uploads.ts'

// The composition root: every part of the gateway is created and joined here, from the database to the listening port.

/** What a gateway is started with. */
export interface GatewayOptions extends InfrastructureOptions {
  /** The built console; null: no console. */
  readonly console: HttpAppDeps['console']
  /** Runs before the gateway listens. Meanwhile it answers at `url`, a loopback address with a random port. */
  readonly prepare?: ((url: string) => Promise<void>) | undefined
}

/** A running gateway. */
export interface Gateway {
  readonly url: string
  /** Where `/metrics` has a port of its own; null: it is served at `url`. */
  readonly metricsPort: number | null
  /** True when `/graphql` shows GraphiQL to a browser. */
  readonly console: boolean
  /** Resolves when every event that was acknowledged before the call is applied. */
  idle(): Promise<void>
  /** Makes the gateway unready. It goes on serving, and closes each connection after its next response. */
  drain(): void
  /** Uses the log level of this configuration, and reads the linked files again. Everything else needs a restart. */
  reload(config: GatewayConfig): Promise<void>
  /** Refuses new requests, completes those in flight, and closes every part. It never rejects. */
  close(): Promise<void>
}

/** A subscriber that reads nothing for this long is disconnected. */
const slowClientMs = 10_000

/**
 * Starts a gateway. Rejects with ConfigError when parts do not fit together, and with STORAGE_UNAVAILABLE when the database
 * cannot be opened. It closes the parts that were open by then.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  await using parts = new AsyncDisposableStack()
  const gateway = await startParts(options, parts)
  const running = parts.move()
  let closing: Promise<void> | undefined
  return { ...gateway, close: () => (closing ??= running.disposeAsync()) }
}

async function startParts(options: GatewayOptions, parts: AsyncDisposableStack): Promise<Omit<Gateway, 'close'>> {
  const { config, settings } = options
  const console = toExploration(config, config.auth.mode).graphiql ? options.console : null
  const problem = problemWithHost(config.auth, settings.host)
  if (problem) throw new ConfigError([problem])
  const infrastructure = await openInfrastructure(options, parts)
  const data = await createDataSources(infrastructure)
  const graph = await createGraphApi(infrastructure, data)
  let phase: Phase = 'preparing'
  const http = await createHttp(infrastructure, data, graph, { console, phase: () => phase })
  infrastructure.onShutdown('HTTP server', () => http.close())
  infrastructure.onShutdown('readiness', () => {
    if (phase !== 'draining') phase = 'closing'
  })
  await data.ingestion.start()
  data.hints.start()
  await startBackgroundJobs(infrastructure, data)
  if (options.prepare) await serveOnLoopback(http, options.prepare)
  const ownMetrics = await serveOwnMetrics(infrastructure, settings.host)
  infrastructure.onShutdown('metrics', () => ownMetrics?.close())
  const url = await listen(http, settings)
  phase = 'open'
  const drain = () => {
    phase = 'draining'
  }
  const reload = async ({ observability }: GatewayConfig) => {
    infrastructure.logger.setLevel(settings.logLevel ?? observability.logLevel ?? 'info')
    await Promise.all(data.directories.map((directory) => directory.reload()))
  }
  return {
    url,
    metricsPort: ownMetrics?.port ?? null,
    console: console !== null,
    idle: async () => void (await Promise.all([data.ingestion.idle(), data.hints.idle()])),
    drain,
    reload,
  }
}

/** `preparing`: no client can connect. `open`: serving. `draining`: unready and serving, to the end. `closing`: completing the requests in flight. */
type Phase = 'preparing' | 'open' | 'draining' | 'closing'
type HttpState = { readonly console: HttpAppDeps['console']; readonly phase: () => Phase }
type DataSources = Awaited<ReturnType<typeof createDataSources>>
type GraphApi = Awaited<ReturnType<typeof createGraphApi>>

/** The sources, incoming events, the change stream, and outgoing deliveries. */
async function createDataSources(infrastructure: Infrastructure) {
  const { config, environment, store, clock, logger, fast, redisUrl, onShutdown } = infrastructure
  const { deliveries, tickets } = store
  const jobs = createJobs({ database: store.engine, logger })
  onShutdown('jobs', jobs.stop)
  const outbox = createOutbox({ deliveries, jobs, timeoutMs: config.deliveries.timeoutMs, clock })
  const readLinked: SourceDeps['readYaml'] = (text, file, schema) => readYaml({ text, file, schema, environment })
  const built = await createSources(config.sources, {
    ...{ ...infrastructure, tickets, outbox, readYaml: readLinked },
    checkpoints: store.events,
  })
  infrastructure.budgets.startMeasuring()
  const uncachedSources = built.map(({ source }) => source)
  startSourcesAtZero(
    infrastructure.metrics,
    uncachedSources.map(({ info }) => info),
  )
  onShutdown('sources', () => Promise.all(uncachedSources.map((source) => source.close?.())))
  const configOf = (key: string) => config.sources[key]?.cache
  const cached = await cacheSources({ ...infrastructure, sources: uncachedSources, configOf, maxTickets: config.cacheSize })
  onShutdown('cache', cached.close)
  const pubSub = redisUrl === null ? undefined : await createRedisPubSub({ redisUrl, logger })
  onShutdown('pub/sub', () => pubSub?.close())
  const webhookHandlers = built.flatMap(({ webhook }) => webhook ?? [])
  const ingestion = createIngestionService({ ...infrastructure, webhookHandlers })
  onShutdown('ingestion', ingestion.stop)
  const changes = createChangeStream({ ...infrastructure, pubSub, createDispatcher: fast?.createDispatcher })
  onShutdown('change stream', changes.close)
  const deadLetters = createDeadLetters({ store, webhookHandlers, ingestion, clock })
  const directories = built.flatMap(({ partners }) => partners ?? [])
  const delivery = { config: config.deliveries, deliveries, jobs, outbox, directories }
  const deliveryService = createDeliveryService({ ...infrastructure, ...delivery })
  const hinted = built.flatMap(({ source, hints: handler }) => (handler ? [{ source, handler }] : []))
  const hints = createHintService({ ...infrastructure, hinted })
  onShutdown('hints', hints.stop)
  const isEventFed = (key: string) => webhookHandlers.some(({ source }) => source.key === key)
  const intake: WebhookReceiver = {
    has: (key) => hints.has(key) || isEventFed(key),
    receive: (key, ...request) => (hints.has(key) ? hints : ingestion).receive(key, ...request),
  }
  const { sources } = cached
  return { sources, uncachedSources, intake, hints, ingestion, deadLetters, changes, jobs, directories, deliveryService }
}

/** The schema with its services, and the handler of its requests. */
async function createGraphApi(infrastructure: Infrastructure, data: DataSources) {
  const { config, identity, store, changeLog, authenticator, limiter, clock, logger, tracing, fast, onShutdown } = infrastructure
  const { metrics, accessLog } = infrastructure
  const { limits } = config
  const { deadLetters, changes, deliveryService: deliveries } = data
  const sources = tracing ? data.sources.map(tracing.traceSource) : data.sources
  const stored = { idempotency: store.idempotency, uploads: store.uploads, recorder: createChangeRecorder(store) }
  const reading = { ...config.reading, maxPageSize: limits.pageSize }
  const tickets = createTicketService({ ...infrastructure, ...stored, sources, limits: reading })
  const uploads = createUploadService({ sources, store: store.uploads, config: { ...config.http, ...limits }, clock })
  const files = createFileService({ sources, config: config.http, clock })
  const reads = { sources, tickets, publicFields: toPublicFields(config), maxPageSize: limits.pageSize }
  const reconciler = createReconciler({ sources: data.uncachedSources, store, clock })
  const services = { ...reads, reconciler, identity, uploads, files, deliveries, deadLetters, changes, history: changeLog }
  const schema = createSchema({ sources, transform: fast?.transformSchema, federation: config.federation })
  auditMutations(schema, createAuditLog({ file: config.observability.audit.file, clock }), logger)
  const fastGraph = { executor: fast?.createExecutor(schema), sharedPayloads: fast?.createSharedPayloads() }
  const { introspection } = toExploration(config, config.auth.mode)
  const graph = await createGraph({ ...infrastructure, ...fastGraph, schema, limits, introspection, tracer: tracing?.tracer })
  onShutdown('graph', graph.server.stop)
  const shared = {
    schemaText: graph.schemaText,
    authenticate: (headers: IncomingHttpHeaders) => authenticator.getCachedViewer(headers) ?? authenticator.authenticate(headers),
    checkRateLimit: createRateCheck(limiter),
    createContext: (request: GraphRequest) => createContext(services, request),
    trusted: createTrustedDocuments(config.documents),
  }
  const { documents, errors } = graph
  const server = fast?.runDirectly(graph.server, graph.pipeline) ?? graph.server
  const handler = createGraphHandler({ ...shared, server, documents, errors, cacheSeconds, maxBatch: limits.batch })
  const clockSkewSeconds = config.auth.mode === 'jwt' ? config.auth.clockSkewSeconds : 0
  const origins = createAllowedOrigins(config.http.allowedOrigins)
  const live = { ...shared, origins, graph, metrics, accessLog, clock, limits: { ...limits, clockSkewSeconds, slowClientMs } }
  return { ...shared, origins, uploads, files, handler, limits, errors, live, socketTransport: fast?.createSocketTransport() }
}

/** The HTTP server with its plugins and routes. */
function createHttp(infrastructure: Infrastructure, data: DataSources, graph: GraphApi, { console, phase }: HttpState) {
  const { config, metrics, accessLog, tracing, logger, failures, limiter, authenticator, fast, onShutdown } = infrastructure
  const { limits } = config
  const { getCachedViewer, authenticate } = authenticator
  // Before the gateway is open there are no clients to protect, and the work of the start would refuse the first ones.
  const monitor = createOverloadMonitor(limits.overload, { metrics, isActive: () => phase() !== 'preparing' })
  const isHealthy = () => phase() === 'open' && monitor.isHealthy()
  const { sources, directories } = data
  const dependencyMonitor = watchDependencies({ dependencies: toDependencies(infrastructure), metrics, logger })
  onShutdown('dependency monitor', dependencyMonitor.stop)
  return createHttpApp({
    accessLog,
    tracer: tracing?.tracer,
    failures,
    origins: graph.origins,
    plugins: [
      shedLoad(monitor, limits.overload, { metrics, failures }),
      limitRefusedSignIns(limiter, (headers) => getCachedViewer(headers) !== null),
      refuseUnclearCredentials(),
    ],
    graphql: graph,
    fastPath: fast?.createFastPath({ ...graph, getCachedViewer, isHealthy, defaultHeaders: securityHeaders().flat() }),
    uploads: graph.uploads,
    files: graph.files,
    webhooks: { receiver: data.intake, metrics, maxBodyBytes: limits.webhookBytes },
    health: { dependencies: dependencyMonitor, sources, directories, authenticate, isClosing: () => phase() !== 'open' },
    metrics: { render: metrics.render, access: toMetricsAccess(config) },
    console,
    server: limits.slowClients,
    trustedProxies: limits.trustedProxies,
    isDraining: () => phase() === 'draining',
  })
}

/** null: metrics have no port of their own. Throws ConfigError for one that cannot be used. */
async function serveOwnMetrics({ config, metrics }: Infrastructure, host: string) {
  const { port } = config.observability.metrics
  if (port === undefined) return null
  try {
    return await serveMetrics(metrics.render, { host: host.replace(/^\[|\]$/g, ''), port })
  } catch (error) {
    throw new ConfigError([(error as Error).message])
  }
}

/** With sign-in, metrics need a token of their own or a port of their own. */
function toMetricsAccess({ auth, observability: { metrics } }: GatewayConfig): HttpAppDeps['metrics']['access'] {
  if (metrics.port !== undefined) return 'elsewhere'
  return auth.mode === 'none' ? 'open' : { token: metrics.token ?? null }
}

/** Deliveries, retention, gauges, sinks and the poller. */
async function startBackgroundJobs(infrastructure: Infrastructure, data: DataSources): Promise<void> {
  const { config, store, budgets, onShutdown } = infrastructure
  const { jobs, deliveryService, changes } = data
  await jobs.start()
  await deliveryService.start()
  const removeOld: HousekeepingDeps['remove'] = (table, before) =>
    table === 'deliveries' ? store.deliveries.removeDone(before) : store.prune(table, before)
  const intervalMsOf = (key: string) =>
    Math.max(config.live.pollIntervalsMs[key] ?? config.live.pollIntervalMs, budgets.find(key)?.pollIntervalMs() ?? 0)
  const poller = createPoller({
    ...{ ...infrastructure, sources: data.uncachedSources, changes, intervalMsOf },
    checkpoints: store.events,
  })
  const measure = [store.measure, deliveryService.measure, infrastructure.oauth.maintain, poller.measure]
  const housekeeping = { jobs, config: config.retention, remove: removeOld, measure, vacuum: store.vacuum }
  onShutdown('housekeeping', await startHousekeeping({ ...infrastructure, ...housekeeping }))
  const sinks = startFileSinks(config.sinks.map(toFileSink), { ...infrastructure, changes, checkpoints: store.events })
  onShutdown('sinks', sinks.stop)
  poller.start()
  onShutdown('poller', poller.stop)
}

function toFileSink({ type, name, file }: GatewayConfig['sinks'][number]): FileSink {
  const format = findPlugin(type)?.ticketFormat
  if (!format) throw new Error(`No plugin writes the format ${type}.`)
  return { name, file, toLine: ({ kind, ticket }) => format.toLine(ticket, kind === 'CREATED' ? 'CREATED' : 'UPDATED') }
}
