import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { counters, gauges, histograms, type Metrics } from '../domain/telemetry.ts'
import { createHistogram } from '../performance/histogram.ts'
import { bucketsOf, helpOf, labelsOf } from './metric-text.ts'

export interface PrometheusMetrics extends Metrics {
  /** Everything in Prometheus' text form, with the process's own: memory, CPU, event-loop lag, collections. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>
}

const prefix = 'deskgraph_'

/** Keeps the metrics of `src/domain/telemetry.ts` for Prometheus. Each call has a registry of its own: tests do not meet. */
export function createMetrics(): PrometheusMetrics {
  const registry = new Registry()
  collectFromProcess(registry)
  const registers = [registry]
  const made = <Kind>(table: Readonly<Record<string, string>>, make: (name: string, text: string) => Kind): Map<string, Kind> =>
    new Map(Object.entries(table).map(([name, text]) => [name, make(name, text)]))
  const counted = made(
    counters,
    (name, text) => new Counter({ name: prefix + name, help: helpOf(text), labelNames: labelsOf(text), registers }),
  )
  const observed = made(histograms, (name, text) =>
    createHistogram({ name: prefix + name, help: helpOf(text), buckets: bucketsOf(name), labelNames: labelsOf(text) }, registry),
  )
  const set = made(
    gauges,
    (name, text) => new Gauge({ name: prefix + name, help: helpOf(text), labelNames: labelsOf(text), registers }),
  )

  const tallies = new Map([...counted].map(([name, counter]) => [name, new Tally((labels, by) => counter.inc(labels, by))]))

  return {
    count: (name, labels = noLabels, by = 1) => tallies.get(name)?.add(labels, by),
    observe: (name, value, labels) => observed.get(name)?.observe(value, labels ?? noLabels),
    set: (name, value, labels) => set.get(name)?.set(labels ?? {}, value),
    async render() {
      for (const tally of tallies.values()) tally.flush()
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

/**
 * prom-client's defaults but for the event loop's lag: it would wake a process at rest a hundred times a second, and calls the
 * time between two wakes a lag. Ours is `event_loop_lag_seconds`.
 */
function collectFromProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix, eventLoopMonitoringPrecision: 3_600_000 })
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith(`${prefix}nodejs_eventloop_lag`)) registry.removeSingleMetric(name)
  }
}

type Labels = Readonly<Record<string, string>>
const noLabels: Labels = {}

/**
 * Counts by the label object itself and hands the sums on when somebody reads: making a key of labels each time costs more
 * than what is counted, and nearly all who count bring the same few objects.
 */
class Tally {
  #sums = new Map<Labels, number>()
  readonly #hand: (labels: Labels, by: number) => void

  constructor(hand: (labels: Labels, by: number) => void) {
    this.#hand = hand
  }

  add(labels: Labels, by: number): void {
    this.#sums.set(labels, (this.#sums.get(labels) ?? 0) + by)
    if (this.#sums.size > mostWaiting) this.flush()
  }

  flush(): void {
    const sums = this.#sums
    // A new one: the table of a map that is cleared keeps what the map holds next, once it is old itself.
    this.#sums = new Map()
    for (const [labels, by] of sums) this.#hand(labels, by)
  }
}

/** Labels that were made anew each time are not held for long. */
const mostWaiting = 100
