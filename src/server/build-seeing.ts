import type { GatewayConfig } from '../config/gateway-config.ts'
import type { Settings } from '../config/settings.ts'
import type { Clock } from '../domain/clock.ts'
import { type AuditLog, type Logger, noTracer, type Tracer } from '../domain/telemetry.ts'
import { createAuditLog } from '../observability/audit-log.ts'
import type { TracingConfig } from '../observability/config.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics, type PrometheusMetrics } from '../observability/metrics.ts'

export interface SeeingParts {
  readonly logger: Logger
  readonly metrics: PrometheusMetrics
  readonly tracer: Tracer
  readonly audit: AuditLog
  close(): Promise<void>
}

/** Logs, metrics, traces and the audit log. */
export async function buildSeeing(
  config: GatewayConfig['observability'],
  settings: Settings,
  clock: Clock,
): Promise<SeeingParts> {
  const tracer = config.tracing ? await loadTracer(config.tracing) : null
  return {
    logger: createLogger({ level: settings.logLevel ?? config.logLevel ?? 'info' }),
    metrics: createMetrics(),
    tracer: tracer ?? noTracer,
    audit: createAuditLog({ file: config.audit.file, clock }),
    close: async () => tracer?.close(),
  }
}

/** Loaded only where it is wanted: its libraries take longer to load than everything else together. */
async function loadTracer(config: TracingConfig) {
  const { createTracer } = await import('../observability/tracer.ts')
  return createTracer(config)
}
