import type { Registry } from 'prom-client'

type Labels = Readonly<Record<string, string>>

interface Observed {
  readonly labels: Labels
  /** By the bucket in which a value fell; the last one is for those above every bound. */
  readonly counts: number[]
  sum: number
}

export interface HistogramOptions {
  readonly name: string
  readonly help: string
  /** The upper bounds, each of them inclusive. Ascending. */
  readonly buckets: readonly number[]
  readonly labelNames: readonly string[]
}

export interface Histogram {
  observe(value: number, labels: Labels): void
}

/**
 * A histogram in a registry of prom-client, as its own but for what one observation costs: that makes a key of the labels each
 * time, and a request observes three times. Nearly all who observe bring the same few label objects.
 */
export function createHistogram({ name, help, buckets, labelNames }: HistogramOptions, registry: Registry): Histogram {
  const byObject = new WeakMap<Labels, Observed>()
  const byText = new Map<string, Observed>()

  function find(labels: Labels): Observed {
    const key = JSON.stringify(Object.entries(labels).sort())
    const observed = byText.get(key) ?? { labels: { ...labels }, counts: new Array(buckets.length + 1).fill(0), sum: 0 }
    byText.set(key, observed)
    byObject.set(labels, observed)
    return observed
  }

  const get = async () => ({
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: Array.from(byText.values(), (observed) => toSeries(name, buckets, observed)).flat(),
  })
  // The type asks for one of prom-client's classes; the registry itself for a name and `get`.
  registry.registerMetric({ name, get } as never)
  if (labelNames.length === 0) find({})
  return {
    observe(value, labels) {
      const observed = byObject.get(labels) ?? find(labels)
      let bucket = 0
      while (bucket < buckets.length && value > buckets[bucket]!) bucket += 1
      observed.counts[bucket]! += 1
      observed.sum += value
    },
  }
}

/** Buckets hold all values up to their bound, also those of the buckets before: as Prometheus reads them. */
function toSeries(name: string, buckets: readonly number[], { labels, counts, sum }: Observed) {
  let count = 0
  const upTo = counts.map((inBucket, index) => {
    count += inBucket
    return { metricName: `${name}_bucket`, labels: { le: buckets[index] ?? '+Inf', ...labels }, value: count }
  })
  return [...upTo, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }]
}
