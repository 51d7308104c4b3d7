import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { counters, gauges, histograms, type Metrics } from '../domain/telemetry.ts'
import { bucketsOf, helpOf, labelsOf } from './metric-text.ts'

export interface PrometheusMetrics extends Metrics {
  /** Everything in Prometheus' text form, with the process's own: memory, CPU, event-loop lag, collections. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
}

const prefix = 'deskgraph_'

/** Keeps the metrics of `src/domain/telemetry.ts` for Prometheus. Each call has a registry of its own: tests do not meet. */
export function createMetrics(): PrometheusMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix })
  const registers = [registry]
  const made = <Kind>(table: Readonly<Record<string, string>>, make: (name: string, text: string) => Kind): Map<string, Kind> =>
    new Map(Object.entries(table).map(([name, text]) => [name, make(name, text)]))
  const counted = made(
    counters,
    (name, text) => new Counter({ name: prefix + name, help: helpOf(text), labelNames: labelsOf(text), registers }),
  )
  const observed = made(
    histograms,
    (name, text) =>
      new Histogram({ name: prefix + name, help: helpOf(text), labelNames: labelsOf(text), buckets: bucketsOf(name), registers }),
  )
  const set = made(
    gauges,
    (name, text) => new Gauge({ name: prefix + name, help: helpOf(text), labelNames: labelsOf(text), registers }),
  )

  return {
    count: (name, labels, by = 1) => counted.get(name)?.inc(labels ?? {}, by),
    observe: (name, value, labels) => observed.get(name)?.observe(labels ?? {}, value),
    set: (name, value, labels) => set.get(name)?.set(labels ?? {}, value),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
