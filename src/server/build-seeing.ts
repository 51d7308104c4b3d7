import type { GatewayConfig } from '../config/gateway-config.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../domain/clock.ts'
import { type AuditLog, type FailureLog, type Logger, noTracer, type Tracer } from '../domain/telemetry.ts'
import { createAuditLog } from '../observability/audit-log.ts'
import type { TracingConfig } from '../observability/config.ts'
import { createFailureLog } from '../observability/failure-log.ts'
import { createLogger, type LoggerOptions } from '../observability/logger.ts'
import { createMetrics, type PrometheusMetrics } from '../observability/metrics.ts'
import type { TicketSource } from '../sources/source.ts'

export interface SeeingParts {
  readonly logger: Logger
  readonly failures: FailureLog
  readonly metrics: PrometheusMetrics
  readonly tracer: Tracer
  /** Puts a span around each operation of a source; returns the source itself while tracing is off. */
  readonly traceSource: (source: TicketSource) => TicketSource
  readonly audit: AuditLog
  close(): Promise<void>
}

/** Logs, metrics, traces and the audit log. */
export async function buildSeeing(
  config: GatewayConfig['observability'],
  settings: Settings,
  clock: Clock,
  stream?: LoggerOptions['stream'],
): Promise<SeeingParts> {
  const tracing = config.tracing ? await startTracing(config.tracing) : null
  const logger = createLogger({ level: settings.logLevel ?? config.logLevel ?? 'info', stream })
  return {
    logger,
    failures: createFailureLog(logger),
    metrics: createMetrics(),
    tracer: tracing?.tracer ?? noTracer,
    traceSource: tracing?.traceSource ?? ((source) => source),
    audit: createAuditLog({ file: config.audit.file, clock }),
    close: async () => tracing?.tracer.close(),
  }
}

/** Imports OpenTelemetry only when it is needed: it takes longer to load than the rest of the gateway. */
async function startTracing(config: TracingConfig) {
  const { createTracer, traceSource } = await import('../observability/tracer.ts')
  const tracer = createTracer(config)
  return { tracer, traceSource: (source: TicketSource) => traceSource(source, tracer) }
}
