import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { errorCodes } from '../domain/errors.ts'
import { type CounterName, counters, gauges, histograms, type MetricDescription, type Metrics } from '../domain/telemetry.ts'
import type { SourceInfo } from '../sources/source.ts'

export interface PrometheusMetrics extends Metrics {
  /** Renders all metrics in Prometheus' text format, with those of the process: memory, CPU, garbage collection. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
}

const prefix = 'deskgraph_'
const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const callsBuckets = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]

/** Creates the metrics of `src/domain/telemetry.ts` in a registry of their own, so that two gateways in one process stay apart. */
export function createMetrics(): PrometheusMetrics {
  const registry = new Registry()
  collectProcessMetrics(registry)
  const toOptions = (name: string, { help, labels }: MetricDescription) => ({
    name: prefix + name,
    help,
    labelNames: [...labels],
    registers: [registry],
  })
  const counterOf = mapValues(counters, (name, description) => new Counter(toOptions(name, description)))
  startAtZero(counterOf)
  const gaugeOf = mapValues(gauges, (name, description) => new Gauge(toOptions(name, description)))
  gaugeOf.build_info.set({ version: readVersion(), node: process.versions.node }, 1)
  const histogramOf = mapValues(
    histograms,
    (name, description) => new Histogram({ ...toOptions(name, description), buckets: toBuckets(name) }),
  )
  return {
    count: (name, labels, by = 1) => counterOf[name].inc(labels ?? {}, by),
    observe: (name, value, labels) => histogramOf[name].observe(labels ?? {}, value),
    set: (name, value, labels) => gaugeOf[name].set(labels ?? {}, value),
    async render() {
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

/** The version in the package's file, which is above this module in the sources and in the build. */
function readVersion(): string {
  const file = findPackageJSON(import.meta.url)
  if (file === undefined) return 'unknown'
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: string }
  return version ?? 'unknown'
}

/** Sets the counters of a source to 0, for each outcome that an alarm or the dashboard asks for. */
export function startSourcesAtZero(metrics: Metrics, sources: readonly Pick<SourceInfo, 'key' | 'mode'>[]): void {
  for (const { key: source, mode } of sources) {
    for (const name of ['journal_failures_total', 'dropped_records_total', 'order_contradictions_total'] as const)
      metrics.count(name, { source }, 0)
    if (mode === 'PULL') {
      metrics.count('upstream_retries_total', { source }, 0)
      for (const outcome of ['ok', 'failed']) metrics.count('polls_total', { source, outcome }, 0)
    } else {
      for (const outcome of ['unauthorised', 'quarantined']) metrics.count('webhook_events_total', { source, outcome }, 0)
    }
  }
}

/** A counter that begins with its first event has no increase for it. These labels are known before. */
function startAtZero(counterOf: Readonly<Record<CounterName, Counter>>): void {
  for (const code of Object.keys(errorCodes)) counterOf.graphql_errors_total.inc({ code }, 0)
  for (const type of ['query', 'mutation', 'subscription']) {
    for (const outcome of ['ok', 'partial', 'failed']) counterOf.graphql_operations_total.inc({ type, outcome }, 0)
  }
  for (const by of ['viewer', 'address']) counterOf.rate_limited_total.inc({ by }, 0)
  for (const cause of ['event_loop', 'heap']) counterOf.overload_shed_total.inc({ cause }, 0)
  for (const code of [
    'UNAUTHENTICATED',
    'FORBIDDEN',
    'RATE_LIMITED',
    'OVERLOADED',
    'AUTH_UNAVAILABLE',
    'STORAGE_UNAVAILABLE',
  ] as const) {
    const status = String(errorCodes[code].status)
    counterOf.http_requests_total.inc({ route: '/graphql', status, code }, 0)
    counterOf.http_requests_total.inc({ route: '/webhooks', status, code }, 0)
  }
}

function toBuckets(name: string): number[] {
  return name.endsWith('_seconds') ? secondsBuckets : callsBuckets
}

function mapValues<Name extends string, Value, Result>(
  table: Readonly<Record<Name, Value>>,
  toResult: (name: Name, value: Value) => Result,
): Record<Name, Result> {
  const names = Object.keys(table) as Name[]
  return Object.fromEntries(names.map((name) => [name, toResult(name, table[name])])) as Record<Name, Result>
}

/**
 * Adds prom-client's default metrics without the event-loop lag: its timer would run a hundred times a second in an idle process,
 * and it reports the time between two runs. The gateway's own is `event_loop_lag_seconds`.
 */
function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix, eventLoopMonitoringPrecision: 3_600_000 })
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith(`${prefix}nodejs_eventloop_lag`)) registry.removeSingleMetric(name)
  }
}
